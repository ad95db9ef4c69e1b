// Against real data, when there is some: RESPAND_PRICE_DATA names a directory that holds LiteLLM's
// model_prices_and_context_window.json and cost_cases.json (usage + prices → expected cost). Without the
// variable these tests do not exist.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "cost_cases.hpp"
#include "pricing/litellm_keys.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using nlohmann::json;
using test::cost;
using test::facts_of;
using test::found;

class PriceData : public testing::TestWithParam<std::string> {
  protected:
    std::shared_ptr<const PriceTable> litellm() {
        auto table = PriceTable::load({GetParam() + "/model_prices_and_context_window.json", ""}, &warnings_);
        EXPECT_TRUE(table) << (table ? "" : table.error().message);
        return table ? *table : nullptr;
    }
    std::vector<LoadWarning> warnings_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PriceData);
INSTANTIATE_TEST_SUITE_P(Given, PriceData, testing::ValuesIn(test::data_directories()),
                         [](const auto&) { return std::string("directory"); });

TEST_P(PriceData, litellms_table_loads_as_it_is_without_a_complaint) {
    const auto table = litellm();
    ASSERT_NE(table, nullptr);
    for (const LoadWarning& warning : warnings_) ADD_FAILURE() << warning.key << ": " << warning.message;
    EXPECT_GT(table->size(), 2'900U);
    EXPECT_EQ(
        cost(*table, facts_of("meta/meta-llama-3-70b-instruct", {.input_text = 18, .output_text = 502})),
        "0.0013922");
    EXPECT_EQ(found(*table, "openai/gpt-5.5"), "gpt-5.5 (without_provider)");
    EXPECT_EQ(found(*table, "anthropic/claude-sonnet-4-5"), "claude-sonnet-4-5 (without_provider)");
    EXPECT_EQ(found(*table, "replicate/openai/gpt-oss-20b"), "replicateopenai/gpt-oss-20b (alias)");
}

TEST_P(PriceData, every_key_of_litellms_table_finds_a_price_that_its_own_text_states) {
    const auto table = litellm();
    ASSERT_NE(table, nullptr);
    const json file = json::parse(std::ifstream(GetParam() + "/model_prices_and_context_window.json"));
    for (const auto& [key, entry] : file.items()) {
        if (key == "sample_spec" || key == "fallback_generalizations") continue;
        const auto match = table->find(key, "");
        ASSERT_TRUE(match) << key;
        EXPECT_EQ(match->rule, MatchRule::exact) << key;
        const Money* input = match->entry->periods.front().base().find(Meter::input);
        if (input != nullptr && entry.contains("input_cost_per_token") &&
            entry["input_cost_per_token"].is_number()) {
            EXPECT_NEAR(std::stod(input->exact_text()), entry["input_cost_per_token"].get<double>(), 1e-18)
                << key;
        }
    }
}

TEST_P(PriceData, every_price_of_litellms_file_is_read_or_left_out_on_purpose) {
    const json file = json::parse(std::ifstream(GetParam() + "/model_prices_and_context_window.json"));
    std::set<std::string> seen;
    for (const auto& [model, entry] : file.items())
        for (const auto& [key, unused] : entry.items())
            if (is_litellm_price_key(key) && seen.insert(key).second) {
                EXPECT_TRUE(litellm_key(key)) << key << " of " << model;
            }
    EXPECT_GT(seen.size(), 80U);
}

}  // namespace
}  // namespace respand::pricing
