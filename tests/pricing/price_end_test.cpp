// Prices that end without later ones being known: a cost is unknown then, not what it used to be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rfc3339.hpp"
#include "pricing/explain.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::facts_of;
using test::own;
using test::table_of;

Priced priced_at(const PriceTable& table, const char* time) {
    RecordFacts facts = facts_of("acme/a", {.input_text = 1'000'000});
    facts.time = parse_rfc3339(time);
    return price(facts, table, test::kArrival);
}

TEST(PriceEnd, after_it_the_cost_is_unknown) {
    const auto table = table_of(
        own(R"("acme/a": {"from": "2026-01-01", "until": "2026-08-16T16:00:00Z", "input_per_million": "2",
                        "earlier": [{"from": "2025-01-01", "until": "2025-06-01", "input_per_million": "1"}]})"));
    EXPECT_EQ(priced_at(*table, "2024-12-31T23:59:59Z").gap, RateGap::not_yet);
    EXPECT_EQ(priced_at(*table, "2025-05-31T23:59:59Z").cost->cost_text(), "1");
    EXPECT_EQ(priced_at(*table, "2025-06-01T00:00:00Z").gap, RateGap::ended);
    EXPECT_EQ(priced_at(*table, "2026-01-01T00:00:00Z").cost->cost_text(), "2");
    EXPECT_EQ(priced_at(*table, "2026-08-16T15:59:59Z").cost->cost_text(), "2");
    const Priced after = priced_at(*table, "2026-08-16T16:00:00Z");
    EXPECT_EQ(after.reason, UnknownReason::no_rate);
    EXPECT_EQ(after.gap, RateGap::ended);
}

TEST(PriceEnd, is_told_to_who_asks_why_there_is_no_cost) {
    const auto table =
        table_of(own(R"("acme/a": {"from": "2026-01-01", "until": "2026-02-01", "input_per_million": "2"})"));
    RecordFacts facts = facts_of("acme/a", {.input_text = 1});
    facts.time = parse_rfc3339("2026-03-01T00:00:00Z");
    const std::string text = render(explain(facts, *table, test::kArrival));
    EXPECT_THAT(text, testing::HasSubstr("ended at 2026-02-01T00:00:00"));
    EXPECT_THAT(text, testing::HasSubstr("no later ones are known"));
}

TEST(PriceEnd, of_hardware_leaves_its_run_time_unpriced) {
    const auto table = table_of(
        R"({"format": "respand-pricing-1", "hardware": {"gpu-old": {"per_second": "0.5", "until": "2026-01-01"}}})");
    RecordFacts facts = facts_of("acme/own", {});
    facts.hardware = "gpu-old";
    facts.units.run_seconds = Quantity::of(2);
    facts.time = parse_rfc3339("2025-12-31T23:59:59Z");
    EXPECT_EQ(test::cost(*table, facts), "1");
    facts.time = parse_rfc3339("2026-01-01T00:00:00Z");
    EXPECT_EQ(test::cost(*table, facts), "no_rate");
}

TEST(PriceEnd, that_contradicts_what_comes_before_or_after_costs_the_entry) {
    const auto fault = [](const std::string& members) {
        std::vector<LoadWarning> warnings;
        table_of(own(R"("acme/a": {"provider": "acme", )" + members +
                     R"(}, "acme/b": {"input_per_million": "1"})"),
                 &warnings);
        return warnings.size() == 1 ? warnings.front().message
                                    : "warnings: " + std::to_string(warnings.size());
    };
    EXPECT_THAT(fault(R"("from": "2026-02-01", "until": "2026-02-01", "input_per_million": "1")"),
                testing::HasSubstr("\"until\" is not later than \"from\""));
    EXPECT_THAT(fault(R"("from": "2026-02-01", "input_per_million": "1",
                         "earlier": [{"until": "2026-02-02", "input_per_million": "2"}])"),
                testing::HasSubstr("\"until\" is later than 2026-02-01"));
    EXPECT_THAT(fault(R"("until": "soon", "input_per_million": "1")"),
                testing::HasSubstr("\"until\" is \"soon\", expected a date"));
}

}  // namespace
}  // namespace respand::pricing
