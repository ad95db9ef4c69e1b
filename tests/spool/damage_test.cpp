// A catalogue of damaged files. Each is set aside as it is, what is readable goes on, the books say what does
// not.
#include "damage.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

#include "spool/verify.hpp"

namespace respand::spool {
namespace {

using test::TempDir;
using testing::HasSubstr;

constexpr std::size_t kPage = 16384;

const Healthy& healthy() {
    static const Healthy made = make_healthy(true);
    return made;
}

TEST(Damage, AWholeFileIsLeftWhereItIs) {
    EXPECT_EQ(expect_rescued(healthy(), healthy().file), healthy().pending.size());
}

TEST(Damage, AFileCutOffAtAnyPageGivesWhatIsLeft) {
    std::size_t most = 0;
    for (std::size_t size = kPage; size < healthy().file.size(); size += kPage)
        most = std::max(most, expect_rescued(healthy(), healthy().file.substr(0, size)));
    EXPECT_GT(most, healthy().pending.size() / 2);
}

TEST(Damage, APageOfZeroesCostsWhatWasOnItAndNoMore) {
    std::size_t least = healthy().pending.size(), survived = 0;
    for (std::size_t at = kPage; at < healthy().file.size(); at += kPage) {
        std::string file = healthy().file;
        file.replace(at, kPage, kPage, '\0');
        const std::size_t found = expect_rescued(healthy(), file);
        least = std::min(least, found);
        if (found * 2 > healthy().pending.size()) ++survived;
    }
    EXPECT_GE(survived + 2, healthy().file.size() / kPage - 1) << "only a root costs more; least " << least;
}

TEST(Damage, AHeaderOfZeroesCostsNothing) {
    std::string file = healthy().file;
    file.replace(0, 100, 100, '\0');
    EXPECT_EQ(expect_rescued(healthy(), file), healthy().pending.size());
    file.replace(0, kPage, kPage, '\0');
    EXPECT_EQ(expect_rescued(healthy(), file), healthy().pending.size());
}

TEST(Damage, AFlippedBitInABodyIsNoticedAndNeverSent) {
    std::string file = healthy().file;
    const std::size_t at = file.find(record(20, 1800).substr(10, 50));
    ASSERT_NE(at, std::string::npos);
    file[at + 20] = static_cast<char>(file[at + 20] ^ 1);
    const std::size_t found = expect_rescued(healthy(), file);
    EXPECT_LT(found, healthy().pending.size());
    EXPECT_GE(found + 4, healthy().pending.size()) << "one chunk is lost";
}

/// Longer with RESPAND_SPOOL_RUNS=1000 in the environment.
int runs(int usual) {
    const char* asked = std::getenv("RESPAND_SPOOL_RUNS");
    return asked != nullptr ? std::atoi(asked) : usual;
}

TEST(Damage, FlippedBitsAnywhereNeverChangeARecordAndNeverStopTheSpool) {
    for (int seed = 1; seed <= runs(25); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(static_cast<std::uint32_t>(seed));
        std::string file = healthy().file;
        for (int flips = 1 << (seed % 6); flips > 0; --flips) {
            const std::size_t at = random() % file.size();
            file[at] = static_cast<char>(file[at] ^ (1 << (random() % 8)));
        }
        (void)expect_rescued(healthy(), file);
    }
}

// Each byte once; all bits of all with RESPAND_SPOOL_RUNS.
TEST(Damage, AFlippedBitInTheHeaderCostsNothing) {
    const int bits = runs(1) > 1 ? 8 : 1;
    for (std::size_t at = 0; at < 100; ++at) {
        const bool says_whose_it_is = (at >= 60 && at < 64) || (at >= 68 && at < 72);
        for (int n = 0; n < (says_whose_it_is ? 8 : bits); ++n) {
            const std::size_t bit = (at * 5 + static_cast<std::size_t>(n)) % 8;
            SCOPED_TRACE("bit " + std::to_string(bit) + " of byte " + std::to_string(at));
            std::string file = healthy().file;
            file[at] = static_cast<char>(file[at] ^ (1 << bit));
            EXPECT_EQ(expect_rescued(healthy(), file), healthy().pending.size());
        }
    }
}

TEST(Damage, AMissingIndexOfTheLogIsMadeAgain) {
    const Healthy unfinished = make_healthy(false);
    ASSERT_FALSE(unfinished.log.empty());
    EXPECT_EQ(expect_rescued(unfinished, unfinished.file, unfinished.log), unfinished.pending.size());
}

TEST(Damage, TheLogOfAnotherSpoolDoesNotSpoilTheFile) {
    TempDir other(test::memory_directory());
    auto spool = open(other);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(spool->commit(appending({chunk_of({record(1000 + i, 40'000)})})));
    const std::string log = contents(other.file("spool.db-wal"));
    spool.reset();
    EXPECT_EQ(expect_rescued(healthy(), healthy().file, log), healthy().pending.size());
}

TEST(Damage, ALogWithoutItsFileIsKeptAndTheSpoolGoesOn) {
    const Healthy unfinished = make_healthy(false);
    TempDir dir(test::memory_directory());
    write(dir.file("spool.db-wal"), unfinished.log);
    auto spool = open(dir);
    ASSERT_TRUE(spool);
    EXPECT_EQ(spool->totals().pending, 0U);
    bool kept = false;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
        kept = kept || (entry.path().string().find(".damaged-") != std::string::npos &&
                        contents(entry.path().string()) == unfinished.log);
    EXPECT_TRUE(kept);
}

TEST(Damage, WhatIsNoDatabaseIsSetAsideAsItIs) {
    TempDir dir(test::memory_directory());
    const std::string notes = "This is not a database, it is somebody's notes.";
    for (int time = 0; time < 2; ++time) {
        write(dir.file("spool.db"), notes);
        auto spool = open(dir);
        ASSERT_TRUE(spool && spool->rescued());
        EXPECT_EQ(contents(spool->rescued()->kept_as), notes);
        EXPECT_TRUE(spool->rescued()->books_lost);
        EXPECT_THAT(describe(*spool->rescued()), HasSubstr(spool->rescued()->kept_as));
    }
    int kept = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
        kept += entry.path().string().find(".damaged-") != std::string::npos ? 1 : 0;
    EXPECT_EQ(kept, 2) << "the second must not take the place of the first";
}

#ifdef RESPAND_TESTED_BY_ROOT  // only root can give files away
TEST(Damage, AnotherUsersFileIsRefusedAndLeftAlone) {
    TempDir dir(test::memory_directory());
    write(dir.file("spool.db"), healthy().file);
    ASSERT_EQ(::chown(dir.file("spool.db").c_str(), 12345, 12345), 0);
    const auto spool = Spool::open({.path = dir.file("spool.db")});
    ASSERT_FALSE(spool);
    EXPECT_EQ(spool.error().kind, ErrorKind::no_permission);
    EXPECT_THAT(spool.error().message, HasSubstr("uid 12345"));
    EXPECT_EQ(contents(dir.file("spool.db")), healthy().file);
}
#endif

TEST(Damage, ARescueThatWasCutShortIsFinishedOrBegunAgain) {
    const std::string& file = healthy().file;
    {  // cut before the fresh file was complete: it is thrown away
        TempDir dir(test::memory_directory());
        write(dir.file("spool.db"), file);
        write(dir.file("spool.db.rescue"), "half of it");
        auto spool = open(dir);
        EXPECT_EQ(pending(*spool).size(), healthy().pending.size());
        EXPECT_FALSE(std::filesystem::exists(dir.file("spool.db.rescue")));
    }
    {  // cut after the damaged file got its new name, before its log did
        TempDir dir(test::memory_directory());
        write(dir.file("spool.db.rescue"), file);
        write(dir.file("spool.db-wal"), "the log of the damaged file");
        auto spool = open(dir);
        EXPECT_EQ(pending(*spool).size(), healthy().pending.size());
        expect_in_order(*spool);
    }
    {  // the same, and somebody has looked for the file since and made an empty one
        TempDir dir(test::memory_directory());
        write(dir.file("spool.db.rescue"), file);
        write(dir.file("spool.db"), "");
        auto spool = open(dir);
        EXPECT_EQ(pending(*spool).size(), healthy().pending.size());
        expect_in_order(*spool);
    }
}

TEST(Damage, FoundWhileRunningIsRecoveredWithWhatIsInMemory) {
    TempDir dir(test::memory_directory());
    std::string file = healthy().file;
    file[file.find(record(20, 1800).substr(10, 50))] = '!';  // nobody looks at it before it is read
    write(dir.file("spool.db"), file);
    auto spool = open(dir);
    ASSERT_FALSE(spool->rescued());
    const auto before = spool->totals();
    const auto read = spool->read(kDefaultLane, 0, 10'000, 1 << 30);
    ASSERT_TRUE(read);  // what comes before it is good
    const auto next = spool->read(kDefaultLane, read->back().id, 10'000, 1 << 30);
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().kind, ErrorKind::data);
    ASSERT_TRUE(spool->recover(next.error().message));
    ASSERT_TRUE(spool->rescued());
    EXPECT_EQ(spool->rescued()->unreadable, 1U);
    EXPECT_EQ(spool->totals().pending + spool->rescued()->lost, before.pending);
    // A settlement of a chunk that was in flight meanwhile still counts.
    Changes late;
    late.delivered.push_back({read->back().id, static_cast<std::uint32_t>(read->back().records()), 0, 1});
    ASSERT_TRUE(spool->commit(late));
    EXPECT_EQ(spool->totals().ledger.sum(account::kDelivered), before.ledger.sum(account::kDelivered) + 1);
    expect_in_order(*spool);
    EXPECT_FALSE(spool->recover("again")) << "not twice within a minute";
}

/// Overwrites the pages that hold the text, and so the small table that does.
void wipe_pages_with(std::string& file, const std::string& text) {
    for (std::size_t at = kPage; (at = file.find(text, at)) != std::string::npos;) {
        at -= at % kPage;
        file.replace(at, kPage, kPage, '\0');
    }
}

TEST(Damage, RecordsStayWithTheirLane) {
    for (const bool running : {false, true}) {
        TempDir dir;
        LaneId team = 0;
        {
            auto spool = open(dir);
            ASSERT_TRUE(spool->add_lane("team-of-others"));
            team = spool->add_lane("team-a").value();
            ASSERT_TRUE(spool->commit(appending({chunk_of({record(1, 100)}), chunk_of({record(2, 100)}, team),
                                                 chunk_of({record(3, 100), record(4, 100)}, team)})));
            Changes refused;
            const Chunk chunk = spool->read(team, 0, 1, 1)->front();
            refused.parked.push_back(parking(chunk, 0));
            ASSERT_TRUE(spool->commit(refused));
            ASSERT_TRUE(spool->checkpoint());
        }
        std::unique_ptr<Spool> spool;
        if (running) spool = open(dir);
        std::string file = contents(dir.file("spool.db"));
        wipe_pages_with(file, "team-a");
        write(dir.file("spool.db"), file);
        if (running)
            ASSERT_TRUE(spool->recover("for the test"));
        else
            spool = open(dir);
        ASSERT_TRUE(spool->rescued());
        EXPECT_EQ(spool->rescued()->lost, 0U);
        EXPECT_EQ(pending(*spool, team), (std::vector<std::string>{record(3, 100), record(4, 100)}));
        EXPECT_EQ(pending(*spool, kDefaultLane), std::vector<std::string>{record(1, 100)});
        EXPECT_EQ(spool->dead_letters({}, 10)->front().lane, team);
        // Its name is in memory, or lost: then nobody else is given what waits in it.
        EXPECT_EQ(spool->lanes().at(team), running ? "team-a" : "lost-" + std::to_string(team));
        if (running) {
            EXPECT_EQ(spool->add_lane("team-a").value(), team);
        } else {
            const LaneId again = spool->add_lane("team-a").value();
            EXPECT_NE(again, team);
            EXPECT_TRUE(pending(*spool, again).empty());
            EXPECT_EQ(spool->move(team, again, {})->records, 2U);
            EXPECT_EQ(pending(*spool, again).size(), 2U);
        }
    }
}

TEST(Damage, ACommitThatFindsItGoesIntoTheFreshFile) {
    TempDir dir(test::memory_directory());
    auto spool = open(dir);
    std::vector<NewChunk> chunks;  // more than the cache of pages holds
    for (int i = 0; i < 40; ++i) chunks.push_back(chunk_of({record(i, 250'000)}));
    ASSERT_TRUE(spool->commit(appending(std::move(chunks))));
    ASSERT_TRUE(spool->checkpoint());
    read_all(*spool);
    {
        std::fstream file(dir.file("spool.db"), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(10 * kPage));
        file << std::string(300 * kPage, '\0');
    }
    Changes changes = appending({chunk_of({"{\"new\":1}"})});
    for (ChunkId id = 1; id <= 20; ++id) changes.delivered.push_back({id, 1, 0, 1});
    const auto done = recovering(*spool, [&](Spool& s) { return s.commit(changes); });
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(spool->rescued());
    EXPECT_GT(spool->rescued()->lost, 0U);
    EXPECT_GT(spool->rescued()->records, 10U);
    EXPECT_EQ(pending(*spool).back(), "{\"new\":1}");
    expect_in_order(*spool);
}

TEST(Verify, SaysThatAWholeFileIsWholeAndLeavesItAlone) {
    TempDir dir(test::memory_directory());
    write(dir.file("spool.db"), healthy().file);
    const auto report = verify(dir.file("spool.db"));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->faults.empty()) << report->faults.front();
    EXPECT_EQ(report->audit.pending_rows, healthy().pending.size());
    EXPECT_EQ(report->dead_letters, 2U);
    EXPECT_EQ(report->chunks, 16U);
    EXPECT_EQ(contents(dir.file("spool.db")), healthy().file);
}

TEST(Verify, NamesWhatIsWrong) {
    TempDir dir(test::memory_directory());
    std::string file = healthy().file;
    file[file.find(record(20, 1800).substr(10, 50))] = '!';
    write(dir.file("spool.db"), file);
    const auto report = verify(dir.file("spool.db"));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->unreadable_chunks, 1U);
    EXPECT_FALSE(report->faults.empty());
    write(dir.file("spool.db"), healthy().file.substr(0, 5 * kPage));
    EXPECT_FALSE(verify(dir.file("spool.db"))->faults.empty());
    write(dir.file("spool.db"), "no database at all");
    EXPECT_FALSE(verify(dir.file("spool.db"))->faults.empty());
    EXPECT_EQ(verify(dir.file("nothing.db")).error().kind, ErrorKind::no_input);
}

TEST(Verify, IsRefusedWhileADaemonHasTheSpool) {
    TempDir dir(test::memory_directory());
    auto spool = open(dir);
    const auto report = verify(dir.file("spool.db"));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, ErrorKind::unavailable);
}

TEST(Books, OfARescueBalanceWhateverTheySaid) {
    std::mt19937 random(3);
    for (int i = 0; i < 500; ++i) {
        Ledger ledger;
        for (const auto name : {account::kReceived, account::kRejected, account::kDropped, account::kAccepted,
                                account::kDelivered, account::kDead, account::kRequeued, account::kPurged,
                                account::kDiscarded, account::kLost})
            ledger.add(name, {}, random() % 50);
        const std::uint64_t pending = random() % 50, dead = random() % 50;
        const auto faults =
            faults_of(balance(balanced(ledger, pending, dead), {{"default", 1, pending, dead}}));
        EXPECT_TRUE(faults.empty()) << faults.front();
    }
}

TEST(Verify, LeavesNothingBesideACopy) {
    TempDir dir(test::memory_directory());
    write(dir.file("spool.db"), healthy().file);
    const auto report = verify(dir.file("spool.db"));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->faults.empty());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

}  // namespace
}  // namespace respand::spool
