// Properties of the sum that hold for any prices and any usage, against arithmetic on decimal text that
// shares nothing with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "decimal.hpp"
#include "pricing/explain.hpp"
#include "pricing/meter_table.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::kArrival;

/// What was used, as a count for each meter: whole for tokens, billionths for the rest.
using Used = std::map<Meter, std::uint64_t>;
/// Prices as units of 10^-24 dollars for one of each meter, in decimal digits.
using Prices = std::map<Meter, std::string>;

class SumProperties : public testing::Test {
  protected:
    static constexpr int kRounds = 400;

    std::uint64_t below(std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
    }

    Used any_usage() {
        Used used;
        for (const MeterInfo& meter : all_meters()) {
            if (below(3) != 0) continue;
            if (meter.tokens != nullptr) used[meter.meter] = below(1ULL << (1 + below(40)));
            if (meter.units != nullptr) used[meter.meter] = below(1ULL << (1 + below(50)));
        }
        return used;
    }

    /// A price for every meter, some of them 0, with up to 24 decimals (18 where they are stated per
    /// million).
    Prices any_prices() {
        Prices prices;
        for (const MeterInfo& meter : all_meters()) {
            if (meter.tokens == nullptr && meter.units == nullptr) continue;
            std::string digits;
            for (std::uint64_t i = below(20); i > 0; --i) digits += static_cast<char>('0' + below(10));
            prices[meter.meter] = test::normal(digits);
        }
        return prices;
    }

    static RecordFacts facts_of(const Used& used) {
        RecordFacts facts = test::facts_of("m", {});
        for (const auto& [meter, count] : used) {
            const MeterInfo& of = info(meter);
            if (of.tokens != nullptr) facts.usage.*(of.tokens) = count;
            if (of.units != nullptr) facts.units.*(of.units) = {count};
        }
        return facts;
    }

    /// One member of a price file. `spelling` chooses among the ways to write the same number.
    std::string member(Meter meter, const std::string& digits, bool plain) {
        const MeterInfo& of = info(meter);
        // Stated per million, the same digits stand six places further left.
        const std::size_t scale = of.per > 1 ? 18 : 24;
        std::string number = test::plain(digits.empty() ? "0" : digits, scale);
        if (!plain) {
            const std::uint64_t exponent = below(25 - scale / 2);
            const std::string padded = digits.empty() ? "0" : digits;
            number = test::plain(padded, scale + exponent) + (below(2) == 0 ? "e" : "E+") +
                     std::to_string(exponent);
        }
        return "\"" + std::string(of.key) + "\": \"" + number + "\"";
    }

    std::shared_ptr<const PriceTable> table_of(const Prices& prices, bool plain = true) {
        std::vector<std::string> members;
        for (const auto& [meter, digits] : prices) members.push_back(member(meter, digits, plain));
        if (!plain) std::ranges::shuffle(members, random_);
        std::string text;
        for (const std::string& one : members) text += (text.empty() ? "" : ", ") + one;
        return test::table_of(test::own("\"m\": {" + text + "}"));
    }

    static Money cost(const PriceTable& table, const Used& used) {
        const Priced priced = price(facts_of(used), table, kArrival);
        if (priced.cost) return *priced.cost;
        ADD_FAILURE() << "unknown: " << name(priced.reason);
        return {};
    }

    std::mt19937_64 random_{20'261'124};
};

TEST_F(SumProperties, the_cost_is_that_of_exact_arithmetic_rounded_once) {
    constexpr std::size_t kScale = 33;  // 24 decimals of a price, 9 of a quantity
    for (int round = 0; round < kRounds; ++round) {
        const Prices prices = any_prices();
        const Used used = any_usage();
        std::string expected;  // in units of 10^-33
        for (const auto& [meter, count] : used) {
            const std::string billionths =
                std::to_string(count) + (info(meter).tokens != nullptr ? "000000000" : "");
            expected = test::add(expected, test::multiply(prices.at(meter), test::normal(billionths)));
        }
        ASSERT_EQ(cost(*table_of(prices), used).cost_text(), test::rounded(expected, kScale, 12));
    }
}

TEST_F(SumProperties, the_cost_is_the_sum_of_the_costs_of_its_parts) {
    for (int round = 0; round < kRounds; ++round) {
        Prices prices = any_prices();
        // So that each part is exact to the last of 24 decimals: nine less in a price of a quantity.
        for (auto& [meter, digits] : prices) {
            if (info(meter).tokens == nullptr) digits = test::normal(digits.substr(0, 10) + "000000000");
        }
        const auto table = table_of(prices);
        const Used used = any_usage();
        Money sum;
        for (const auto& [meter, count] : used) sum = *sum.plus(cost(*table, {{meter, count}}));
        ASSERT_EQ(cost(*table, used), sum);
    }
}

TEST_F(SumProperties, more_of_anything_never_costs_less) {
    for (int round = 0; round < kRounds; ++round) {
        const auto table = table_of(any_prices());
        Used used = any_usage();
        const Money before = cost(*table, used);
        const auto meter = static_cast<Meter>(below(static_cast<std::uint64_t>(Meter::search)));
        used[meter] += 1 + below(1'000);
        ASSERT_GE(cost(*table, used), before) << name(meter);
    }
}

TEST_F(SumProperties, the_order_of_keys_and_the_spelling_of_numbers_are_of_no_matter) {
    for (int round = 0; round < kRounds; ++round) {
        const Prices prices = any_prices();
        const auto plain = table_of(prices);
        const auto respelled = table_of(prices, false);
        ASSERT_EQ(plain->entries().front().periods, respelled->entries().front().periods);
        const Used used = any_usage();
        ASSERT_EQ(cost(*plain, used), cost(*respelled, used));
    }
}

TEST_F(SumProperties, every_line_of_the_explanation_is_its_count_times_its_price) {
    for (int round = 0; round < kRounds; ++round) {
        const auto table = table_of(any_prices());
        const Used used = any_usage();
        const Explanation explanation = explain(facts_of(used), *table, kArrival);
        std::size_t stated = 0;
        for (const auto& [meter, count] : used) stated += count > 0 ? 1U : 0U;
        ASSERT_EQ(explanation.lines.size(), stated);
        for (const SumLine& line : explanation.lines) {
            const std::uint64_t count = used.at(line.meter);
            const bool whole = info(line.meter).tokens != nullptr;
            ASSERT_TRUE(line.billed);
            ASSERT_EQ(whole ? line.count : line.count * Quantity::kOne + line.billionths, count);
            ASSERT_EQ(line.amount.cost_text(), cost(*table, {{line.meter, count}}).cost_text());
        }
        ASSERT_EQ(explanation.cost, cost(*table, used));
    }
}

TEST(Sum, that_is_too_large_is_told_and_never_wraps) {
    const auto table =
        test::table_of(test::own(R"("m": {"input_per_million": "1e18", "run_per_second": "1e12"})"));
    RecordFacts facts = test::facts_of("m", {.input_text = 170});
    EXPECT_EQ(test::cost(*table, facts), "170000000000000");
    facts.units.run_seconds = Quantity::of(1);
    EXPECT_EQ(test::cost(*table, facts), "inconsistent_usage") << "each part fits, the sum does not";
    facts.usage.input_text = 0;
    facts.units.run_seconds = Quantity::of(171);
    EXPECT_EQ(test::cost(*table, facts), "inconsistent_usage");
    facts.units.run_seconds = {~0ULL};
    EXPECT_EQ(test::cost(*table, facts), "inconsistent_usage");
}

}  // namespace
}  // namespace respand::pricing
