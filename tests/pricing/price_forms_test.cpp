// Every form of price, from the text of a table to the cost of a record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rfc3339.hpp"
#include "pricing/explain.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::cost;
using test::facts_of;
using test::gap;
using test::kArrival;
using test::own;
using test::table_of;
using testing::HasSubstr;

RecordFacts units_of(std::string_view model, const UnitUsage& units) {
    RecordFacts facts = facts_of(model, {});
    facts.units = units;
    return facts;
}

Quantity seconds(std::uint64_t milliseconds) { return {milliseconds * 1'000'000}; }

class Units : public testing::Test {
  protected:
    const std::shared_ptr<const PriceTable> table_ = table_of(own(R"(
        "runner": {"run_per_second": "0.000225"},
        "painter": {"per_image": "0.04"},
        "reader": {"per_page": "0.001", "per_image_in": "0.002"},
        "speaker": {"characters_in_per_million": "15", "per_audio_second_out": "0.0001"},
        "listener": {"per_audio_second_in": "0.0001", "characters_out_per_million": "2"},
        "film": {"per_video_second_out": "0.5", "per_video_second_in": "0.1"},
        "asker": {"per_request": "0.005"},
        "finder": {"input_per_million": "1", "per_search": {"low": "0.005", "medium": "0.008", "high": "0.012"}},
        "seeker": {"input_per_million": "1", "per_search": "0.01", "per_request": "0.001"},
        "text": {"input_per_million": "1", "output_per_million": "2"},
        "fine": {"per_video_second_in": "0.000033333333333333333335"}
    )"));
};

TEST_F(Units, are_billed_each_by_its_own_price) {
    EXPECT_EQ(cost(*table_, units_of("runner", {.run_seconds = seconds(12'683)})), "0.002853675");
    EXPECT_EQ(cost(*table_, units_of("painter", {.images = Quantity::of(3)})), "0.12");
    EXPECT_EQ(cost(*table_, units_of("reader", {.images_in = Quantity::of(1), .pages = Quantity::of(7)})),
              "0.009");
    EXPECT_EQ(cost(*table_, units_of("speaker", {.characters_in = Quantity::of(2'000),
                                                 .audio_seconds_out = seconds(1'500)})),
              "0.03015");
    EXPECT_EQ(cost(*table_, units_of("listener", {.characters_out = Quantity::of(500),
                                                  .audio_seconds_in = seconds(60'000)})),
              "0.007");
    EXPECT_EQ(cost(*table_,
                   units_of("film", {.video_seconds_in = seconds(500), .video_seconds_out = seconds(5'000)})),
              "2.55");
}

TEST_F(Units, that_a_model_is_not_billed_by_cost_nothing_beside_those_that_it_is) {
    RecordFacts facts = facts_of("text", {.input_text = 10, .output_text = 10});
    facts.units.run_seconds = seconds(3'200);
    facts.units.searches = Quantity::of(3);
    EXPECT_EQ(cost(*table_, facts), "0.00003") << "a model that is sold by token";
    facts.model = "painter";
    facts.units.images = Quantity::of(1);
    EXPECT_EQ(cost(*table_, facts), "0.04") << "and one that is sold by image, whatever its tokens";
}

TEST_F(Units, are_unknown_when_nothing_of_what_is_billed_is_stated) {
    EXPECT_EQ(gap(*table_, units_of("text", {.run_seconds = seconds(3'200)})), RateGap::nothing_billed);
    EXPECT_EQ(gap(*table_, units_of("painter", {.run_seconds = seconds(3'200)})), RateGap::nothing_billed);
    EXPECT_EQ(gap(*table_, facts_of("painter", {.input_text = 5})), RateGap::nothing_billed);
    EXPECT_EQ(gap(*table_, units_of("painter", {})), RateGap::nothing_billed);
    EXPECT_EQ(gap(*table_, units_of("seeker", {.images = Quantity::of(1)})), RateGap::nothing_billed)
        << "a fee per request is not all that this model costs";
}

TEST_F(Units, of_nothing_cost_nothing_where_that_can_be_a_measure) {
    EXPECT_EQ(cost(*table_, facts_of("text", {})), "0");
    EXPECT_EQ(cost(*table_, units_of("runner", {})), "0");
}

TEST_F(Units, include_the_request_itself) {
    EXPECT_EQ(cost(*table_, facts_of("asker", {.input_text = 1'000})), "0.005");
    EXPECT_EQ(cost(*table_, facts_of("asker", {})), "0.005");
    EXPECT_EQ(cost(*table_, facts_of("seeker", {.input_text = 1'000})), "0.002");
}

TEST_F(Units, tell_searches_by_their_context) {
    RecordFacts facts = facts_of("finder", {.input_text = 1});
    facts.units.searches = Quantity::of(2);
    EXPECT_EQ(cost(*table_, facts), "0.016001") << "not stated: a medium one";
    facts.units.search_context = SearchContext::low;
    EXPECT_EQ(cost(*table_, facts), "0.010001");
    facts.units.search_context = SearchContext::high;
    EXPECT_EQ(cost(*table_, facts), "0.024001");
    facts.model = "seeker";
    EXPECT_EQ(cost(*table_, facts), "0.021001");
}

TEST_F(Units, of_prices_and_quantities_with_many_decimals_are_rounded_once_and_rightly) {
    // 0.000033333333333333333335 × 0.00000003 = 0.00000000000100000000000000000005: 32 decimals.
    EXPECT_EQ(cost(*table_, units_of("fine", {.video_seconds_in = {30}})), "0.000000000001");
    // × 0.000000015: just above the half of the last decimal, by less than a price can state.
    EXPECT_EQ(cost(*table_, units_of("fine", {.video_seconds_in = {15}})), "0.000000000001");
    const auto exactly_half =
        table_of(own(R"("m": {"run_per_second": "0.0005"}, "n": {"run_per_second": "0.0015"})"));
    EXPECT_EQ(cost(*exactly_half, units_of("m", {.run_seconds = {1}})), "0") << "half to even";
    EXPECT_EQ(cost(*exactly_half, units_of("n", {.run_seconds = {1}})), "0.000000000002");
}

class Tiers : public testing::Test {
  protected:
    static std::string of(std::string_view model, TokenUsage usage,
                          ServiceTier tier = ServiceTier::standard) {
        static const auto table = table_of(own(R"(
            "cliff": {"input_per_million": "1", "output_per_million": "2", "cache_read_per_million": "0.1",
                      "context_tiers": [{"above_input_tokens": 200000, "input_per_million": "2", "output_per_million": "4"}]},
            "xai/cliff": {"input_per_million": "1", "context_tiers": [{"from_input_tokens": 128000, "input_per_million": "2"}]},
            "steps": {"input_per_million": "1", "output_per_million": "1",
                      "context_tiers": [{"above_input_tokens": 256000, "output_per_million": "9"},
                                        {"above_input_tokens": 32000, "input_per_million": "3", "output_per_million": "3"}]},
            "served": {"input_per_million": "10", "output_per_million": "20",
                       "context_tiers": [{"above_input_tokens": 1000, "input_per_million": "15"}],
                       "flex": {"input_per_million": "5", "output_per_million": "10"},
                       "priority": {"input_per_million": "20", "context_tiers": [{"above_input_tokens": 1000, "input_per_million": "30"}]},
                       "batch": {"input_per_million": "4"}},
            "limited": {"input_per_million": "1", "holds_up_to_input_tokens": 100}
        )"));
        RecordFacts facts = facts_of(model, usage);
        facts.service_tier = tier;
        return cost(*table, facts);
    }
};

TEST_F(Tiers, of_context_are_a_cliff_over_the_whole_request) {
    EXPECT_EQ(of("cliff", {.input_text = 200'000, .output_text = 1'000}), "0.202");
    EXPECT_EQ(of("cliff", {.input_text = 200'001, .output_text = 1'000}), "0.404002");
}

TEST_F(Tiers, of_context_go_by_the_input_with_all_that_was_cached) {
    EXPECT_EQ(of("cliff", {.input_text = 1, .cache_read = 200'000}), "0.020002");
    EXPECT_EQ(of("cliff", {.cache_write_5m = 100'000, .input_audio = 100'001}), "0.400002");
    EXPECT_EQ(of("cliff", {.input_text = 1, .output_text = 1'000'000}), "2.000001")
        << "output is of no matter";
}

TEST_F(Tiers, of_context_begin_above_their_threshold_or_at_it) {
    EXPECT_EQ(of("xai/cliff", {.input_text = 127'999}), "0.127999");
    EXPECT_EQ(of("xai/cliff", {.input_text = 128'000}), "0.256");
}

TEST_F(Tiers, of_context_may_stand_in_any_order_and_name_different_prices) {
    EXPECT_EQ(of("steps", {.input_text = 32'000, .output_text = 1'000}), "0.033");
    EXPECT_EQ(of("steps", {.input_text = 32'001, .output_text = 1'000}), "0.099003");
    EXPECT_EQ(of("steps", {.input_text = 256'001, .output_text = 1'000}), "0.265001")
        << "what the largest tier does not name keeps its base price, not that of a smaller tier";
}

TEST_F(Tiers, of_service_replace_the_prices_that_they_name) {
    constexpr TokenUsage kSmall{.input_text = 100, .output_text = 100};
    EXPECT_EQ(of("served", kSmall), "0.003");
    EXPECT_EQ(of("served", kSmall, ServiceTier::flex), "0.0015");
    EXPECT_EQ(of("served", kSmall, ServiceTier::priority), "0.004");
    EXPECT_EQ(of("served", kSmall, ServiceTier::batch), "0.0024");
    EXPECT_EQ(of("cliff", kSmall, ServiceTier::batch), "0.0003") << "the rest stay";
    EXPECT_EQ(of("served", {.input_text = 1'001}, ServiceTier::flex), "0.015015");
    EXPECT_EQ(of("served", {.input_text = 1'001}, ServiceTier::priority), "0.03003");
}

TEST_F(Tiers, of_service_that_nobody_knows_are_unknown) {
    EXPECT_EQ(of("served", {.input_text = 1}, ServiceTier::other), "no_rate");
}

TEST_F(Tiers, beyond_which_the_table_knows_no_price_are_unknown) {
    EXPECT_EQ(of("limited", {.input_text = 100}), "0.0001");
    EXPECT_EQ(of("limited", {.input_text = 60, .cache_read = 41}), "no_rate");
}

class Dates : public testing::Test {
  protected:
    static RecordFacts at(const char* time, std::string_view model = "m") {
        RecordFacts facts = facts_of(model, {.input_text = 1'000'000});
        facts.time = parse_rfc3339(time);
        EXPECT_TRUE(facts.time) << time;
        return facts;
    }
    const std::shared_ptr<const PriceTable> table_ = table_of(own(R"(
        "m": {"from": "2026-05-01", "input_per_million": "3",
              "earlier": [{"from": "2025-01-01T12:00:00+02:00", "input_per_million": "1"},
                          {"from": "2026-01-01", "input_per_million": "2"}]},
        "always": {"from": "2026-05-01", "input_per_million": "3", "earlier": [{"input_per_million": "1"}]}
    )"));
};

TEST_F(Dates, the_price_in_force_at_the_records_own_time_counts) {
    EXPECT_EQ(cost(*table_, at("2026-05-01T00:00:00Z")), "3");
    EXPECT_EQ(cost(*table_, at("2030-01-01T00:00:00Z")), "3");
    EXPECT_EQ(cost(*table_, at("2026-04-30T23:59:59.999999Z")), "2");
    EXPECT_EQ(cost(*table_, at("2026-05-01T01:59:59+02:00")), "2");
    EXPECT_EQ(cost(*table_, at("2025-12-31T23:59:59Z")), "1");
    EXPECT_EQ(cost(*table_, at("2025-01-01T10:00:00Z")), "1");
    EXPECT_EQ(cost(*table_, at("1999-01-01T00:00:00Z", "always")), "1");
}

TEST_F(Dates, a_record_older_than_the_first_price_is_unknown) {
    const RecordFacts facts = at("2025-01-01T09:59:59Z");
    EXPECT_EQ(gap(*table_, facts), RateGap::not_yet);
    EXPECT_THAT(
        render(explain(facts, *table_, kArrival)),
        HasSubstr("none at 2025-01-01T09:59:59.000000Z, the first since 2025-01-01T10:00:00.000000Z"));
}

TEST_F(Dates, a_record_without_a_time_is_priced_as_of_its_arrival) {
    const RecordFacts facts = facts_of("m", {.input_text = 1'000'000});
    EXPECT_EQ(price(facts, *table_, *parse_rfc3339("2026-02-01T00:00:00Z")).cost->cost_text(), "2");
    EXPECT_EQ(price(facts, *table_, *parse_rfc3339("2026-06-01T00:00:00Z")).cost->cost_text(), "3");
}

TEST_F(Dates, the_explanation_says_since_when_its_prices_hold) {
    EXPECT_THAT(render(explain(at("2026-02-01T00:00:00Z"), *table_, kArrival)),
                HasSubstr("prices    in force since 2026-01-01T00:00:00.000000Z\n"));
}

}  // namespace
}  // namespace respand::pricing
