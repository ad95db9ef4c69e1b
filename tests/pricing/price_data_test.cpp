// Against real data, when there is some: RESPAND_PRICE_DATA names a directory that holds LiteLLM's
// model_prices_and_context_window.json and cost_cases.json (usage + prices → expected cost). Without the
// variable these tests do not exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pricing/sum.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using nlohmann::json;
using test::cost;
using test::facts_of;
using test::found;

/// One place of data, or none.
std::vector<std::string> data_directories() {
    const char* directory = std::getenv("RESPAND_PRICE_DATA");
    return directory == nullptr || *directory == '\0' ? std::vector<std::string>{}
                                                      : std::vector<std::string>{directory};
}

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
INSTANTIATE_TEST_SUITE_P(Given, PriceData, testing::ValuesIn(data_directories()),
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

TEST_P(PriceData, a_price_is_found_and_added_up_in_well_under_a_millisecond) {
    // A generous bound that also holds in instrumented builds; the measured figure is in the README of the
    // room.
    const auto table = litellm();
    ASSERT_NE(table, nullptr);
    const RecordFacts facts =
        facts_of("replicate/meta/llama-3-70b-instruct", {.input_text = 18, .output_text = 502});
    const RecordFacts with_alias =
        facts_of("meta/meta-llama-3-70b-instruct", {.input_text = 18, .output_text = 502});
    constexpr int kRounds = 200'000;
    for (const RecordFacts* record : {&facts, &with_alias}) {
        const auto begin = std::chrono::steady_clock::now();
        int priced = 0;
        for (int i = 0; i < kRounds; ++i) priced += price(*record, *table, test::kArrival).cost ? 1 : 0;
        const std::chrono::nanoseconds taken = std::chrono::steady_clock::now() - begin;
        EXPECT_EQ(priced, kRounds);
        RecordProperty(std::string("ns_per_price_") + (record == &facts ? "exact" : "alias"),
                       std::to_string(taken.count() / kRounds));
        EXPECT_LT(taken / kRounds, std::chrono::microseconds(100));
    }
}

bool only_has(const json& object, std::initializer_list<std::string_view> names) {
    return std::ranges::all_of(object.items(),
                               [&](const auto& item) { return std::ranges::count(names, item.key()) == 1; });
}

/// Cases whose usage and prices are all of the kinds that this test reads.
bool is_of_token_buckets(const json& one) {
    if (one["expected_cost"].is_null() || one.value("prices_per_unit", json::object()).empty()) return false;
    if (std::ranges::any_of(one["prices_per_unit"], [](const json& price) { return !price.is_string(); }))
        return false;
    if (!std::ranges::all_of(one["usage"], [](const json& count) { return count.is_number_unsigned(); }))
        return false;
    return only_has(one["usage"],
                    {"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
                     "cache_write_5m_tokens", "cache_write_1h_tokens", "output_reasoning_tokens"}) &&
           only_has(one["prices_per_unit"],
                    {"input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok",
                     "cache_write_1h_mtok", "output_reasoning_mtok", "web_searches_kcount"});
}

TokenUsage buckets_of(const json& usage) {
    const auto count = [&usage](const char* name) { return usage.value(name, std::uint64_t{0}); };
    TokenUsage buckets;
    buckets.cache_read = count("cache_read_tokens");
    buckets.cache_write_1h = count("cache_write_1h_tokens");
    buckets.cache_write_5m = count("cache_write_tokens") - buckets.cache_write_1h;
    buckets.input_text = count("input_tokens") - buckets.cache_read - count("cache_write_tokens");
    buckets.reasoning = count("output_reasoning_tokens");
    buckets.output_text = count("output_tokens") - buckets.reasoning;
    return buckets;
}

TEST_P(PriceData, cases_of_token_buckets_cost_what_they_should_to_the_last_digit) {
    const json cases = json::parse(std::ifstream(GetParam() + "/cost_cases.json"));
    int checked = 0;
    for (const json& one : cases["cases"]) {
        if (!is_of_token_buckets(one)) continue;
        const json& given = one["prices_per_unit"];
        PricePeriod prices;
        for (const auto& [name, meter] : std::initializer_list<std::pair<const char*, Meter>>{
                 {"input_mtok", Meter::input},
                 {"output_mtok", Meter::output},
                 {"cache_read_mtok", Meter::cache_read},
                 {"cache_write_mtok", Meter::cache_write},
                 {"cache_write_1h_mtok", Meter::cache_write_1h},
                 {"output_reasoning_mtok", Meter::reasoning}}) {
            if (given.contains(name)) {
                prices.base().set(meter, *Money::parse(given[name].get<std::string>(), -6));
            }
        }
        const TokenUsage usage = buckets_of(one["usage"]);
        const RateStack rates(prices, ServiceTier::standard, usage.input_total(), nullptr);
        const auto sum = sum_usage(usage, {}, rates, nullptr);
        ASSERT_TRUE(sum) << one["id"];
        EXPECT_EQ(sum->total, Money::parse(one["expected_cost"].get<std::string>()))
            << one["id"] << ": " << sum->total.exact_text() << " against " << one["expected_cost"];
        ++checked;
    }
    EXPECT_GT(checked, 400);
}

}  // namespace
}  // namespace respand::pricing
