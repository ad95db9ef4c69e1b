// Replicate: billed by the second of some hardware, and by how the prediction ended.
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
using test::table_of;
using testing::HasSubstr;

class Predictions : public testing::Test {
  protected:
    static RecordFacts ran(std::string_view model, std::uint64_t milliseconds,
                           std::string_view hardware = {}) {
        RecordFacts facts = facts_of(model, {}, "replicate");
        facts.units.run_seconds = {milliseconds * 1'000'000};
        facts.hardware = hardware;
        return facts;
    }
    static RecordFacts ended(RecordFacts facts, CallEnd end) {
        facts.end = end;
        return facts;
    }

    std::vector<LoadWarning> warnings_;
    const std::shared_ptr<const PriceTable> table_ = table_of(R"({
        "format": "respand-pricing-1",
        "hardware": {
            "CPU": {"per_second": "0.0001"},
            "gpu-t4": [{"per_second": "0.00025", "from": "2026-10-01"}, {"per_second": "0.000225", "from": "2025-01-01"}],
            "gpu-a100-large-8x": {"per_second": "0.0112"}
        },
        "models": {
            "replicate/acme/painter": {"hardware": "GPU-T4"},
            "replicate/acme/own-price": {"hardware": "gpu-t4", "run_per_second": "0.5"},
            "replicate/acme/lost": {"hardware": "gpu-x"},
            "replicate/acme/poster": {"per_image": "0.04"},
            "replicate/acme/strict": {"per_image": "0.04", "bill_failed": true},
            "replicate/acme/text": {"input_per_million": "1", "output_per_million": "2"},
            "replicate/acme/both": {"run_per_second": "0.001", "per_image": "0.04"}
        }})",
                                                              &warnings_);
};

TEST_F(Predictions, are_billed_by_the_hardware_of_the_model) {
    EXPECT_EQ(cost(*table_, ran("acme/painter", 1'200)), "0.00027");
    EXPECT_EQ(cost(*table_, ran("acme/painter", 0)), "0");
    EXPECT_EQ(cost(*table_, ran("acme/own-price", 2'000)), "1") << "a price of the model itself comes first";
}

TEST_F(Predictions, are_billed_by_the_hardware_that_the_record_names_before_the_models) {
    EXPECT_EQ(cost(*table_, ran("acme/painter", 1'200, "gpu-a100-large-8x")), "0.01344");
    EXPECT_EQ(cost(*table_, ran("acme/painter", 1'200, "Cpu")), "0.00012");
    EXPECT_EQ(gap(*table_, ran("acme/painter", 1'200, "gpu-z")), RateGap::hardware)
        << "it surely did not run on the model's";
}

TEST_F(Predictions, of_models_that_are_not_billed_by_time_do_not_pay_for_hardware) {
    RecordFacts facts = ran("acme/text", 1'200, "gpu-t4");
    facts.usage.input_text = 10;
    EXPECT_EQ(cost(*table_, facts), "0.00001");
}

TEST_F(Predictions, of_a_model_that_no_table_has_are_billed_by_the_hardware_that_they_name) {
    const RecordFacts facts = ran("somebody/something:abc", 30'000, "gpu-t4");
    const Priced priced = price(facts, *table_, kArrival);
    ASSERT_TRUE(priced.cost);
    EXPECT_EQ(priced.cost->cost_text(), "0.00675");
    EXPECT_EQ(priced.rule, MatchRule::hardware);
    EXPECT_EQ(priced.entry->key, "hardware/gpu-t4");
    EXPECT_EQ(priced.entry->origin, "test.json");
    EXPECT_EQ(cost(*table_, ran("somebody/something", 30'000)), "unknown_model");
    EXPECT_EQ(cost(*table_, ran("somebody/something", 30'000, "gpu-z")), "unknown_model");
    EXPECT_EQ(cost(*table_, ran("hardware/gpu-t4", 30'000)), "unknown_model") << "hardware is no model";
    EXPECT_EQ(cost(*table_, ran("somebody/something", 0, "gpu-t4")), "unknown_model")
        << "it is not billed by time";
}

TEST_F(Predictions, are_billed_by_the_rate_of_their_time) {
    RecordFacts facts = ran("acme/painter", 10'000);
    facts.time = parse_rfc3339("2026-10-01T00:00:00Z");
    EXPECT_EQ(cost(*table_, facts), "0.0025");
    facts.time = parse_rfc3339("2026-09-30T23:59:59Z");
    EXPECT_EQ(cost(*table_, facts), "0.00225");
    facts.time = parse_rfc3339("2024-12-31T23:59:59Z");
    EXPECT_EQ(gap(*table_, facts), RateGap::hardware);
    facts.model = "somebody/something";
    facts.hardware = "gpu-t4";
    EXPECT_EQ(gap(*table_, facts), RateGap::not_yet);
}

TEST_F(Predictions, on_hardware_without_a_rate_are_unknown_and_the_table_says_so_when_it_is_read) {
    EXPECT_EQ(gap(*table_, ran("acme/lost", 1'000)), RateGap::hardware);
    ASSERT_EQ(warnings_.size(), 1U);
    EXPECT_EQ(warnings_[0].key, "replicate/acme/lost");
    EXPECT_THAT(warnings_[0].message, HasSubstr("\"gpu-x\", which has no rate"));
}

TEST_F(Predictions, that_were_aborted_cost_nothing_whatever_the_model) {
    for (const char* model : {"acme/painter", "acme/text", "somebody/something"}) {
        RecordFacts facts = ended(ran(model, 0), CallEnd::aborted);
        facts.usage_state = UsageState::absent;
        const Priced priced = price(facts, *table_, kArrival);
        EXPECT_EQ(priced.source, CostSource::table) << model;
        ASSERT_TRUE(priced.cost) << model;
        EXPECT_EQ(priced.cost->cost_text(), "0");
        EXPECT_EQ(priced.rule, MatchRule::never_ran);
        ASSERT_NE(priced.entry, nullptr);
        EXPECT_THAT(render(explain(facts, *table_, kArrival)), HasSubstr("cost      0 USD\n"));
    }
}

TEST_F(Predictions, that_were_canceled_cost_what_they_used_until_then) {
    EXPECT_EQ(cost(*table_, ended(ran("acme/painter", 1'200), CallEnd::canceled)), "0.00027");
    RecordFacts facts = ended(ran("acme/text", 1'200), CallEnd::canceled);
    facts.usage.output_text = 100;
    EXPECT_EQ(cost(*table_, facts), "0.0002");
    facts.usage_state = UsageState::absent;
    EXPECT_EQ(cost(*table_, facts), "no_usage");
}

TEST_F(Predictions, that_failed_cost_their_run_time) {
    EXPECT_EQ(cost(*table_, ended(ran("acme/painter", 1'200), CallEnd::failed)), "0.00027");
    EXPECT_EQ(cost(*table_, ended(ran("acme/both", 2'000), CallEnd::failed)), "0.002");
}

TEST_F(Predictions, that_failed_are_unknown_where_more_than_time_is_billed_unless_the_table_says_so) {
    RecordFacts image = ended(ran("acme/poster", 1'200), CallEnd::failed);
    image.units.images = Quantity::of(1);
    EXPECT_EQ(gap(*table_, image), RateGap::failed_call);
    image.model = "acme/both";
    EXPECT_EQ(gap(*table_, image), RateGap::failed_call);
    image.model = "acme/strict";
    EXPECT_EQ(cost(*table_, image), "0.04");
    RecordFacts text = ended(ran("acme/text", 1'200), CallEnd::failed);
    text.usage.input_text = 10;
    EXPECT_EQ(gap(*table_, text), RateGap::failed_call);
    EXPECT_THAT(render(explain(text, *table_, kArrival)), HasSubstr("\"bill_failed\": true"));
}

TEST_F(Predictions, that_still_run_have_no_cost_yet) {
    RecordFacts facts = ran("acme/painter", 1'200);
    facts.usage_state = UsageState::not_terminal;
    EXPECT_EQ(cost(*table_, facts), "not_terminal");
}

TEST_F(Predictions, are_explained_with_their_hardware) {
    const std::string text = render(explain(ran("acme/painter", 12'500), *table_, kArrival));
    EXPECT_THAT(text, HasSubstr("hardware  gpu-t4\n"));
    EXPECT_THAT(
        text,
        HasSubstr("run_time   12.5 seconds   0.000225 per second   0.0028125   (rate of the hardware)\n"));
}

}  // namespace
}  // namespace respand::pricing
