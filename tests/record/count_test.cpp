// Amounts out of doubles, held to exact arithmetic.
#include "record/count.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>

namespace respand {
namespace {

TEST(Billionths, AreTheShortestDecimalTextOfTheNumber) {
    EXPECT_EQ(billionths_of(0.0), 0U);
    EXPECT_EQ(billionths_of(0.012683), 12'683'000U);
    EXPECT_EQ(billionths_of(1.2), 1'200'000'000U);
    EXPECT_EQ(billionths_of(0.1 + 0.2), 300'000'000U);  // 0.30000000000000004
    EXPECT_EQ(billionths_of(1e10), 10'000'000'000'000'000'000U);
    EXPECT_EQ(billionths_of(123456789.123456789), 123'456'789'123'456'790U);  // 17 digits are all there are
}

TEST(Billionths, BeyondTheNinthDecimalAreRoundedHalfToEven) {
    EXPECT_EQ(billionths_of(0.0000000005), 0U);
    EXPECT_EQ(billionths_of(0.0000000015), 2U);
    EXPECT_EQ(billionths_of(0.0000000025), 2U);
    EXPECT_EQ(billionths_of(0.00000000250001), 3U);
    EXPECT_EQ(billionths_of(1e-300), 0U);
    EXPECT_EQ(billionths_of(9.9999999999), 10'000'000'000U);
}

TEST(Billionths, OfWhatIsNoAmountAreNone) {
    for (const double number : {-1.0, -1e-12, 1e11, 1e300, std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN()})
        EXPECT_FALSE(billionths_of(number)) << number;
}

TEST(Billionths, OfEveryDecimalOfNinePlacesAreExact) {
    std::mt19937_64 random(3);
    for (int round = 0; round < 20'000; ++round) {
        const std::uint64_t expected = random() % 1'000'000'000'000'000ULL;  // 15 digits: a double keeps them
        const std::string text = std::to_string(expected / 1'000'000'000) + "." +
                                 std::to_string(1'000'000'000 + expected % 1'000'000'000).substr(1);
        ASSERT_EQ(billionths_of(std::stod(text)), expected) << text;
    }
}

TEST(Merged, CountsOfTwoNamesMustAgreeAndZeroGivesWay) {
    const Count none, zero = Count::of(0), five = Count::of(5), six = Count::of(6), bad = Count::wrong();
    EXPECT_FALSE(merged(none, none).present());
    EXPECT_EQ(merged(none, five).or_zero(), 5U);
    EXPECT_EQ(merged(five, zero).or_zero(), 5U);
    EXPECT_EQ(merged(five, five).or_zero(), 5U);
    EXPECT_TRUE(merged(zero, none).present());
    EXPECT_TRUE(merged(five, six).is_bad());
    for (const Count& other : {none, zero, five, bad}) {
        EXPECT_TRUE(merged(other, bad).is_bad());
        EXPECT_TRUE(merged(bad, other).is_bad());
    }
}

}  // namespace
}  // namespace respand
