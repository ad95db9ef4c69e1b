// The cases of cost_cases.json through the code that prices records. Without RESPAND_PRICE_DATA these tests
// do not exist; our own cases are in the other files.
#include <gtest/gtest.h>

#include "cost_cases.hpp"
#include "record/record_parser.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::CaseGroup;
using test::Json;

class CostCases : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { cases_ = test::read_json(GetParam() + "/cost_cases.json")["cases"]; }

    std::string cost_of_record(const Json& one, const char* usage) {
        std::string text = test::record_of(one, usage);
        const std::size_t size = text.size();
        text.append(kRecordPadding, ' ');
        const auto record = parser_.parse({text.data(), size});
        if (!record) return std::string("refused: ") + std::string(name(record.error()));
        return test::cost(*test::table_of(test::price_file_of(one)), record->facts);
    }

    Json cases_;
    RecordParser parser_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CostCases);
INSTANTIATE_TEST_SUITE_P(Given, CostCases, testing::ValuesIn(test::data_directories()),
                         [](const auto&) { return std::string("directory"); });

/// The expected cost as we would write it.
std::string expected(const Json& one) {
    return Money::parse(one["expected_cost"].get<std::string>())->cost_text();
}

TEST_P(CostCases, normalised_totals_and_prices_give_the_cost_to_the_last_digit) {
    int checked = 0;
    for (const Json& one : cases_) {
        if (test::group_of(one) != CaseGroup::per_million) continue;
        ++checked;
        Json usage = one["usage"];
        // Tenths of a token: ten times the tokens at a tenth of the price. (Records count in whole tokens.)
        const bool tenths = std::ranges::any_of(usage, [](const Json& n) { return n.is_number_float(); });
        Json given = one;
        if (tenths) {
            for (Json& count : usage) count = static_cast<std::int64_t>(count.get<double>() * 10 + 0.5);
            for (Json& price : given["prices_per_unit"])
                price = Money::parse(price.get<std::string>(), -1)->exact_text();
        }
        // A request whose tier is to go by a total that its parts contradict: the total is what has a price
        // here.
        if (one["usage"].value("input_audio_tokens", 0) > one["usage"].value("input_tokens", 0) &&
            !one["prices_per_unit"].contains("input_audio_mtok"))
            usage.erase("input_audio_tokens");
        const auto buckets = test::buckets_of(usage);
        if (one.contains("expected_error")) {
            EXPECT_FALSE(buckets) << one["id"];
            continue;
        }
        ASSERT_TRUE(buckets) << one;
        RecordFacts facts = test::facts_of("m", *buckets);
        facts.units.searches = Quantity::of(usage.value("web_searches", std::uint64_t{0}));
        const auto table = test::table_of(test::price_file_of(given));
        EXPECT_EQ(test::cost(*table, facts), expected(one)) << one;
    }
    EXPECT_EQ(checked, 1'003);
}

TEST_P(CostCases, records_with_prices_of_litellms_file_cost_what_the_exact_sum_is) {
    int checked = 0, left_out = 0;
    for (const Json& one : cases_) {
        if (test::group_of(one) != CaseGroup::litellm) continue;
        if (!test::left_out(one).empty()) {
            ++left_out;
            continue;
        }
        ++checked;
        EXPECT_EQ(cost_of_record(one, "usage"), expected(one)) << one;
    }
    EXPECT_EQ(checked, 636 - 80);
    EXPECT_EQ(left_out, 80);
}

TEST_P(CostCases, vendors_examples_and_reported_bugs_cost_what_they_should) {
    int checked = 0;
    for (const Json& one : cases_) {
        if (test::group_of(one) != CaseGroup::other) continue;
        ++checked;
        EXPECT_EQ(cost_of_record(one, "usage"), expected(one)) << one;
    }
    EXPECT_EQ(checked, 42);
}

TEST_P(CostCases, the_providers_own_usage_objects_are_recognised) {
    int checked = 0;
    for (const Json& one : cases_) {
        if (!one.contains("raw_usage") || one["prices_per_unit"].empty() || !test::is_read_as_what_it_is(one))
            continue;
        ++checked;
        EXPECT_EQ(cost_of_record(one, "raw_usage"), expected(one)) << one;
    }
    EXPECT_GT(checked, 250);
}

}  // namespace
}  // namespace respand::pricing
