#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "base/rfc3339.hpp"
#include "base/uuid7.hpp"

namespace respand {
namespace {

using namespace std::chrono;

TEST(Rfc3339, AnyMomentSurvivesFormattingAndParsing) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 10'000; ++i) {
        const WallTime time{microseconds{static_cast<std::int64_t>(random() % 4'102'444'800'000'000ULL)}};
        const std::string text = format_rfc3339(time);
        ASSERT_EQ(text.size(), 27U);
        ASSERT_EQ(parse_rfc3339(text), time) << text;
    }
}

TEST(Rfc3339, SpellingsOfOneMomentAreEqual) {
    const auto expected = parse_rfc3339("2026-11-22T10:57:44.120000Z");
    ASSERT_TRUE(expected);
    for (const char* same :
         {"2026-11-22T10:57:44.12Z", "2026-11-22t10:57:44.12z", "2026-11-22 10:57:44.12",
          "2026-11-22T12:57:44.12+02:00", "2026-11-22T05:27:44.12-0530", "2026-11-22T10:57:44.1200009Z"})
        EXPECT_EQ(parse_rfc3339(same), expected) << same;
}

TEST(Rfc3339, WhatIsNoTimeIsRefused) {
    for (const char* bad :
         {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
          "2026-01-01T00:60:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zjunk", "1790000000"})
        EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(Uuid7, IdentifiersRiseStrictlyEvenWhenTheClockStandsOrStepsBack) {
    Uuid7Generator generate(7);
    const WallTime start{seconds{1'790'000'000}};
    std::string last;
    for (int i = 0; i < 20'000; ++i) {
        const UuidText text = generate.next(i % 3 == 0 ? start - seconds{i} : start);
        const std::string id(view(text));
        ASSERT_GT(id, last);
        ASSERT_EQ(id[14], '7');
        ASSERT_NE(std::string("89ab").find(id[19]), std::string::npos);
        last = id;
    }
}

TEST(Uuid7, TheTimeCanBeReadFromTheIdentifier) {
    Uuid7Generator generate(7);
    const std::string id(view(generate.next(WallTime{milliseconds{0x0123456789ab}})));
    EXPECT_EQ(id.substr(0, 13), "01234567-89ab");
}

TEST(Uuid7, TwoGeneratorsDoNotMeet) {
    Uuid7Generator a, b;
    std::set<std::string> seen;
    const WallTime now{seconds{1'790'000'000}};
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(seen.emplace(view(a.next(now))).second);
        EXPECT_TRUE(seen.emplace(view(b.next(now))).second);
    }
}

}  // namespace
}  // namespace respand
