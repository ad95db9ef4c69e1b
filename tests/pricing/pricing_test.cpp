// What a record costs, and when that is not known.
#include "pricing/pricing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "pricing/explain.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::cost;
using test::facts_of;
using test::kArrival;
using testing::HasSubstr;

class Pricing : public testing::Test {
  protected:
    const std::shared_ptr<const PriceTable> table_ = test::table_of(test::own(R"(
        "all": {"input_per_million": 1, "output_per_million": 10, "cache_read_per_million": 0.1, "cache_write_per_million": 1.25,
                "cache_write_1h_per_million": 2, "input_audio_per_million": 3, "input_image_per_million": 4,
                "output_audio_per_million": 20, "reasoning_per_million": 30},
        "plain": {"input_per_million": 1, "output_per_million": 10},
        "write": {"input_per_million": 1, "cache_write_per_million": 1.25},
        "free": {"input_per_million": 0, "output_per_million": 0, "cache_read_per_million": 0},
        "output-only": {"output_per_million": 10},
        "dear": {"input_per_million": 1e18},
        "replicate/meta/llama-3-70b-instruct": {"input_per_million": "0.65", "output_per_million": "2.75"}
    )"));
    static constexpr TokenUsage kEverything{.input_text = 1,
                                            .cache_read = 1,
                                            .cache_write_5m = 1,
                                            .cache_write_1h = 1,
                                            .input_audio = 1,
                                            .input_image = 1,
                                            .output_text = 1,
                                            .reasoning = 1,
                                            .output_audio = 1};
};

TEST_F(Pricing, gives_the_vendors_figure) {
    EXPECT_EQ(cost(*table_,
                   facts_of("replicate/meta/llama-3-70b-instruct", {.input_text = 18, .output_text = 502})),
              "0.0013922");
}

TEST_F(Pricing, bills_each_bucket_once_at_its_own_price) {
    EXPECT_EQ(cost(*table_, facts_of("all", kEverything)), "0.00007135");
}

TEST_F(Pricing, bills_a_bucket_without_a_price_at_its_parents_never_at_nothing) {
    EXPECT_EQ(cost(*table_, facts_of("plain", kEverything)), "0.000036");
    EXPECT_EQ(cost(*table_, facts_of("write", {.cache_write_1h = 1})), "0.00000125");
}

TEST_F(Pricing, takes_a_price_that_is_written_as_0_for_0) {
    EXPECT_EQ(cost(*table_, facts_of("free", kEverything)), "0");
}

TEST_F(Pricing, is_unknown_when_a_bucket_has_neither_price_nor_parent) {
    EXPECT_EQ(cost(*table_, facts_of("output-only", {.output_text = 1})), "0.00001");
    EXPECT_EQ(cost(*table_, facts_of("output-only", {.input_text = 1, .output_text = 1})), "no_rate");
    EXPECT_EQ(cost(*table_, facts_of("output-only", {.cache_write_1h = 1})), "no_rate");
    EXPECT_EQ(cost(*table_, facts_of("write", {.reasoning = 1})), "no_rate");
}

TEST_F(Pricing, is_unknown_for_a_reason_never_zero) {
    RecordFacts facts = facts_of("plain", {.input_text = 1});
    facts.usage_state = UsageState::absent;
    EXPECT_EQ(cost(*table_, facts), "no_usage");
    facts.usage_state = UsageState::inconsistent;
    EXPECT_EQ(cost(*table_, facts), "inconsistent_usage");
    facts.usage_state = UsageState::not_terminal;
    EXPECT_EQ(cost(*table_, facts), "not_terminal");
    facts.usage_state = UsageState::present;
    facts.model = "mystery";
    EXPECT_EQ(cost(*table_, facts), "unknown_model");
    const Priced priced = price(facts, *table_, kArrival);
    EXPECT_EQ(priced.source, CostSource::none);
    EXPECT_FALSE(priced.cost);
    EXPECT_EQ(priced.entry, nullptr);
}

TEST_F(Pricing, keeps_the_apps_own_cost_above_all) {
    RecordFacts facts = facts_of("plain", {.input_text = 1});
    facts.has_cost = true;
    facts.provider_cost = "0.5";
    const Priced priced = price(facts, *table_, kArrival);
    EXPECT_EQ(priced.source, CostSource::app);
    EXPECT_FALSE(priced.cost);
    facts.model = "mystery";
    facts.usage_state = UsageState::absent;
    EXPECT_EQ(price(facts, *table_, kArrival).source, CostSource::app);
}

TEST_F(Pricing, takes_the_providers_word_before_the_table) {
    RecordFacts facts = facts_of("plain", {.input_text = 1});
    facts.provider_cost = "1.25e-3";
    EXPECT_EQ(price(facts, *table_, kArrival).source, CostSource::provider);
    EXPECT_EQ(cost(*table_, facts), "0.00125");
    facts.provider_cost = "0";
    EXPECT_EQ(cost(*table_, facts), "0");
    for (const char* unreadable : {"-1", "much", "NaN", "1e-30", "1e99"}) {
        facts.provider_cost = unreadable;
        EXPECT_EQ(cost(*table_, facts), "0.000001") << unreadable;
        EXPECT_EQ(price(facts, *table_, kArrival).source, CostSource::table);
    }
}

TEST_F(Pricing, says_which_entry_and_rule_a_price_came_from) {
    const Priced priced =
        price(facts_of("replicate/meta/llama-3-70b-instruct:abc", {.input_text = 1}), *table_, kArrival);
    EXPECT_EQ(priced.source, CostSource::table);
    ASSERT_NE(priced.entry, nullptr);
    EXPECT_EQ(priced.entry->key, "replicate/meta/llama-3-70b-instruct");
    EXPECT_EQ(priced.rule, MatchRule::replicate_name);
}

TEST_F(Pricing, never_believes_counts_or_sums_out_of_range) {
    EXPECT_EQ(cost(*table_, facts_of("plain", {.input_text = kMaxCount})), "9007199254.740992");
    EXPECT_EQ(cost(*table_, facts_of("plain", {.input_text = kMaxCount + 1})), "inconsistent_usage");
    EXPECT_EQ(cost(*table_, facts_of("free", {.output_audio = std::numeric_limits<std::uint64_t>::max()})),
              "inconsistent_usage");
    EXPECT_EQ(cost(*table_, facts_of("dear", {.input_text = 171})), "inconsistent_usage");
    EXPECT_EQ(cost(*table_, facts_of("dear", {.input_text = 100, .cache_read = 100})), "inconsistent_usage");
}

TEST_F(Pricing, has_a_name_for_everything_that_is_counted) {
    EXPECT_EQ(name(UnknownReason::unknown_model), "unknown_model");
    EXPECT_EQ(name(UnknownReason::not_terminal), "not_terminal");
    for (std::size_t i = 0; i < kUnknownReasons; ++i) {
        EXPECT_NE(name(static_cast<UnknownReason>(i)), "unknown");
        EXPECT_NE(describe(static_cast<UnknownReason>(i)), "");
    }
    EXPECT_EQ(name(CostSource::app), "app");
}

class Explaining : public Pricing {};

TEST_F(Explaining, adds_up_to_what_pricing_decided) {
    std::vector<RecordFacts> records;
    for (const char* model : {"all", "plain", "write", "free", "output-only", "dear", "mystery"}) {
        records.push_back(facts_of(model, kEverything));
        records.push_back(facts_of(model, {.input_text = 1}));
        records.push_back(facts_of(model, {}));
        records.push_back(facts_of(model, {.input_text = 1}));
        records.back().usage_state = UsageState::not_terminal;
        records.push_back(facts_of(model, {.input_text = 1}));
        records.back().provider_cost = "0.25";
        records.push_back(facts_of(model, {.input_text = 1}));
        records.back().has_cost = true;
    }
    for (const RecordFacts& facts : records) {
        const Priced priced = price(facts, *table_, kArrival);
        const Explanation explanation = explain(facts, *table_, kArrival);
        EXPECT_EQ(explanation.source, priced.source);
        EXPECT_EQ(explanation.cost, priced.cost);
        if (priced.source == CostSource::none) {
            EXPECT_EQ(explanation.reason, priced.reason);
        }
        if (priced.source != CostSource::table) continue;
        Money total;
        for (const SumLine& line : explanation.lines) {
            EXPECT_EQ(line.unit_price.times(line.count), line.amount);
            total = *total.plus(line.amount);
        }
        EXPECT_EQ(total, priced.cost);
    }
}

TEST_F(Explaining, shows_the_sum_line_by_line_and_where_it_came_from) {
    const std::string text = render(explain(facts_of("replicate/meta/llama-3-70b-instruct",
                                                     {.input_text = 18, .cache_read = 2, .output_text = 502}),
                                            *table_, kArrival));
    EXPECT_EQ(
        text,
        "model     replicate/meta/llama-3-70b-instruct\n"
        "matched   replicate/meta/llama-3-70b-instruct (exact)\n"
        "from      test.json\n"
        "table     " +
            table_->id() +
            ", version 2026-10-31\n"
            "\n"
            "used         count        price in USD         USD\n"
            "input         18 tokens   0.65 per 1M tokens   0.0000117\n"
            "cache_read     2 tokens   0.65 per 1M tokens   0.0000013   (no price of its own: as input)\n"
            "output       502 tokens   2.75 per 1M tokens   0.0013805\n"
            "total                                          0.0013935\n"
            "\n"
            "cost      0.0013935 USD\n");
}

TEST_F(Explaining, says_why_a_cost_is_unknown_and_what_to_do) {
    const std::string text =
        render(explain(facts_of("output-only", {.input_text = 1}, "acme"), *table_, kArrival));
    EXPECT_THAT(text, HasSubstr("provider  acme\n"));
    EXPECT_THAT(text, HasSubstr("cost      unknown: no_rate (at input)\n"));
    EXPECT_THAT(text, HasSubstr("overlay"));
    EXPECT_THAT(render(explain(facts_of("mystery", {.input_text = 1}), *table_, kArrival)),
                HasSubstr("unknown_model"));
}

TEST_F(Explaining, says_that_an_unknown_name_is_known_at_another_provider) {
    const auto table =
        test::table_of(test::own(R"("gpt-x": {"provider": "openai", "input_per_million": 5})"));
    const auto told = [&](std::string_view model, std::string_view provider) {
        return explain(facts_of(model, {.input_text = 1}, provider), *table, kArrival);
    };
    for (const char* model : {"gpt-x", "openai/gpt-x", "gpt-x-2026-01-01"}) {
        const Explanation azure = told(model, "azure");
        EXPECT_EQ(azure.reason, UnknownReason::unknown_model) << model;
        for (const std::string& text : {render(azure), explanation_json(azure)}) {
            EXPECT_THAT(text, HasSubstr("whose price is not that of")) << model;
            EXPECT_THAT(text, HasSubstr(std::string("azure/") + model));
        }
    }
    EXPECT_THAT(
        render(told("gpt-x", "azure")),
        HasSubstr("\"gpt-x\" is in the table as a model of \"openai\", whose price is not that of "
                  "\"azure\": correct the record's provider, or add \"azure/gpt-x\" in an overlay.\n"));
    EXPECT_THAT(render(told("mystery", "azure")), HasSubstr("No model of that name is in the table"));
    EXPECT_THAT(render(told("mystery", "")), HasSubstr("No model of that name is in the table"));
}

TEST_F(Explaining, names_what_the_record_states_and_the_sum_leaves_out) {
    RecordFacts facts = facts_of("plain", {.input_text = 10});
    facts.units.searches = Quantity::of(3);
    const Explanation explanation = explain(facts, *table_, kArrival);
    EXPECT_EQ(explanation.cost->cost_text(), "0.00001");
    EXPECT_THAT(render(explanation),
                testing::ContainsRegex("search +3 searches +.not counted: the table has no price"));
}

TEST_F(Explaining, says_when_the_total_was_rounded) {
    RecordFacts facts = facts_of("plain", {});
    facts.provider_cost = "0.0000000000015";
    const std::string text = render(explain(facts, *table_, kArrival));
    EXPECT_THAT(
        text,
        HasSubstr(
            "cost      0.000000000002 USD (rounded half to even at 12 decimals), as the provider said"));
}

TEST_F(Explaining, says_up_to_which_size_prices_hold) {
    const auto table =
        test::table_of(test::own(R"("m": {"input_per_million": 1, "holds_up_to_input_tokens": 10})"));
    EXPECT_THAT(render(explain(facts_of("m", {.input_text = 11}), *table, kArrival)),
                HasSubstr("limit     the prices hold up to 10 input tokens"));
}

}  // namespace
}  // namespace respand::pricing
