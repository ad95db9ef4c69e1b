// What an operator can do with dead letters, and that the books follow.
#include "fixture.hpp"

namespace respand::spool {
namespace {

using test::TempDir;

/// A spool with `count` dead letters "{0}", "{1}", …, parked one second apart; causes and models take turns.
std::unique_ptr<Spool> with_dead(const TempDir& dir, std::uint32_t count) {
    auto spool = open(dir);
    std::vector<std::string> records;
    for (std::uint32_t i = 0; i < count; ++i) records.push_back("{" + std::to_string(i) + "}");
    EXPECT_TRUE(spool->commit(appending({chunk_of(records)})));
    const Chunk chunk = spool->read(kDefaultLane, 0, count, 1 << 30)->front();
    Changes changes;
    for (std::uint32_t i = 0; i < count; ++i) {
        Parked parked = parking(chunk, i);
        parked.cause = i % 2 == 0 ? "http_422" : "row_refused";
        parked.model = i % 3 == 0 ? "gpt-4o" : "claude";
        parked.record_id = "id";
        parked.attempts = i;
        parked.parked = kArrival + std::chrono::seconds{i};
        parked.source = i;
        changes.parked.push_back(parked);
    }
    EXPECT_TRUE(spool->commit(changes));
    EXPECT_EQ(spool->totals().dead, count);
    return spool;
}

std::vector<DeadLetterId> ids(const Result<std::vector<DeadLetter>>& letters) {
    std::vector<DeadLetterId> found;
    for (const DeadLetter& letter : letters.value()) found.push_back(letter.id);
    return found;
}

using Ids = std::vector<DeadLetterId>;

TEST(DeadLetters, AreListedByEveryConditionThatIsSet) {
    TempDir dir;
    auto spool = with_dead(dir, 7);
    EXPECT_EQ(ids(spool->dead_letters({}, 100)), (Ids{7, 6, 5, 4, 3, 2, 1}));
    EXPECT_EQ(ids(spool->dead_letters({}, 2, DeadOrder::oldest_first)), (Ids{1, 2}));
    DeadFilter filter;
    filter.cause = "http_422";
    EXPECT_EQ(ids(spool->dead_letters(filter, 100)), (Ids{7, 5, 3, 1}));
    filter.model = "gpt-4o";
    EXPECT_EQ(ids(spool->dead_letters(filter, 100)), (Ids{7, 1}));
    filter.parked_before = kArrival + std::chrono::seconds{6};
    EXPECT_EQ(ids(spool->dead_letters(filter, 100)), (Ids{1}));
    filter.parked_from = kArrival + std::chrono::seconds{1};
    EXPECT_TRUE(spool->dead_letters(filter, 100)->empty());
    DeadFilter some;
    some.ids = {2, 4, 99};
    EXPECT_EQ(ids(spool->dead_letters(some, 100)), (Ids{4, 2}));
    DeadFilter page;
    page.after = 3;
    page.up_to = 5;
    EXPECT_EQ(ids(spool->dead_letters(page, 100, DeadOrder::oldest_first)), (Ids{4, 5}));
    DeadFilter lane;
    lane.lane = 5;
    EXPECT_TRUE(spool->dead_letters(lane, 100)->empty());
}

TEST(DeadLetters, AFilterIsTextAndNotSql) {
    TempDir dir;
    auto spool = with_dead(dir, 2);
    DeadFilter filter;
    filter.cause = "x' OR 1=1 --";
    EXPECT_TRUE(spool->dead_letters(filter, 100)->empty());
    EXPECT_EQ(spool->discard(filter, "tester")->records, 0U);
    EXPECT_EQ(spool->totals().dead, 2U);
}

TEST(DeadLetters, OneIsShownWithAllThatIsKnown) {
    TempDir dir;
    auto spool = with_dead(dir, 3);
    const auto letter = spool->dead_letter(3);
    ASSERT_TRUE(letter && *letter);
    EXPECT_EQ((*letter)->body, "{2}");
    EXPECT_EQ((*letter)->bytes, 3U);
    EXPECT_EQ((*letter)->cause, "http_422");
    EXPECT_EQ((*letter)->status, 422);
    EXPECT_EQ((*letter)->answer, "no such model");
    EXPECT_EQ((*letter)->attempts, 2U);
    EXPECT_EQ((*letter)->model, "claude");
    EXPECT_EQ((*letter)->record_id, "id");
    EXPECT_EQ((*letter)->source, 2U);
    EXPECT_EQ((*letter)->created, kArrival);
    EXPECT_EQ((*letter)->parked, kArrival + std::chrono::seconds{2});
    EXPECT_FALSE(spool->dead_letter(4)->has_value());
}

TEST(DeadLetters, WhatComesFromOutsideIsCutAtAWholeCharacter) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}"})})));
    const Chunk chunk = spool->read(kDefaultLane, 0, 1, 1)->front();
    std::string answer(kMaxAnswer - 1, 'a'), model(kMaxModelName - 1, 'm');
    for (std::string* text : {&answer, &model}) *text += "\xc3\xa4 and more";  // ä: two bytes
    Changes changes;
    changes.parked.push_back(parking(chunk, 0));
    changes.parked[0].answer = answer;
    changes.parked[0].model = model;
    ASSERT_TRUE(spool->commit(changes));
    const auto letter = spool->dead_letter(1);
    EXPECT_EQ((*letter)->answer, std::string(kMaxAnswer - 1, 'a'));
    EXPECT_EQ((*letter)->model, std::string(kMaxModelName - 1, 'm'));
}

TEST(DeadLetters, RequeuedOnesArePendingAgainAndTheBooksSayByWhom) {
    TempDir dir;
    auto spool = with_dead(dir, 5);
    DeadFilter filter;
    filter.cause = "row_refused";
    const auto step = spool->requeue(filter, "uid 1000");
    ASSERT_TRUE(step);
    EXPECT_EQ(step->records, 2U);
    EXPECT_FALSE(step->more);
    EXPECT_EQ(pending(*spool), (std::vector<std::string>{"{1}", "{3}"}));
    EXPECT_EQ(spool->read(kDefaultLane, 0, 10, 1000)->front().sources, (std::vector<SourceId>{1, 3}));
    EXPECT_EQ(spool->totals().pending, 2U);
    EXPECT_EQ(spool->totals().dead, 3U);
    EXPECT_EQ(spool->totals().ledger.at(account::kRequeued, "uid 1000"), 2U);
    expect_in_order(*spool);
    spool.reset();
    spool = open(dir);
    EXPECT_EQ(spool->totals().pending, 2U);
    EXPECT_EQ(spool->totals().dead, 3U);
    expect_in_order(*spool);
}

TEST(DeadLetters, ARecordThatIsRefusedAgainAfterRequeueingIsDeadOnce) {
    TempDir dir;
    auto spool = with_dead(dir, 1);
    ASSERT_TRUE(spool->requeue({}, "tester"));
    const Chunk chunk = spool->read(kDefaultLane, 0, 1, 1)->front();
    Changes changes;
    changes.parked.push_back(parking(chunk, 0));
    ASSERT_TRUE(spool->commit(changes));
    EXPECT_EQ(spool->totals().dead, 1U);
    EXPECT_EQ(spool->totals().ledger.sum(account::kDead), 2U);
    expect_in_order(*spool);
}

TEST(DeadLetters, DiscardedOnesAreBookedUnderWhoDidIt) {
    TempDir dir;
    auto spool = with_dead(dir, 4);
    DeadFilter filter;
    filter.ids = {1, 2};
    ASSERT_TRUE(spool->discard(filter, "uid 0"));
    EXPECT_EQ(spool->totals().dead, 2U);
    EXPECT_EQ(spool->totals().ledger.at(account::kDiscarded, "uid 0"), 2U);
    expect_in_order(*spool);
}

TEST(DeadLetters, StepsAreBoundedAndTogetherReachAll) {
    TempDir dir;
    const auto count = static_cast<std::uint32_t>(2 * kDeadStep + 1);
    auto spool = with_dead(dir, count);
    DeadFilter filter;
    filter.up_to = spool->last_dead().value();
    std::uint64_t records = 0;
    int steps = 0;
    for (bool more = true; more; ++steps) {
        const auto step = spool->requeue(filter, "tester");
        ASSERT_TRUE(step);
        EXPECT_LE(step->records, kDeadStep);
        records += step->records;
        filter.after = step->last;
        more = step->more;
    }
    EXPECT_EQ(records, count);
    EXPECT_EQ(steps, 3);
    EXPECT_EQ(pending(*spool).size(), count);
    EXPECT_EQ(spool->totals().dead, 0U);
    expect_in_order(*spool);
}

TEST(DeadLetters, LargeOnesAreRequeuedAFewAtATimeInChunksOfTheUsualSize) {
    TempDir dir;
    auto spool = open(dir);
    const std::string large = "{\"x\":\"" + std::string(1 << 20, 'x') + "\"}";
    ASSERT_TRUE(spool->commit(appending({chunk_of(std::vector<std::string>(6, large))})));
    const Chunk chunk = spool->read(kDefaultLane, 0, 10, 1 << 30)->front();
    Changes changes;
    for (std::uint32_t i = 0; i < 6; ++i) changes.parked.push_back(parking(chunk, i));
    ASSERT_TRUE(spool->commit(changes));
    const auto step = spool->requeue({}, "tester");
    ASSERT_TRUE(step);
    EXPECT_EQ(step->records, 3U);
    EXPECT_TRUE(step->more);
    EXPECT_EQ(spool->totals().chunks, 3U);
    expect_in_order(*spool);
}

}  // namespace
}  // namespace respand::spool
