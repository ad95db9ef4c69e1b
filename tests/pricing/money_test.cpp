#include "pricing/money.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "decimal.hpp"

namespace respand::pricing {
namespace {

std::string exact(std::string_view text) {
    const auto money = Money::parse(text);
    return money ? money->exact_text() : "refused";
}

std::string cost(std::string_view text) {
    const auto money = Money::parse(text);
    return money ? money->cost_text() : "refused";
}

TEST(Money, reads_every_spelling_of_a_json_number_exactly) {
    EXPECT_EQ(exact("1e-6"), "0.000001");
    EXPECT_EQ(exact("0.000001"), "0.000001");
    EXPECT_EQ(exact("1E-06"), "0.000001");
    EXPECT_EQ(exact("10.00e-7"), "0.000001");
    EXPECT_EQ(exact("4.5003000000000007e-07"), "0.00000045003000000000007");
    EXPECT_EQ(exact("0"), "0");
    EXPECT_EQ(exact("-0"), "0");
    EXPECT_EQ(exact("0.000e99"), "0");
    EXPECT_EQ(exact("3"), "3");
    EXPECT_EQ(exact("3.50"), "3.5");
    EXPECT_EQ(exact("120e2"), "12000");
    EXPECT_EQ(exact("100000000000000"), "100000000000000");
    EXPECT_EQ(exact("0.000000000000000000000001"), "0.000000000000000000000001");
    EXPECT_EQ(exact("1000000000000000000000000000000e-30"), "1");
    EXPECT_EQ(exact("0.1" + std::string(500, '0')), "0.1");
}

TEST(Money, refuses_what_is_no_json_number) {
    for (const char* text : {"",    " ",    "-",     "+1",    ".5",  "5.",  "01",  "00",       "1e",
                             "1e+", "1.e5", "0x10",  "1_000", "1,5", "NaN", "nan", "Infinity", "inf",
                             "1 ",  " 1",   "1.2.3", "1e5.5", "--1", "$1",  "1\n"}) {
        EXPECT_EQ(exact(text), "refused") << '"' << text << '"';
    }
    EXPECT_EQ(exact(std::string_view("1\0", 2)), "refused");
}

TEST(Money, refuses_what_it_can_not_hold_exactly) {
    EXPECT_EQ(exact("-0.01"), "refused");  // negative
    EXPECT_EQ(exact("1e-25"), "refused");  // finer than 24 decimals
    EXPECT_EQ(exact("0.0000000000000000000000010"), "0.000000000000000000000001");
    EXPECT_EQ(exact("0.0000000000000000000000011"), "refused");
    EXPECT_EQ(exact("1e15"), "refused");  // too large
    EXPECT_EQ(exact("1e999999999999999999999"), "refused");
    EXPECT_EQ(exact("1e-999999999999999999999"), "refused");
    EXPECT_EQ(exact(std::string(400, '9')), "refused");
    EXPECT_EQ(exact("170141183460469.231731687303715884105727"), "170141183460469.231731687303715884105727");
    EXPECT_EQ(exact("170141183460469.231731687303715884105728"), "refused");
}

TEST(Money, reads_a_price_per_million_as_a_price_per_one) {
    EXPECT_EQ(Money::parse("0.65", -6), Money::parse("6.5e-7"));
    EXPECT_EQ(Money::parse("3", -6)->exact_text(), "0.000003");
    EXPECT_FALSE(Money::parse("0.0000000000000000001", -6));  // would need 25 decimals
}

TEST(Money, rounds_half_to_even_at_twelve_decimals) {
    EXPECT_EQ(cost("0.0000000000005"), "0");
    EXPECT_EQ(cost("0.0000000000015"), "0.000000000002");
    EXPECT_EQ(cost("0.0000000000025"), "0.000000000002");
    EXPECT_EQ(cost("0.000000000002500000000001"), "0.000000000003");
    EXPECT_EQ(cost("0.000000000002499999999999"), "0.000000000002");
    EXPECT_EQ(cost("0.9999999999995"), "1");
    EXPECT_EQ(cost("0.0013922"), "0.0013922");
    EXPECT_EQ(cost("12.50"), "12.5");
    EXPECT_EQ(cost("100"), "100");
    EXPECT_EQ(cost("170141183460469.231731687303715884105727"), "170141183460469.231731687304");
}

TEST(Money, detects_overflow_instead_of_wrapping) {
    const Money largest = *Money::parse("170141183460469.231731687303715884105727");
    const Money smallest = *Money::parse("1e-24");
    EXPECT_FALSE(largest.plus(smallest));
    EXPECT_TRUE(largest.plus(Money{}));
    EXPECT_FALSE(largest.times(2));
    EXPECT_TRUE(largest.times(1));
    EXPECT_EQ(largest.times(0), Money{});
    EXPECT_EQ(smallest.times(std::numeric_limits<std::uint64_t>::max())->exact_text(),
              "0.000018446744073709551615");
    EXPECT_FALSE(Money::parse("1e-5")->times(std::numeric_limits<std::uint64_t>::max()));
}

class MoneyProperties : public testing::Test {
  protected:
    std::mt19937_64 random_{20'261'031};

    std::uint64_t below(std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
    }
    std::string digits(std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('0' + below(10));
        return test::normal(text);
    }
};

TEST_F(MoneyProperties, a_sum_of_products_agrees_with_schoolbook_arithmetic_on_decimal_text) {
    for (int round = 0; round < 2'000; ++round) {
        Money total;
        std::string expected;  // in units of 10^-24
        for (int line = 0; line < 5; ++line) {
            const std::string units = digits(1 + below(21));  // up to 10^-3 dollars a token
            const std::uint64_t count = below(1ULL << (1 + below(30)));
            const auto price = Money::parse(test::plain(units, 24));
            ASSERT_TRUE(price) << units;
            const auto sum = total.plus(*price->times(count));
            ASSERT_TRUE(sum);
            total = *sum;
            expected = test::add(expected, test::multiply(units, std::to_string(count)));
        }
        ASSERT_EQ(total.exact_text(), test::plain(expected, 24));
        ASSERT_EQ(total.cost_text(), test::rounded(expected, 24, 12));
    }
}

TEST_F(MoneyProperties, adding_a_thing_n_times_is_multiplying_it_and_order_is_of_no_matter) {
    for (int round = 0; round < 500; ++round) {
        const Money a = *Money::parse(test::plain(digits(18), 24));
        const Money b = *Money::parse(test::plain(digits(18), 24));
        const std::uint64_t n = below(40);
        Money sum;
        for (std::uint64_t i = 0; i < n; ++i) sum = *sum.plus(a);
        EXPECT_EQ(a.times(n), sum);
        EXPECT_EQ(a.plus(b), b.plus(a));
        EXPECT_EQ(a.plus(b)->times(n), a.times(n)->plus(*b.times(n)));
    }
}

TEST_F(MoneyProperties, the_spelling_of_an_amount_is_of_no_matter) {
    for (int round = 0; round < 2'000; ++round) {
        std::string significant = digits(1 + below(15));
        if (significant.empty()) significant = "0";
        // 0.<zeros><significant>, then the same with the point moved to the left by `places` and back by an
        // exponent.
        const std::string zeros(below(24 - significant.size() + 1), '0');
        const auto amount = Money::parse("0." + zeros + significant);
        ASSERT_TRUE(amount);
        const std::uint64_t places = below(30);
        const std::string respelled = "0." + std::string(places, '0') + zeros + significant +
                                      std::string(below(5), '0') + "e+" + std::to_string(places);
        EXPECT_EQ(Money::parse(respelled), amount) << respelled << " against " << amount->exact_text();
        EXPECT_EQ(Money::parse(amount->exact_text()), amount);
    }
}

TEST_F(MoneyProperties, any_bytes_are_read_or_refused_without_harm) {
    constexpr std::string_view kAlphabet = "0123456789.eE+-";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        const std::size_t size = below(30);
        for (std::size_t i = 0; i < size; ++i) text += kAlphabet[below(kAlphabet.size())];
        const auto money = Money::parse(text);
        if (money) {
            EXPECT_EQ(Money::parse(money->exact_text()), money) << text;
        }
    }
}

}  // namespace
}  // namespace respand::pricing
