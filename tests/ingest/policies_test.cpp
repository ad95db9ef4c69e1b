// The pure decisions: lingering, drop counting.
#include <gtest/gtest.h>

#include <algorithm>

#include "ingest/drop_counter.hpp"
#include "ingest/linger_policy.hpp"

namespace respand::ingest {
namespace {

using std::chrono::microseconds;
constexpr microseconds kLinger{2'000};

/// A reader under `policy`, fed at a steady rate by senders that can have `in_flight` datagrams queued:
/// returns how long it waits in the end.
microseconds settled_wait(LingerPolicy policy, double per_second, std::size_t in_flight,
                          std::size_t bytes_each) {
    SteadyTime now{std::chrono::hours(1)};
    double queued = 0;
    for (int i = 0; i < 2'000; ++i) {
        const auto pass = policy.wait() + microseconds(20);  // the drain itself takes time, too
        now += pass;
        queued = std::min(static_cast<double>(in_flight),
                          queued + per_second * static_cast<double>(pass.count()) / 1e6);
        const auto got = static_cast<std::size_t>(queued);
        queued -= static_cast<double>(got);
        if (got != 0) policy.drained(got, got * bytes_each, now);
    }
    return policy.wait();
}

TEST(LingerPolicy, ATrickleIsGathered) {
    EXPECT_EQ(settled_wait(LingerPolicy(kLinger, 512), 5'000, 90, 1'000), kLinger);
    EXPECT_EQ(settled_wait(LingerPolicy(kLinger, 512), 10, 90, 1'000), kLinger);
}

TEST(LingerPolicy, UnderAFloodNobodyWaits) {
    for (const std::size_t queue : {10U, 64U, 512U})
        EXPECT_EQ(
            settled_wait(LingerPolicy(kLinger, queue), 1e6, std::min<std::size_t>(queue + 1, 90), 1'000),
            microseconds::zero())
            << "queue of " << queue;
}

TEST(LingerPolicy, AFloodOfLargeDatagramsIsOneToo) {
    EXPECT_EQ(settled_wait(LingerPolicy(kLinger, 512), 50'000, 3, 60'000), microseconds::zero());
}

TEST(LingerPolicy, WithAShortQueueItWaitsOnlyUntilThatIsHalfFull) {
    const auto wait = settled_wait(LingerPolicy(kLinger, 10), 5'000, 11, 1'000);
    EXPECT_GT(wait, microseconds(700));
    EXPECT_LT(wait, microseconds(1'300));
}

TEST(LingerPolicy, AQueueThatFilledUpEndsTheWaitAtOnce) {
    const SteadyTime now{std::chrono::hours(1)};
    for (const std::size_t queue : {10U, 512U}) {
        LingerPolicy policy(kLinger, queue);
        policy.drained(std::min<std::size_t>(queue + 1, 90), 90'000, now);
        EXPECT_EQ(policy.wait(), microseconds::zero()) << "queue of " << queue;
    }
    LingerPolicy policy(kLinger, 512);
    policy.drained(3, 180'000, now);
    EXPECT_EQ(policy.wait(), microseconds::zero()) << "large datagrams";
}

TEST(LingerPolicy, AfterAFloodItGathersAgain) {
    LingerPolicy policy(kLinger, 512);
    SteadyTime now{std::chrono::hours(1)};
    for (int i = 0; i < 200; ++i) policy.drained(64, 64'000, now += microseconds(100));
    ASSERT_EQ(policy.wait(), microseconds::zero());
    for (int i = 0; i < 10; ++i) policy.drained(1, 1'000, now += microseconds(5'000));
    EXPECT_EQ(policy.wait(), kLinger);
}

TEST(LingerPolicy, WithoutALingerItNeverWaits) {
    LingerPolicy policy(microseconds::zero(), 512);
    SteadyTime now{std::chrono::hours(1)};
    for (int i = 0; i < 10; ++i) policy.drained(1, 10, now += std::chrono::seconds(1));
    EXPECT_EQ(policy.wait(), microseconds::zero());
}

TEST(DropCounter, ReportsDifferences) {
    DropCounter counter;
    EXPECT_EQ(counter.advance(0), 0U);
    EXPECT_EQ(counter.advance(5), 5U);
    EXPECT_EQ(counter.advance(5), 0U);
    EXPECT_EQ(counter.advance(12), 7U);
}

TEST(DropCounter, SurvivesTheWrapOf32Bits) {
    DropCounter counter(0xFFFF'FFF0U);
    EXPECT_EQ(counter.advance(0xFFFF'FFFFU), 15U);
    EXPECT_EQ(counter.advance(4), 5U);
}

TEST(DropCounter, ALateReadingChangesNothing) {
    DropCounter counter(100);
    EXPECT_EQ(counter.advance(90), 0U);
    EXPECT_EQ(counter.advance(101), 1U);
}

}  // namespace
}  // namespace respand::ingest
