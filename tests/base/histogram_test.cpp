#include "base/histogram.hpp"

#include <gtest/gtest.h>

namespace respand {
namespace {

constexpr std::array kBounds{1.0, 2.0, 5.0};

TEST(AHistogram, CountsEachObservationInTheFirstBucketThatHoldsIt) {
    Histogram histogram(kBounds);
    for (const double value : {0.0, 1.0, 1.5, 2.0, 2.1, 5.0, 5.1, 1e9}) histogram.observe(value);
    EXPECT_EQ(histogram.bucket(0), 2U);
    EXPECT_EQ(histogram.bucket(1), 2U);
    EXPECT_EQ(histogram.bucket(2), 2U);
    EXPECT_EQ(histogram.bucket(3), 2U) << "what is larger than all bounds";
    EXPECT_EQ(histogram.count(), 8U);
    EXPECT_DOUBLE_EQ(histogram.sum(), 0.0 + 1.0 + 1.5 + 2.0 + 2.1 + 5.0 + 5.1 + 1e9);
}

TEST(AHistogram, NamesABoundThatAShareLiesUnder) {
    Histogram histogram(kBounds);
    EXPECT_EQ(histogram.quantile(0.5), 0.0) << "nothing was seen";
    for (int i = 0; i < 90; ++i) histogram.observe(0.5);
    for (int i = 0; i < 9; ++i) histogram.observe(3);
    histogram.observe(100);
    EXPECT_EQ(histogram.quantile(0.5), 1.0);
    EXPECT_EQ(histogram.quantile(0.95), 5.0);
    EXPECT_EQ(histogram.quantile(1.0), 5.0) << "the largest bound, when it lies beyond";
}

}  // namespace
}  // namespace respand
