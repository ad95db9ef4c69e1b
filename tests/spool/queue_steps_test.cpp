// Lanes, and what policy discards.
#include <algorithm>

#include "fixture.hpp"

namespace respand::spool {
namespace {

using test::TempDir;
using Records = std::vector<std::string>;

TEST(Lanes, AreFoundByNameAfterReopening) {
    TempDir dir;
    LaneId team = 0;
    {
        auto spool = open(dir);
        EXPECT_EQ(spool->lanes().at(kDefaultLane), "default");
        team = spool->add_lane("team-a").value();
        EXPECT_EQ(spool->add_lane("team-a").value(), team);
        EXPECT_NE(spool->add_lane("team-b").value(), team);
        EXPECT_FALSE(spool->add_lane(""));
        EXPECT_FALSE(spool->add_lane(std::string(1000, 'x')));
    }
    auto spool = open(dir);
    EXPECT_EQ(spool->lanes().size(), 3U);
    EXPECT_EQ(spool->lanes().at(team), "team-a");
}

TEST(Lanes, EachHasItsOwnQueueAndFigures) {
    TempDir dir;
    {
        auto spool = open(dir);
        const LaneId team = spool->add_lane("team").value();
        NewChunk late = chunk_of({"{4}"}, team);
        late.created = kArrival + std::chrono::seconds{9};
        ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}", "{2}"}), late, chunk_of({"{3}"})})));
    }
    auto spool = open(dir);
    EXPECT_EQ(pending(*spool, 0), (Records{"{1}", "{2}", "{3}"}));
    EXPECT_EQ(pending(*spool, 1), (Records{"{4}"}));
    const Totals totals = spool->totals();
    EXPECT_EQ(totals.lanes.at(0).records, 3U);
    EXPECT_EQ(totals.lanes.at(0).chunks, 2U);
    EXPECT_EQ(totals.lanes.at(1).records, 1U);
    EXPECT_EQ(totals.lanes.at(1).bytes, 3U);
    EXPECT_EQ(totals.lanes.at(1).oldest, kArrival + std::chrono::seconds{9});
    EXPECT_EQ(totals.oldest, kArrival);
}

QueueStep move_all(Spool& spool, LaneId from, LaneId to, const ChunkSet& held = {}) {
    QueueStep all;
    for (bool more = true; more;) {
        const auto step = spool.move(from, to, held);
        EXPECT_TRUE(step);
        if (!step) return all;
        all.records += step->records;
        more = step->more;
    }
    return all;
}

TEST(Lanes, MovingTakesChunksWithTheirProgressAndDeadLetters) {
    TempDir dir;
    auto spool = open(dir);
    const LaneId team = spool->add_lane("team").value();
    std::vector<NewChunk> chunks;
    for (int i = 0; i < 200; ++i) chunks.push_back(chunk_of({"{1}", "{2}", "{3}"}));
    ASSERT_TRUE(spool->commit(appending(std::move(chunks))));
    const Chunk first = spool->read(0, 0, 1, 1)->front();
    Changes changes;
    changes.delivered.push_back({first.id, 3, 0, 1});
    changes.parked.push_back(parking(first, 1));
    ASSERT_TRUE(spool->commit(changes));
    EXPECT_EQ(move_all(*spool, 0, team).records, 600U - 2 + 1);
    EXPECT_TRUE(pending(*spool, 0).empty());
    EXPECT_EQ(pending(*spool, team).size(), 598U);
    EXPECT_EQ(spool->totals().lanes.at(team).dead, 1U);
    EXPECT_EQ(spool->totals().lanes.at(0).records, 0U);
    expect_in_order(*spool);
    EXPECT_FALSE(spool->move(0, 77));
}

TEST(Lanes, ChunksInFlightStayWhenALaneIsMoved) {
    TempDir dir;
    auto spool = open(dir);
    const LaneId team = spool->add_lane("team").value();
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}"}), chunk_of({"{2}"})})));
    EXPECT_EQ(move_all(*spool, 0, team, {1}).records, 1U);
    EXPECT_EQ(pending(*spool, 0), (Records{"{1}"}));
    EXPECT_EQ(pending(*spool, team), (Records{"{2}"}));
}

TEST(Policy, DropOldestDiscardsWholeChunksUntilItIsEnough) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending(
        {chunk_of({"{1}", "{2}"}), chunk_of({"{3}", "{4}"}), chunk_of({"{5}"}), chunk_of({"{6}"})})));
    Changes partly;
    partly.delivered.push_back({1, 2, 0, 1});
    ASSERT_TRUE(spool->commit(partly));
    const auto step = spool->drop_oldest(2, 0, {});
    ASSERT_TRUE(step);
    EXPECT_EQ(step->records, 3U);  // {2}, {3}, {4}
    EXPECT_EQ(pending(*spool), (Records{"{5}", "{6}"}));
    EXPECT_EQ(spool->totals().ledger.at(account::kDiscarded, "drop_oldest"), 3U);
    expect_in_order(*spool);
    EXPECT_EQ(spool->drop_oldest(0, 1, {})->bytes, 3U);
    EXPECT_EQ(spool->drop_oldest(0, 0, {})->records, 0U);
    EXPECT_EQ(pending(*spool), (Records{"{6}"}));
    expect_in_order(*spool);
}

TEST(Policy, WhatIsInFlightIsNotDiscarded) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}"}), chunk_of({"{2}"}), chunk_of({"{3}"})})));
    ASSERT_TRUE(spool->drop_oldest(100, 0, {1, 3}));
    EXPECT_EQ(pending(*spool), (Records{"{1}", "{3}"}));
    Changes changes;
    changes.delivered.push_back({1, 1, 0, 1});
    ASSERT_TRUE(spool->commit(changes));
    EXPECT_EQ(pending(*spool), (Records{"{3}"}));
    expect_in_order(*spool);
}

TEST(Policy, ASettlementOfADiscardedChunkChangesNothing) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}", "{2}"})})));
    const Chunk chunk = spool->read(0, 0, 1, 1)->front();
    ASSERT_TRUE(spool->drop_oldest(2, 0, {}));
    Changes late;
    late.delivered.push_back({chunk.id, 2, 0, 1});
    late.parked.push_back(parking(chunk, 1));
    ASSERT_TRUE(spool->commit(late));
    EXPECT_EQ(spool->totals().ledger.sum(account::kDelivered), 0U);
    EXPECT_EQ(spool->totals().dead, 0U);
    expect_in_order(*spool);
}

TEST(Policy, AStepIsBoundedAndSaysThatThereIsMore) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending(std::vector<NewChunk>(100, chunk_of({"{1}"})))));
    const auto step = spool->drop_oldest(100, 0, {});
    ASSERT_TRUE(step);
    EXPECT_LT(step->records, 100U);
    EXPECT_TRUE(step->more);
    ASSERT_TRUE(spool->drop_oldest(100, 0, {}));
    EXPECT_TRUE(pending(*spool).empty());
    expect_in_order(*spool);
}

TEST(Policy, MaxAgeDiscardsWhatWaitedLongerAndNothingElse) {
    TempDir dir;
    ManualClock clock;
    auto spool = open(dir, clock);
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}"})})));
    clock.advance(std::chrono::hours{2});
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{2}"})})));
    clock.advance(std::chrono::hours{2});
    EXPECT_EQ(spool->expire(std::chrono::hours{5}, {})->records, 0U);
    EXPECT_EQ(spool->expire(std::chrono::hours{3}, {})->records, 1U);
    EXPECT_EQ(pending(*spool), (Records{"{2}"}));
    EXPECT_EQ(spool->totals().ledger.at(account::kDiscarded, "max_age"), 1U);
    expect_in_order(*spool);
}

}  // namespace
}  // namespace respand::spool
