// Provenance, coverage, and the memory of duplicates.
#include <algorithm>

#include "fixture.hpp"

namespace respand::spool {
namespace {

using test::TempDir;

TEST(Sources, AreReadBackAndTheirNumbersGoOn) {
    TempDir dir(test::memory_directory());
    const Source first{1, "litellm", "2026-11-01", "gpt-4o", "exact"};
    const Source second{2, "litellm", "2026-11-01", "gpt-4o", "prefix"};
    {
        auto spool = open(dir);
        EXPECT_EQ(spool->next_source(), 1U);
        Changes changes = appending({chunk_of({"{1}", "{2}"})});
        changes.sources = {first, second};
        changes.append[0].sources = {2, kNoSource};
        ASSERT_TRUE(spool->commit(changes));
        EXPECT_EQ(spool->next_source(), 3U);
    }
    auto spool = open(dir);
    EXPECT_EQ(spool->next_source(), 3U);
    EXPECT_EQ(spool->sources().value(), (std::vector<Source>{first, second}));
    EXPECT_EQ(spool->read(0, 0, 1, 1)->front().sources, (std::vector<SourceId>{2, kNoSource}));
}

TEST(Sources, OldOnesThatNothingRefersToGoAtOpening) {
    TempDir dir(test::memory_directory());
    {
        auto spool = open(dir);
        Changes changes = appending({chunk_of({"{1}"})});
        for (SourceId id = 1; id <= 10'100; ++id)
            changes.sources.push_back({id, "t", std::to_string(id), "k", "r"});
        changes.append[0].sources = {5};
        ASSERT_TRUE(spool->commit(changes));
    }
    auto spool = open(dir);
    const auto sources = spool->sources();
    ASSERT_TRUE(sources);
    EXPECT_EQ(sources->size(), 10'001U);
    EXPECT_EQ(sources->front().id, 5U);
    EXPECT_EQ(spool->next_source(), 10'101U);
}

std::uint64_t records_under(const std::vector<Coverage>& rows, std::int64_t day, std::string_view model) {
    std::uint64_t records = 0;
    for (const Coverage& row : rows)
        if (row.day == day && row.model == model) records += row.records;
    return records;
}

TEST(CoverageOfDays, AddsUpByDayModelAndOutcome) {
    TempDir dir(test::memory_directory());
    {
        auto spool = open(dir);
        Changes changes;
        changes.coverage = {{100, "gpt-4o", "table", 5}, {100, "gpt-4o", "app", 1}, {101, "x", "no_rate", 2}};
        ASSERT_TRUE(spool->commit(changes));
    }
    auto spool = open(dir);
    Changes changes;
    changes.coverage = {{100, "gpt-4o", "table", 7}};
    ASSERT_TRUE(spool->commit(changes));
    const auto rows = spool->coverage(100);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ(rows->at(1).outcome, "table");
    EXPECT_EQ(rows->at(1).records, 12U);
    EXPECT_EQ(spool->coverage(101)->size(), 1U);
}

TEST(CoverageOfDays, ManyNamesOfOneDayEndUpTogetherAndNoRecordIsUncounted) {
    TempDir dir(test::memory_directory());
    auto spool = open(dir);
    for (int round = 0; round < 2; ++round) {  // the bound holds over a reopening as well
        Changes changes;
        for (int i = 0; i < 1'500; ++i) changes.coverage.push_back({7, "m" + std::to_string(i), "table", 1});
        ASSERT_TRUE(spool->commit(changes));
        spool.reset();
        spool = open(dir);
    }
    const auto rows = spool->coverage(0);
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->size(), 1'001U);
    EXPECT_EQ(records_under(*rows, 7, "m0"), 2U);
    EXPECT_EQ(records_under(*rows, 7, "(others)"), 1'000U);
}

TEST(CoverageOfDays, OnlyTheNewestDaysAreKept) {
    TempDir dir(test::memory_directory());
    auto spool = open(dir);
    for (std::int64_t day = 1; day <= 50; ++day) {
        Changes changes;
        changes.coverage = {{day, "m", "table", 1}, {day, "n", "table", 1}};
        ASSERT_TRUE(spool->commit(changes));
    }
    const auto rows = spool->coverage(0);
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->size(), 70U);
    EXPECT_EQ(rows->front().day, 16);
}

RecordHash hash_of(std::uint32_t number) {
    RecordHash hash{};
    for (std::size_t i = 0; i < 4; ++i) hash[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return hash;
}

std::vector<RecordHash> hashes(std::uint32_t from, std::uint32_t to) {
    std::vector<RecordHash> all;
    for (std::uint32_t i = from; i < to; ++i) all.push_back(hash_of(i));
    return all;
}

std::vector<RecordHash> seen(Spool& spool) {
    std::vector<RecordHash> all;
    EXPECT_TRUE(spool.each_seen([&](const RecordHash& hash) { all.push_back(hash); }));
    return all;
}

Status remember(Spool& spool, std::uint32_t from, std::uint32_t to) {
    Changes changes;
    changes.seen = hashes(from, to);
    return spool.commit(changes);
}

TEST(Seen, IsRememberedInOrderOverAReopening) {
    TempDir dir(test::memory_directory());
    {
        auto spool = open(dir);
        ASSERT_TRUE(remember(*spool, 0, 2'500));
        ASSERT_TRUE(remember(*spool, 2'500, 2'501));
    }
    auto spool = open(dir);
    EXPECT_EQ(seen(*spool), hashes(0, 2'501));
}

TEST(Seen, IsForgottenAfterTheWindowAndNotBefore) {
    TempDir dir(test::memory_directory());
    ManualClock clock;
    auto spool = open(dir, clock);
    ASSERT_TRUE(remember(*spool, 0, 10));
    clock.advance(std::chrono::hours{10});
    ASSERT_TRUE(remember(*spool, 10, 20));
    clock.advance(std::chrono::hours{15});
    EXPECT_TRUE(spool->expire_seen(std::chrono::hours{26}, 1'000)->empty());
    EXPECT_EQ(spool->expire_seen(std::chrono::hours{24}, 1'000).value(), hashes(0, 10));
    EXPECT_EQ(seen(*spool), hashes(10, 20));
}

TEST(Seen, IsBoundedInRowsAndAStepIsToo) {
    TempDir dir(test::memory_directory());
    auto spool = open(dir);
    for (std::uint32_t i = 0; i < 300; ++i) ASSERT_TRUE(remember(*spool, i * 5, i * 5 + 5));
    const auto first = spool->expire_seen(std::chrono::hours{24}, 100);
    ASSERT_TRUE(first);
    EXPECT_LT(first->size(), 1'400U);
    for (std::size_t gone = first->size(); gone > 0;)
        gone = spool->expire_seen(std::chrono::hours{24}, 100)->size();
    EXPECT_EQ(seen(*spool), hashes(1'400, 1'500));
}

}  // namespace
}  // namespace respand::spool
