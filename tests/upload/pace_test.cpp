#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "upload/backoff.hpp"
#include "upload/health.hpp"
#include "upload/pacer.hpp"

namespace respand::upload {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(BackOff, GrowsToTheCapAndNeverEnds) {
    std::vector<SteadyTime::duration> longest(60);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Backoff backoff(seed);
        SteadyTime now{};
        for (std::size_t i = 0; i < longest.size(); ++i) {
            backoff.fail(now, now, {});
            const auto wait = backoff.ready_at() - now;
            const auto ceiling =
                std::min(Backoff::kCap,
                         Backoff::kBase * static_cast<std::int64_t>(1U << std::min<std::size_t>(i, 20)));
            ASSERT_GE(wait, seconds(0));
            ASSERT_LE(wait, ceiling);
            longest[i] = std::max(longest[i], wait);
            now = backoff.ready_at();
        }
        EXPECT_EQ(backoff.faults(), 60U);
    }
    EXPECT_GT(longest[0], milliseconds(400)) << "the jitter is full, so its upper end is reached";
    EXPECT_GT(longest.back(), seconds(50));
}

TEST(BackOff, IsAtLeastWhatTheServerAskedFor) {
    Backoff backoff(3);
    const SteadyTime now{seconds(100)};
    backoff.fail(now, now, minutes(10));
    const SteadyTime ready = backoff.ready_at();
    EXPECT_GE(ready, now + minutes(10));
    backoff.fail(now, now, {});
    EXPECT_EQ(backoff.ready_at(), ready) << "a second fault does not shorten it";
}

TEST(BackOff, CountsRequestsThatWereInFlightTogetherOnce) {
    Backoff backoff(3);
    const SteadyTime sent{seconds(1)};
    for (int i = 0; i < 10; ++i) backoff.fail(sent + seconds(1) + milliseconds(i), sent, {});
    EXPECT_EQ(backoff.faults(), 1U);
    backoff.fail(sent + seconds(2), sent, seconds(20));
    EXPECT_GE(backoff.ready_at(), sent + seconds(22)) << "but what the server asks for holds";
}

TEST(BackOff, StartsAgainAfterASuccess) {
    Backoff backoff(3);
    for (int i = 0; i < 10; ++i) backoff.fail(SteadyTime{seconds(i)}, SteadyTime{seconds(i)}, {});
    backoff.reset();
    EXPECT_EQ(backoff.ready_at(), SteadyTime::min());
    backoff.fail(SteadyTime{seconds(50)}, SteadyTime{seconds(50)}, {});
    EXPECT_LE(backoff.ready_at(), SteadyTime{seconds(50)} + Backoff::kBase);
}

TEST(BackOff, SpreadsWhatTheServerAskedManySendersFor) {
    std::set<std::int64_t> waits;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Backoff backoff(seed);
        backoff.fail(SteadyTime{}, SteadyTime{}, seconds(100));
        EXPECT_GE(backoff.ready_at(), SteadyTime{seconds(100)});
        EXPECT_LE(backoff.ready_at(), SteadyTime{seconds(110)});
        waits.insert(std::chrono::duration_cast<seconds>(backoff.ready_at().time_since_epoch()).count());
    }
    EXPECT_GE(waits.size(), 10U);
}

TEST(BackOff, IsNotEndedByARequestThatWasUnderWayBefore) {
    Backoff backoff(3);
    backoff.fail(SteadyTime{seconds(10)}, SteadyTime{seconds(9)}, seconds(30));
    backoff.succeed(SteadyTime{seconds(9)});
    EXPECT_GE(backoff.ready_at(), SteadyTime{seconds(40)}) << "what the server asked for holds";
    backoff.succeed(SteadyTime{seconds(41)});
    EXPECT_EQ(backoff.ready_at(), SteadyTime::min());
}

TEST(Concurrency, HalvesAtAFaultAndComesBackSlowly) {
    Width width(16);
    EXPECT_EQ(width.value(), 16U);
    width.fail(SteadyTime{seconds(10)}, SteadyTime{seconds(9)});
    EXPECT_EQ(width.value(), 8U);
    width.fail(SteadyTime{seconds(11)}, SteadyTime{seconds(9)});
    EXPECT_EQ(width.value(), 8U) << "both were under way together: one fault";
    for (int i = 12; i < 20; ++i) width.fail(SteadyTime{seconds(i)}, SteadyTime{seconds(i)});
    EXPECT_EQ(width.value(), 1U) << "never none";
    int successes = 0;
    for (; width.value() < 4; ++successes) width.succeed();
    EXPECT_EQ(successes, 8 * (1 + 2 + 3));
    for (int i = 0; i < 10'000; ++i) width.succeed();
    EXPECT_EQ(width.value(), 16U);
    width.collapse();
    EXPECT_EQ(width.value(), 1U);
}

TEST(Concurrency, FollowsItsSetting) {
    Width width(4);
    width.set_max(2);
    EXPECT_EQ(width.value(), 2U);
    width.set_max(8);
    EXPECT_EQ(width.value(), 8U) << "an undisturbed lane opens at once";
    width.collapse();
    width.set_max(16);
    EXPECT_EQ(width.value(), 1U);
}

TEST(Pacing, NeverStartsMoreThanTheLimitInAnyMinute) {
    for (const std::uint32_t limit : {1U, 7U, 30U, 59U, 1'000U}) {
        Pacer pacer(limit);
        std::vector<SteadyTime> sent;
        SteadyTime now{minutes(5)};
        for (std::uint32_t i = 0; i < limit * 3; ++i) {
            now = std::max(now, pacer.ready_at());
            pacer.sent(now);
            sent.push_back(now);
            if (i == limit) now += minutes(10);  // quiet time saves nothing up
        }
        for (std::size_t i = 0; i + limit < sent.size(); ++i)
            ASSERT_GE(sent[i + limit] - sent[i], minutes(1));
    }
}

TEST(Pacing, KeepsToTheLimitAcrossARestart) {
    for (const double fraction : {0.0, 0.5, 1.0}) {
        Pacer pacer(30);
        const SteadyTime start{seconds(9)};
        pacer.begin(start, fraction);
        EXPECT_GE(pacer.ready_at() - start, milliseconds(2'033));
        EXPECT_LE(pacer.ready_at() - start, milliseconds(2 * 2'034));
    }
    Pacer unlimited(0);
    unlimited.begin(SteadyTime{seconds(9)}, 1);
    EXPECT_LE(unlimited.ready_at(), SteadyTime{seconds(9)});
}

TEST(Pacing, IsALittleOverTwoSecondsForThirtyAMinuteAndNothingForZero) {
    Pacer pacer(30);
    const SteadyTime now{seconds(9)};
    EXPECT_LE(pacer.ready_at(), now);
    pacer.sent(now);
    EXPECT_EQ(pacer.ready_at(), now + std::chrono::nanoseconds(2'033'333'334));
    pacer.set_rate(60);
    EXPECT_EQ(pacer.ready_at(), now + std::chrono::nanoseconds(1'016'666'667));
    pacer.set_rate(0);
    EXPECT_LE(pacer.ready_at(), now);
}

TEST(Health, SpeaksAtChangesAndThenSeldom) {
    Health health("host");
    SteadyTime now{};
    EXPECT_FALSE(health.answered(now));
    const auto first = health.failed(now, {}, false, "503 from u");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->level, LogLine::Level::warning);
    EXPECT_THAT(first->text, HasSubstr("delivery to host fails: 503 from u"));
    int lines = 0;
    for (int i = 0; i < 180; ++i) {
        now += seconds(10);
        if (health.failed(now, {}, false, "503 from u")) ++lines;
    }
    EXPECT_EQ(lines, 3) << "one every ten minutes";
    const auto back = health.answered(now);
    ASSERT_TRUE(back);
    EXPECT_THAT(back->text, HasSubstr("delivery to host resumed after 30 min, 181 retries"));
    EXPECT_FALSE(health.answered(now));
    EXPECT_EQ(health.last_error(), "503 from u") << "kept after recovery";
}

TEST(Health, SaysLittleAboutALaneThatFlaps) {
    Health health("host");
    int failing = 0;
    int resumed = 0;
    for (int i = 0; i < 10'000; ++i) {  // 100 s
        const SteadyTime now{milliseconds(10 * i)};
        if (health.failed(now, {}, false, "503")) ++failing;
        if (health.answered(now)) ++resumed;
    }
    EXPECT_LE(failing, 21);
    EXPECT_EQ(failing, resumed);
}

TEST(Health, SaysLoudlyThatAnOperatorMustAct) {
    Health health("host");
    ASSERT_TRUE(health.failed({}, {}, false, "503"));
    const auto stopped = health.failed(SteadyTime{seconds(1)}, {}, true, "401 from u");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->level, LogLine::Level::error);
    EXPECT_THAT(stopped->text, HasSubstr("stopped"));
    EXPECT_FALSE(health.failed(SteadyTime{seconds(2)}, {}, true, "401 from u"));
}

}  // namespace
}  // namespace respand::upload
