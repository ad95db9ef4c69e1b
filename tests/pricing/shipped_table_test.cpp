// conf/pricing.json, the table that comes with respand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::cost;
using test::facts_of;
using test::found;

class ShippedTable : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        std::vector<LoadWarning> warnings;
        auto table = PriceTable::load({RESPAND_SOURCE_DIR "/conf/pricing.json", ""}, &warnings);
        ASSERT_TRUE(table) << table.error().message;
        for (const LoadWarning& warning : warnings) ADD_FAILURE() << warning.key << ": " << warning.message;
        table_ = *table;
    }
    static void TearDownTestSuite() { table_.reset(); }
    static inline std::shared_ptr<const PriceTable> table_;
};

TEST_F(ShippedTable, is_dated_and_wide_enough) {
    EXPECT_GE(table_->size(), 100U);
    EXPECT_THAT(table_->version(), testing::MatchesRegex("20..-..-.."));
}

TEST_F(ShippedTable, gives_the_vendors_figure_under_every_name_of_the_model) {
    for (
        const char* model :
        {"replicate/meta/llama-3-70b-instruct", "meta/meta-llama-3-70b-instruct", "meta/llama-3-70b-instruct",
         "meta/meta-llama-3-70b-instruct:fbfb20b472b2f3bdd101412a9f70a0ed4fc0ced78a77ff00970ee7a2383c575d"}) {
        EXPECT_EQ(cost(*table_, facts_of(model, {.input_text = 18, .output_text = 502})), "0.0013922")
            << model;
    }
}

TEST_F(ShippedTable, knows_the_models_of_the_examples) {
    EXPECT_EQ(found(*table_, "openai/gpt-5.5"), "gpt-5.5 (without_provider)");
    EXPECT_EQ(found(*table_, "anthropic/claude-sonnet-4-5"), "claude-sonnet-4-5 (without_provider)");
    EXPECT_EQ(found(*table_, "claude-sonnet-4-5-20250929"), "claude-sonnet-4-5 (without_date)");
    EXPECT_EQ(found(*table_, "meta/meta-llama-3-8b-instruct"), "replicate/meta/llama-3-8b-instruct (alias)");
    EXPECT_EQ(found(*table_, "meta/llama-2-70b-chat"), "replicate/meta/llama-2-70b-chat (alias)");
    EXPECT_EQ(found(*table_, "google/gemini-2.5-pro"), "gemini/gemini-2.5-pro (alias)");
    EXPECT_EQ(found(*table_, "gemini-2.5-pro"), "gemini/gemini-2.5-pro (alias)");
    EXPECT_EQ(found(*table_, "anthropic/claude-4.5-sonnet"), "replicate/anthropic/claude-4.5-sonnet (alias)");
    EXPECT_EQ(found(*table_, "openai/gpt-4o"), "gpt-4o (without_provider)")
        << "OpenAI's own, unless Replicate is named";
    EXPECT_EQ(found(*table_, "openai/gpt-4o", "replicate"), "replicate/openai/gpt-4o (with_provider)");
    EXPECT_EQ(found(*table_, "acme/mystery-1"), "none");
}

TEST_F(ShippedTable, prices_a_cached_call) {
    EXPECT_EQ(cost(*table_, facts_of("anthropic/claude-sonnet-4-5", {.input_text = 100,
                                                                     .cache_read = 1'000,
                                                                     .cache_write_5m = 200,
                                                                     .cache_write_1h = 300,
                                                                     .output_text = 50})),
              "0.0039");
}

}  // namespace
}  // namespace respand::pricing
