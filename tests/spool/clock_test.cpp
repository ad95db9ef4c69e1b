// Wall clocks jump. Nothing is discarded or forgotten for it, and nothing changes its place.
#include "fixture.hpp"

namespace respand::spool {
namespace {

using std::chrono::hours;
using test::TempDir;
using Records = std::vector<std::string>;

/// A clock whose hands can be turned while time goes on as it does.
class TurnedClock final : public Clock {
  public:
    WallTime wall() const override { return time_.wall() + turned_; }
    SteadyTime steady() const override { return time_.steady(); }
    void pass(hours by) { time_.advance(by); }
    void turn(hours by) { turned_ += by; }

  private:
    ManualClock time_;
    std::chrono::microseconds turned_{};
};

constexpr hours kYears{24 * 365 * 30};

Status put(Spool& spool, const std::string& record, const Clock& clock) {
    NewChunk chunk = chunk_of({record});
    chunk.created = clock.wall();
    return spool.commit(appending({chunk}));
}

TEST(Clocks, AJumpForwardMakesNothingOld) {
    TempDir dir;
    TurnedClock clock;
    auto spool = open(dir, clock);
    ASSERT_TRUE(put(*spool, "{1}", clock));
    clock.turn(kYears);  // a machine that started in 1996 learns the time
    EXPECT_EQ(spool->expire(hours{48}, {})->records, 0U);
    ASSERT_TRUE(put(*spool, "{2}", clock));
    clock.pass(hours{49});
    ASSERT_TRUE(put(*spool, "{3}", clock));
    EXPECT_EQ(spool->expire(hours{48}, {})->records, 2U);
    EXPECT_EQ(pending(*spool), (Records{"{3}"}));
    expect_in_order(*spool);
}

TEST(Clocks, AJumpBackKeepsNothingForEverAndChangesNoOrder) {
    TempDir dir;
    TurnedClock clock;
    auto spool = open(dir, clock);
    ASSERT_TRUE(put(*spool, "{1}", clock));
    clock.turn(-kYears);
    ASSERT_TRUE(put(*spool, "{2}", clock));
    EXPECT_EQ(pending(*spool), (Records{"{1}", "{2}"}));
    clock.pass(hours{49});
    EXPECT_EQ(spool->expire(hours{48}, {})->records, 2U);
}

TEST(Clocks, OverARestartAtMostADayCountsWhateverTheWallClockSays) {
    for (const hours turn : {kYears, -kYears}) {
        TempDir dir;
        TurnedClock clock;
        auto spool = open(dir, clock);
        ASSERT_TRUE(put(*spool, "{1}", clock));
        spool.reset();
        clock.turn(turn);
        spool = open(dir, clock);
        EXPECT_EQ(spool->expire(hours{25}, {})->records, 0U);
        clock.pass(hours{26});
        EXPECT_EQ(spool->expire(hours{25}, {})->records, 1U);
    }
}

TEST(Clocks, ARealNightOffCounts) {
    TempDir dir;
    TurnedClock clock;
    auto spool = open(dir, clock);
    ASSERT_TRUE(put(*spool, "{1}", clock));
    spool.reset();
    clock.pass(hours{10});
    spool = open(dir, clock);
    EXPECT_EQ(spool->expire(hours{9}, {})->records, 1U);
}

TEST(Clocks, AgeIsNotLostWhenNothingIsCommittedBeforeARestart) {
    TempDir dir;
    TurnedClock clock;
    auto spool = open(dir, clock);
    ASSERT_TRUE(put(*spool, "{1}", clock));
    for (int day = 0; day < 5; ++day) {
        clock.pass(hours{24});
        EXPECT_EQ(spool->expire(hours{24 * 10}, {})->records, 0U);  // the daemon looks now and then
    }
    spool.reset();
    spool = open(dir, clock);
    clock.pass(hours{24});
    EXPECT_EQ(spool->expire(hours{24 * 6 - 1}, {})->records, 1U);
}

TEST(Clocks, AJumpForgetsNoDuplicate) {
    TempDir dir;
    TurnedClock clock;
    auto spool = open(dir, clock);
    Changes changes;
    changes.seen = {RecordHash{1}};
    ASSERT_TRUE(spool->commit(changes));
    clock.turn(kYears);
    EXPECT_TRUE(spool->expire_seen(hours{24}, 100)->empty());
    clock.turn(-2 * kYears);
    clock.pass(hours{25});
    EXPECT_EQ(spool->expire_seen(hours{24}, 100)->size(), 1U);
}

TEST(Clocks, ADayInTheFarFutureSpendsOneDayOfCoverageAndNoMore) {
    TempDir dir;
    auto spool = open(dir);
    for (const std::int64_t day : {20'000, 20'001, 40'000, 20'002, 20'003}) {
        Changes changes;
        changes.coverage = {{day, "m", "table", 1}};
        ASSERT_TRUE(spool->commit(changes));
    }
    EXPECT_EQ(spool->coverage(0)->size(), 5U);
}

}  // namespace
}  // namespace respand::spool
