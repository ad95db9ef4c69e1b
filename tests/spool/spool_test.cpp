#include "spool/spool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "fixture.hpp"

namespace respand::spool {
namespace {

using test::TempDir;

TEST(Spool, WhatWasCommittedIsReadBackAfterReopening) {
    TempDir dir;
    {
        auto spool = open(dir);
        ASSERT_TRUE(
            spool->commit(appending({chunk_of({"{\"a\":1}", "{\"b\":22}"}), chunk_of({"{\"c\":3}"})})));
    }
    auto spool = open(dir);
    const auto chunks = spool->read(kDefaultLane, 0, 500, 1 << 20);
    ASSERT_TRUE(chunks);
    ASSERT_EQ(chunks->size(), 2U);
    EXPECT_EQ(records_of(chunks->at(0)), (std::vector<std::string>{"{\"a\":1}", "{\"b\":22}"}));
    EXPECT_EQ(records_of(chunks->at(1)), (std::vector<std::string>{"{\"c\":3}"}));
    EXPECT_EQ(spool->totals().pending, 3U);
    EXPECT_EQ(spool->totals().oldest, chunks->at(0).created);
    expect_in_order(*spool);
}

TEST(Spool, ReadingKeepsToItsLimitsButAlwaysBringsOneChunk) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(
        spool->commit(appending({chunk_of({"{1}", "{2}"}), chunk_of({"{3}", "{4}"}), chunk_of({"{5}"})})));
    EXPECT_EQ(spool->read(kDefaultLane, 0, 3, 1000)->size(), 1U);
    EXPECT_EQ(spool->read(kDefaultLane, 0, 4, 1000)->size(), 2U);
    EXPECT_EQ(spool->read(kDefaultLane, 0, 500, 1)->size(), 1U);
    const ChunkId last = spool->read(kDefaultLane, 0, 500, 1000)->back().id;
    EXPECT_TRUE(spool->read(kDefaultLane, last, 500, 1000)->empty());
    EXPECT_TRUE(spool->read(kDefaultLane + 1, 0, 500, 1000)->empty());
}

TEST(Spool, APartlySettledChunkRemembersWhatIsDoneOverAReopening) {
    TempDir dir;
    {
        auto spool = open(dir);
        ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}", "{2}", "{3}"})})));
        const auto chunk = spool->read(kDefaultLane, 0, 500, 1000)->front();
        Changes changes;
        changes.delivered.push_back({chunk.id, 3, 0, 1});
        changes.parked.push_back({chunk.id, 3, 2, kDefaultLane, chunk.created, 422, "no such model", "{3}"});
        ASSERT_TRUE(spool->commit(changes));
    }
    auto spool = open(dir);
    const auto chunk = spool->read(kDefaultLane, 0, 500, 1000)->front();
    EXPECT_EQ(chunk.settled, (std::vector<bool>{true, false, true}));
    EXPECT_EQ(spool->totals().pending, 1U);
    EXPECT_EQ(spool->totals().dead, 1U);
    expect_in_order(*spool);
    Changes rest;
    rest.delivered.push_back(
        {chunk.id, 3, 0, 3});  // reports the first one again: it must not be counted twice
    ASSERT_TRUE(spool->commit(rest));
    EXPECT_EQ(spool->totals().ledger.sum(account::kDelivered), 2U);
    EXPECT_TRUE(spool->read(kDefaultLane, 0, 500, 1000)->empty());
    expect_in_order(*spool);
}

TEST(Spool, ASecondDaemonIsRefusedWithTheHoldersPid) {
    TempDir dir;
    auto first = open(dir);
    const auto second = Spool::open({.path = dir.file("spool.db")});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
    EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos)
        << second.error().message;
}

TEST(Spool, WhatIsNoSpoolIsRefusedAndLeftAlone) {
    TempDir dir;

    const auto directory = Spool::open({.path = dir.path()});
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().kind, ErrorKind::config);

    auto other = sqlite::Connection::open(dir.file("other.db"), sqlite::OpenMode::read_write_create);
    ASSERT_TRUE(other->exec("CREATE TABLE mine(x)"));
    const auto foreign = Spool::open({.path = dir.file("other.db")});
    ASSERT_FALSE(foreign);
    EXPECT_NE(foreign.error().message.find("another program"), std::string::npos);
}

TEST(Spool, ASpoolOfANewerVersionIsRefusedAndLeftAlone) {
    TempDir dir;
    {
        auto spool = open(dir);
    }
    {
        auto raw = sqlite::Connection::open(dir.file("spool.db"), sqlite::OpenMode::read_write);
        ASSERT_TRUE(raw->exec("CREATE TABLE of_a_later_version(x); PRAGMA user_version=99"));
    }
    const auto spool = Spool::open({.path = dir.file("spool.db")});
    ASSERT_FALSE(spool);
    EXPECT_NE(spool.error().message.find("99"), std::string::npos);
}

TEST(Spool, TheFileIsReadableByItsOwnerOnly) {
    TempDir dir;
    auto spool = open(dir);
    struct stat info{};
    ASSERT_EQ(::stat(dir.file("spool.db").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(Spool, AFailedCommitChangesNothingAndCanBeRepeated) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}"})})));
    const Changes large = appending({chunk_of({std::string(4 << 20, 'x')})});
    // A file size limit stands in for a full disk: the write fails in the middle of the commit.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    const rlimit tight{1 << 20, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    const auto failed = spool->commit(large);
    ::setrlimit(RLIMIT_FSIZE, &old);
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().kind == ErrorKind::io || failed.error().kind == ErrorKind::temporary);
    EXPECT_EQ(spool->totals().pending, 1U);
    expect_in_order(*spool);
    ASSERT_TRUE(spool->commit(large));
    EXPECT_EQ(spool->totals().pending, 2U);
    expect_in_order(*spool);
}

TEST(Spool, TheAuditFindsBooksThatWereTamperedWith) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}"}), chunk_of({"{2}"})})));
    auto raw = sqlite::Connection::open(dir.file("spool.db"), sqlite::OpenMode::read_write);
    ASSERT_TRUE(raw->exec("DELETE FROM chunk WHERE id=1"));
    const auto audit = spool->audit();
    ASSERT_TRUE(audit);
    EXPECT_FALSE(audit->faults.empty());
}

TEST(Spool, CheckpointsEmptyTheLogAndLoseNothing) {
    TempDir dir;
    auto spool = open(dir);
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(spool->commit(appending({chunk_of({std::string(100'000, 'x')})})));
    EXPECT_GT(spool->wal_size().value, 1U << 20);
    ASSERT_TRUE(checkpoint_beside(spool->log_pass()));
    ASSERT_TRUE(spool->checkpoint());
    EXPECT_EQ(spool->wal_size().value, 0U);
    EXPECT_EQ(spool->totals().pending, 20U);
    expect_in_order(*spool);
}

TEST(Spool, AnEmptiedSpoolGivesItsSpaceBack) {
    TempDir dir;
    auto spool = open(dir);
    ASSERT_TRUE(spool->commit(appending({chunk_of({std::string(80 << 20, 'x')})})));
    ASSERT_TRUE(spool->checkpoint());
    Changes done;
    done.delivered.push_back({spool->read(kDefaultLane, 0, 1, 1)->front().id, 1, 0, 1});
    ASSERT_TRUE(spool->commit(done));
    ASSERT_TRUE(spool->shrink());
    EXPECT_LT(std::filesystem::file_size(dir.file("spool.db")), 1U << 20);
    ASSERT_TRUE(spool->commit(appending({chunk_of({"{1}"})})));
    expect_in_order(*spool);
}

// The model: a list of records with what became of each. Random appends, settlements and reopenings; after
// every step the spool must hold exactly what the model holds.
TEST(Spool, BehavesLikeAListOfRecordsUnderRandomWork) {
    TempDir dir(test::memory_directory());
    std::mt19937 random(11);
    auto pick = [&](unsigned n) { return static_cast<std::uint32_t>(random() % n); };
    std::map<std::string, bool> open_records;  // record → still pending
    std::uint64_t delivered = 0, dead = 0, serial = 0;
    auto spool = open(dir);
    for (int step = 0; step < 400; ++step) {
        if (pick(20) == 0) {
            spool.reset();
            spool = open(dir);
        }
        Changes changes;
        std::set<std::string> appended;
        if (pick(2) == 0) {
            std::vector<std::string> records;
            for (std::uint32_t i = 0; i <= pick(6); ++i)
                records.push_back("{\"n\":" + std::to_string(++serial) + std::string(pick(3000), ' ') + "}");
            appended.insert(records.begin(), records.end());
            changes.append.push_back(chunk_of(records));
            changes.ledger.add(account::kReceived, {}, records.size());
        }
        const auto chunks = spool->read(kDefaultLane, 0, 30, 1 << 20);
        ASSERT_TRUE(chunks);
        std::vector<std::string> bodies;  // keeps what Parked points to
        bodies.reserve(1000);
        for (const Chunk& chunk : *chunks) {
            const auto records = records_of(chunk);
            for (std::uint32_t i = 0; i < records.size(); ++i) {
                if (!chunk.settled.empty() && chunk.settled[i]) continue;
                const auto size = static_cast<std::uint32_t>(records.size());
                if (pick(3) == 0) {
                    changes.delivered.push_back({chunk.id, size, i, 1});
                    open_records.erase(records[i]);
                    ++delivered;
                } else if (pick(8) == 0) {
                    bodies.push_back(records[i]);
                    changes.parked.push_back(
                        {chunk.id, size, i, kDefaultLane, chunk.created, 400, "bad", bodies.back()});
                    open_records.erase(records[i]);
                    ++dead;
                }
            }
        }
        ASSERT_TRUE(spool->commit(changes));
        for (const auto& record : appended) open_records[record] = true;

        std::set<std::string> held;
        const auto all = spool->read(kDefaultLane, 0, 1'000'000, 1 << 30);
        ASSERT_TRUE(all);
        for (const Chunk& chunk : *all) {
            const auto records = records_of(chunk);
            for (std::size_t i = 0; i < records.size(); ++i)
                if (chunk.settled.empty() || !chunk.settled[i]) held.insert(records[i]);
        }
        ASSERT_EQ(held.size(), open_records.size());
        for (const auto& [record, pending] : open_records) ASSERT_TRUE(held.contains(record));
        const Totals totals = spool->totals();
        ASSERT_EQ(totals.pending, open_records.size());
        ASSERT_EQ(totals.ledger.sum(account::kDelivered), delivered);
        ASSERT_EQ(totals.dead, dead);
        const auto audit = spool->audit();
        ASSERT_TRUE(audit && audit->faults.empty());
    }
}

}  // namespace
}  // namespace respand::spool
