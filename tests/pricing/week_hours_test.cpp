// Prices that go by the hour of the day, as DeepSeek's do.
#include "pricing/week_hours.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <random>

#include "base/rfc3339.hpp"
#include "pricing/explain.hpp"
#include "pricing/table_diff.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using test::facts_of;
using test::own;
using test::table_of;

WallTime at(const char* time) { return *parse_rfc3339(time); }

/// The same question, asked of the C library's calendar.
bool contain_by_calendar(const WeekHours& when, WallTime time) {
    const std::time_t since_1970 = std::chrono::floor<seconds>(time).time_since_epoch().count();
    std::tm utc{};
    gmtime_r(&since_1970, &utc);
    const int of_day = utc.tm_hour * 60 + utc.tm_min;
    char date[11];
    std::strftime(date, sizeof date, "%Y-%m-%d", &utc);
    for (const sys_days day : when.not_on)
        if (text_of(day) == date) return false;
    if ((when.weekdays >> ((utc.tm_wday + 6) % 7) & 1) == 0) return false;
    for (const DaySpan& span : when.spans)
        if (span.begin.count() <= of_day && of_day < span.end.count()) return true;
    return false;
}

TEST(WeekHours, hold_when_the_calendar_says_so) {
    std::mt19937_64 random(20'261'128);
    const auto below = [&random](std::uint64_t limit) { return static_cast<std::int64_t>(random() % limit); };
    int held = 0;
    for (int round = 0; round < 2'000; ++round) {
        WeekHours when;
        for (std::int64_t from = below(600); from < 24 * 60 && when.spans.size() < 3;
             from += 1 + below(300)) {
            const std::int64_t begin = from;
            from = std::min<std::int64_t>(begin + 1 + below(400), 24 * 60);
            when.spans.push_back({minutes{begin}, minutes{from}});
        }
        when.weekdays = static_cast<std::uint8_t>(1 + below(127));
        const sys_days today{days{below(40'000)}};  // to 2079
        for (int i = 0; i < 3; ++i) when.not_on.push_back(today + days{2 * i + below(2)});
        for (int i = 0; i < 50; ++i) {
            const WallTime time =
                today + minutes{below(7 * 24 * 60)} + std::chrono::microseconds{below(60'000'000)};
            ASSERT_EQ(when.contain(time), contain_by_calendar(when, time))
                << format_rfc3339(time) << " in " << when.in_words();
            held += when.contain(time) ? 1 : 0;
        }
    }
    EXPECT_GT(held, 5'000) << "the rounds tell both cases apart";
}

TEST(WeekHours, before_1970_are_hours_of_a_day_too) {
    const WeekHours when{.spans = {{minutes{60}, minutes{120}}}, .weekdays = 1 << 2, .not_on = {}};
    EXPECT_TRUE(when.contain(at("1969-12-31T01:30:00Z"))) << "a Wednesday";
    EXPECT_FALSE(when.contain(at("1969-12-31T02:00:00Z")));
    EXPECT_FALSE(when.contain(at("1969-12-30T01:30:00Z")));
}

constexpr const char* kPeaks =
    R"("acme/a": {"from": "2026-08-16T16:00:00Z", "input_per_million": "1", "output_per_million": "2",
    "hours": [{"utc": ["06:00-10:00", "01:00-04:00"], "days": ["mon", "tue", "wed", "thu", "fri"], "not_on": ["2026-10-01"],
               "input_per_million": "3"}],
    "earlier": [{"input_per_million": "5"}]})";

std::string cost_at(const PriceTable& table, const char* time, TokenUsage usage = {.input_text = 1'000'000}) {
    RecordFacts facts = facts_of("acme/a", usage);
    facts.time = at(time);
    return test::cost(table, facts);
}

TEST(PricesOfHours, hold_from_the_first_minute_to_before_the_last) {
    const auto table = table_of(own(kPeaks));
    EXPECT_EQ(cost_at(*table, "2026-09-28T00:59:59.999999Z"), "1");
    EXPECT_EQ(cost_at(*table, "2026-09-28T01:00:00Z"), "3");
    EXPECT_EQ(cost_at(*table, "2026-09-28T03:59:59.999999Z"), "3");
    EXPECT_EQ(cost_at(*table, "2026-09-28T04:00:00Z"), "1");
    EXPECT_EQ(cost_at(*table, "2026-09-28T09:00:00+02:00"), "3") << "07:00 UTC";
    EXPECT_EQ(cost_at(*table, "2026-09-27T07:00:00Z"), "1") << "a Sunday";
    EXPECT_EQ(cost_at(*table, "2026-10-01T07:00:00Z"), "1") << "a Thursday that is left out";
    EXPECT_EQ(cost_at(*table, "2026-08-14T07:00:00Z"), "5") << "a Friday before there were such hours";
}

TEST(PricesOfHours, are_a_whole_set_that_takes_nothing_from_the_others) {
    const auto table = table_of(own(kPeaks));
    EXPECT_EQ(cost_at(*table, "2026-09-28T00:00:00Z", {.input_text = 1, .output_text = 1'000'000}),
              "2.000001");
    EXPECT_EQ(cost_at(*table, "2026-09-28T02:00:00Z", {.input_text = 1, .output_text = 1'000'000}),
              "no_rate");
}

TEST(PricesOfHours, have_tiers_and_limits_of_their_own) {
    const auto table =
        table_of(own(R"("acme/a": {"input_per_million": "1", "batch": {"input_per_million": "0.5"},
        "hours": [{"utc": ["12:00-24:00"], "input_per_million": "10", "holds_up_to_input_tokens": 2000000,
                   "context_tiers": [{"above_input_tokens": 1000000, "input_per_million": "20"}]},
                  {"utc": ["00:00-24:00"], "days": ["sat"], "input_per_million": "7"}]})"));
    EXPECT_EQ(cost_at(*table, "2026-09-28T12:00:00Z"), "10");
    EXPECT_EQ(cost_at(*table, "2026-09-28T12:00:00Z", {.input_text = 2'000'000}), "40");
    EXPECT_EQ(cost_at(*table, "2026-09-28T12:00:00Z", {.input_text = 2'000'001}), "no_rate");
    EXPECT_EQ(cost_at(*table, "2026-09-28T11:59:00Z", {.input_text = 2'000'001}), "2.000001");
    EXPECT_EQ(cost_at(*table, "2026-09-26T11:59:00Z"), "7");
    EXPECT_EQ(cost_at(*table, "2026-09-26T12:00:00Z"), "10") << "the first that fits";
    RecordFacts batch = facts_of("acme/a", {.input_text = 1'000'000});
    batch.service_tier = ServiceTier::batch;
    batch.time = at("2026-09-28T12:00:00Z");
    EXPECT_EQ(test::cost(*table, batch), "10") << "no price of a batch at that hour: the standard one";
    batch.time = at("2026-09-28T00:00:00Z");
    EXPECT_EQ(test::cost(*table, batch), "0.5");
}

TEST(PricesOfHours, are_told_to_who_asks_for_the_sum) {
    const auto table = table_of(own(kPeaks));
    RecordFacts facts = facts_of("acme/a", {.input_text = 5});
    facts.time = at("2026-09-28T02:00:00Z");
    const Explanation in_peak = explain(facts, *table, test::kArrival);
    EXPECT_THAT(render(in_peak), testing::HasSubstr("hours     of 01:00-04:00 and 06:00-10:00 UTC, mon-"
                                                    "fri, not on 1 day\n"));
    const auto json = nlohmann::json::parse(explanation_json(in_peak));
    EXPECT_EQ(json["matched"]["hours"], "01:00-04:00 and 06:00-10:00 UTC, mon-fri, not on 1 day");
    facts.time = at("2026-09-28T05:00:00Z");
    const Explanation outside = explain(facts, *table, test::kArrival);
    EXPECT_THAT(render(outside),
                testing::HasSubstr("hours     outside those that have prices of their own\n"));
    EXPECT_FALSE(nlohmann::json::parse(explanation_json(outside))["matched"].contains("hours"));
}

TEST(PricesOfHours, are_compared_like_any) {
    const auto changed = [](const std::string& from, const std::string& to) {
        std::string text = kPeaks;
        text.replace(text.find(from), from.size(), to);
        return render(diff_tables(*table_of(own(kPeaks)), *table_of(own(text)), at("2026-11-01T00:00:00Z")));
    };
    EXPECT_THAT(
        changed(R"("3")", R"("4")"),
        testing::HasSubstr("input at 01:00-04:00 and 06:00-10:00 UTC, mon-fri  3 -> 4 USD per 1M tokens"));
    EXPECT_THAT(changed(R"("2026-10-01")", R"("2026-10-01", "2026-10-02")"),
                testing::HasSubstr("2026-10-01 -> 2026-10-01 2026-10-02"));
    EXPECT_THAT(changed("06:00-10:00", "06:00-11:00"), testing::HasSubstr("1 changed"));
}

TEST(PricesOfHours, that_overlap_are_compared_one_by_one_in_their_order) {
    const auto model = [](const std::string& hours) {
        return table_of(own(R"("acme/a": {"input_per_million": "1", "hours": [)" + hours + "]}"));
    };
    const std::string workday =
        R"({"utc": ["01:00-04:00"], "not_on": ["2026-10-01"], "input_per_million": "2"})";
    const std::string holiday = R"({"utc": ["01:00-04:00"], "input_per_million": "1.5"})";
    const auto now = at("2026-11-01T00:00:00Z");
    const auto text = [&](const std::string& from, const std::string& to) {
        return render(diff_tables(*model(from), *model(to), now));
    };
    EXPECT_THAT(text(workday + ", " + holiday, workday + ", " + holiday),
                testing::HasSubstr("0 changed, 1 the same"));
    EXPECT_THAT(text(workday + ", " + holiday, holiday + ", " + workday), testing::HasSubstr("1 changed"));
    EXPECT_THAT(
        text(workday + ", " + holiday, workday + R"(, {"utc": ["01:00-04:00"], "input_per_million": "2"})"),
        testing::HasSubstr("1.5 -> 2"));
}

TEST(PricesOfHours, that_cannot_be_read_cost_the_entry_and_say_why) {
    const auto fault = [](const std::string& hours) {
        std::vector<LoadWarning> warnings;
        table_of(own(R"("acme/a": {"input_per_million": "1", "hours": )" + hours +
                     R"(}, "acme/b": {"input_per_million": "1"})"),
                 &warnings);
        return warnings.size() == 1 ? in_words(warnings.front())
                                    : "warnings: " + std::to_string(warnings.size());
    };
    EXPECT_THAT(
        fault(R"([{"utc": ["22:00-02:00"], "input_per_million": "1"}])"),
        testing::AllOf(
            testing::HasSubstr(
                R"("hours": "utc": "22:00-02:00" stands in it, expected hours of a day like "06:00-10:00")"),
            testing::HasSubstr("over midnight: two"), testing::HasSubstr("acme/a"),
            testing::HasSubstr("the whole entry is left out")));
    EXPECT_THAT(fault(R"([{"utc": ["01:00-03:00", "02:00-04:00"], "input_per_million": "1"}])"),
                testing::HasSubstr("01:00-03:00 overlaps another span"));
    EXPECT_THAT(fault(R"([{"utc": ["01:00-03:00"], "days": ["monday"], "input_per_million": "1"}])"),
                testing::HasSubstr(R"("days": "monday" stands in it, expected "mon")"));
    EXPECT_THAT(fault(R"([{"utc": ["01:00-03:00"], "not_on": ["1 May"], "input_per_million": "1"}])"),
                testing::HasSubstr(R"("not_on": "1 May" stands in it, expected a date like "2026-10-01")"));
    EXPECT_THAT(fault(R"([{"utc": ["01:00-03:00"]}])"), testing::HasSubstr("the hours have no price"));
    EXPECT_THAT(fault(R"([{"utc": ["01:00-03:00"], "weekdays": ["mon"], "input_per_million": "1"}])"),
                testing::HasSubstr("key \"weekdays\" is not known there"))
        << "without it the price would hold every day";
    EXPECT_THAT(fault(R"([{"input_per_million": "1"}])"), testing::HasSubstr("lack \"utc\""));
    EXPECT_THAT(fault(R"("at night")"), testing::HasSubstr("expected a list of 1 to 168 sets of prices"));
}

}  // namespace
}  // namespace respand::pricing
