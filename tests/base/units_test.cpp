#include "base/units.hpp"

#include <gtest/gtest.h>

namespace respand {
namespace {

using std::chrono::microseconds;

TEST(Units, SizesReadAsWritten) {
    EXPECT_EQ(parse_byte_count("4GiB"), 4_GiB);
    EXPECT_EQ(parse_byte_count("20MB"), 20'000'000_B);
    EXPECT_EQ(parse_byte_count("1.5KiB"), 1536_B);
    EXPECT_EQ(parse_byte_count(" 512 B "), 512_B);
}

TEST(Units, ASizeWithoutUnitOrWithNonsenseIsRefusedWithAHint) {
    for (const char* bad :
         {"", "4", "4G", "GiB", "-1B", "1e3B", "0.1B", "99999999999TiB", "4GiBx", "1..5KiB", "1.KiB"}) {
        const auto result = parse_byte_count(bad);
        ASSERT_FALSE(result) << bad;
        EXPECT_NE(result.error().message.find("64KiB"), std::string::npos);
    }
}

TEST(Units, DurationsReadAsWritten) {
    EXPECT_EQ(parse_duration("200ms"), microseconds{200'000});
    EXPECT_EQ(parse_duration("1.5s"), microseconds{1'500'000});
    EXPECT_EQ(parse_duration("7d"), microseconds{604'800'000'000});
    EXPECT_EQ(parse_duration("0"), microseconds{0});
}

TEST(Units, ADurationWithoutUnitIsRefused) {
    for (const char* bad : {"", "5", "s", "-1s", "1 fortnight", "0.5us", "999999999d999"})
        EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Units, WhatIsFormattedParsesBackToTheSameValue) {
    for (const std::uint64_t n : {0ULL, 1ULL, 1000ULL, 1024ULL, 1500ULL, 1ULL << 32, (1ULL << 32) + 1})
        EXPECT_EQ(parse_byte_count(format(ByteCount{n})), ByteCount{n});
    for (const std::int64_t us : {0LL, 1LL, 999LL, 1000LL, 90'000'000LL, 3'600'000'000LL, 86'400'000'000LL})
        EXPECT_EQ(parse_duration(format(microseconds{us})), microseconds{us});
    EXPECT_EQ(format(4_GiB), "4GiB");
    EXPECT_EQ(format(microseconds{90'000'000}), "90s");
}

}  // namespace
}  // namespace respand
