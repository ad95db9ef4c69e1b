// A damaged log under a real spool: every record is there, or counted as lost.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <random>

#include "damage.hpp"
#include "log_bytes.hpp"
#include "spool/files.hpp"
#include "spool/log_mend.hpp"
#include "spool/verify.hpp"

namespace respand::spool {
namespace {

using test::TempDir;
using testing::HasSubstr;

const Healthy& unfinished() {
    static const Healthy made = make_healthy(false);
    return made;
}

struct Found {
    std::set<std::string> pending;
    std::uint64_t lost = 0;
    bool log_kept = false, rescued = false;
};

Found open_with(const std::string& log) {
    TempDir dir(test::memory_directory());
    write(dir.file("spool.db"), unfinished().file);
    write(dir.file("spool.db-wal"), log);
    auto spool = open(dir);
    Found found;
    if (!spool) return found;
    read_all(*spool);
    for (const std::string& text : pending(*spool)) found.pending.insert(text);
    found.lost = spool->totals().ledger.sum(account::kLost);
    found.log_kept = !spool->log_kept_as().empty();
    found.rescued = spool->rescued().has_value();
    EXPECT_TRUE(!found.log_kept || contents(spool->log_kept_as()) == log) << "not as it was found";
    expect_in_order(*spool);
    EXPECT_TRUE(spool->commit(appending({chunk_of({"{\"new\":1}"})})));
    spool.reset();
    spool = open(dir);
    EXPECT_TRUE(spool->log_kept_as().empty() && !spool->rescued()) << "damaged again";
    EXPECT_EQ(spool->totals().pending, found.pending.size() + 1);
    expect_in_order(*spool);
    return found;
}

TEST(LogDamage, AWrongBitAnywhereCostsNothing) {
    const std::string& log = unfinished().log;
    const std::size_t last = frames_in(log) - 1;
    std::mt19937 random(1);
    std::vector<std::size_t> places{0, 9, 17, 25};  // of the header: magic, page size, salts, checksum
    for (const std::size_t frame : {std::size_t{0}, last / 2, last})
        for (const std::size_t offset : {0UZ, 5UZ, 8UZ, 17UZ, 24UZ, 8000UZ})
            places.push_back(frame_at(frame) + offset);
    for (const std::size_t place : places) {
        SCOPED_TRACE("byte " + std::to_string(place));
        const Found found = open_with(flipped(log, place * 8 + random() % 8));
        EXPECT_EQ(found.pending, unfinished().pending);
        EXPECT_EQ(found.lost, 0U);
        EXPECT_TRUE(found.log_kept);
        EXPECT_FALSE(found.rescued);
    }
}

TEST(LogDamage, AWrongBitThatCantBePlacedCostsItsChunkAtMost) {
    const std::string& log = unfinished().log;
    std::mt19937 random(2);
    int whole = 0;
    for (int run = 0; run < 20; ++run) {
        const std::size_t frame = random() % frames_in(log);
        const std::size_t bit = (frame_at(frame) + 24 + random() % 4096 * 4) * 8 + 28 + random() % 4;
        SCOPED_TRACE("bit " + std::to_string(bit));
        const Found found = open_with(flipped(log, bit));
        EXPECT_TRUE(found.log_kept);
        EXPECT_GE(found.pending.size() + found.lost, unfinished().pending.size());
        EXPECT_GE(found.pending.size() + 4, unfinished().pending.size());
        whole += found.pending == unfinished().pending ? 1 : 0;
    }
    EXPECT_GT(whole, 10);
}

TEST(LogDamage, ADestroyedPieceCostsItsPageAndIsCounted) {
    const std::string& log = unfinished().log;
    const auto commits = commits_in(log);
    const std::size_t provable = commits[commits.size() - 2];
    int rescued = 0;
    for (std::size_t frame = 0; frame + 1 < provable; frame += 2)
        for (const std::size_t offset : {std::size_t{0}, std::size_t{12'000}}) {
            SCOPED_TRACE("frame " + std::to_string(frame) + " at " + std::to_string(offset));
            std::string damaged = log;
            damaged.replace(frame_at(frame) + offset, 600, 600, '\x33');
            const Found found = open_with(damaged);
            EXPECT_TRUE(found.log_kept);
            rescued += found.rescued ? 1 : 0;
            std::size_t missing = 0;
            for (const std::string& text : unfinished().pending)
                missing += found.pending.contains(text) ? 0 : 1;
            EXPECT_LE(missing, found.lost) << "missing and not counted";
            EXPECT_TRUE(found.rescued || found.pending == unfinished().pending);
            for (const std::string& text : found.pending)
                EXPECT_TRUE(unfinished().pending.contains(text) || unfinished().delivered.contains(text) ||
                            unfinished().dead.contains(text));
        }
    EXPECT_GT(rescued, 0);
}

TEST(LogDamage, OfAStartThatPutTheLogRightAndGotNoFurtherIsRememberedByTheNext) {
    const std::string& log = unfinished().log;
    const auto commits = commits_in(log);
    int rescued = 0;
    for (std::size_t frame = 0; frame + 1 < commits[commits.size() - 2]; frame += 3) {
        SCOPED_TRACE("frame " + std::to_string(frame));
        std::string damaged = log;
        damaged.replace(frame_at(frame), 600, 600, '\x33');
        const Found at_once = open_with(damaged);
        TempDir dir(test::memory_directory());
        write(dir.file("spool.db"), unfinished().file);
        write(dir.file("spool.db-wal"), damaged);
        ASSERT_TRUE(mend_log(dir.file("spool.db"), kArrival));
        auto spool = open(dir);  // the log looks sound now
        ASSERT_TRUE(spool);
        EXPECT_EQ(spool->rescued().has_value(), at_once.rescued);
        rescued += at_once.rescued ? 1 : 0;
        read_all(*spool);
        const auto left = pending(*spool);
        EXPECT_EQ(std::set<std::string>(left.begin(), left.end()), at_once.pending);
        EXPECT_EQ(spool->totals().ledger.sum(account::kLost), at_once.lost);
        EXPECT_FALSE(std::filesystem::exists(doubtful_mark(dir.file("spool.db"))));
    }
    EXPECT_GT(rescued, 0);
}

TEST(LogDamage, WithoutItsHeaderTheCommitsAreFoundAllTheSame) {
    std::string damaged = unfinished().log;
    damaged.replace(0, kLogHeader, kLogHeader, '\x11');
    const Found found = open_with(damaged);
    EXPECT_TRUE(found.log_kept);
    EXPECT_EQ(found.pending, unfinished().pending);
}

TEST(LogDamage, ALogThatIsNoLogIsKeptBeforeSqliteThrowsItAway) {
    const std::string noise(100'000, '\x77');
    const Found found = open_with(noise);
    EXPECT_TRUE(found.log_kept);
}

TEST(LogDamage, ASoundLogAndATornOneAreLeftAlone) {
    for (const std::size_t less : {0UZ, 1UZ, 9000UZ, 17'000UZ}) {
        TempDir dir(test::memory_directory());
        write(dir.file("spool.db"), unfinished().file);
        write(dir.file("spool.db-wal"), unfinished().log.substr(0, unfinished().log.size() - less));
        auto spool = open(dir);
        ASSERT_TRUE(spool);
        EXPECT_TRUE(spool->log_kept_as().empty());
        EXPECT_EQ(set_aside(dir), "");
        expect_in_order(*spool);
    }
}

TEST(LogDamage, AHeaderThatIsHalfWrittenOverALogThatIsInTheFileIsLeftAlone) {
    TempDir from(test::memory_directory()), dir(test::memory_directory());
    {
        auto spool = open(from);
        for (int i = 0; i < 5; ++i) ASSERT_TRUE(spool->commit(appending({chunk_of({record(i, 9000)})})));
        ASSERT_TRUE(spool->finish_checkpoint());
        write(dir.file("spool.db"), contents(from.file("spool.db")));
        std::string log = contents(from.file("spool.db-wal"));
        log[15] = static_cast<char>(log[15] + 1);  // the number of the next log, and no more
        write(dir.file("spool.db-wal"), log);
    }
    auto spool = open(dir);
    EXPECT_EQ(spool->log_kept_as(), "");
    EXPECT_EQ(spool->totals().pending, 5U);
}

TEST(LogDamage, WithoutRoomForACopyNothingIsTouched) {
    TempDir dir(test::memory_directory());
    const std::string damaged = flipped(unfinished().log, frame_at(3) * 8 + 4000);
    write(dir.file("spool.db"), unfinished().file);
    write(dir.file("spool.db-wal"), damaged);
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{10'000, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto spool = Spool::open({.path = dir.file("spool.db")});
    ::setrlimit(RLIMIT_FSIZE, &old);
    ASSERT_FALSE(spool);
    EXPECT_THAT(spool.error().message, HasSubstr("can't be kept as it is"));
    EXPECT_EQ(contents(dir.file("spool.db")), unfinished().file);
    EXPECT_EQ(contents(dir.file("spool.db-wal")), damaged);
    EXPECT_EQ(set_aside(dir), "");
    auto again = open(dir);
    EXPECT_EQ(pending(*again).size(), unfinished().pending.size());
}

TEST(LogDamage, IsToldByVerifyAndAudit) {
    TempDir dir(test::memory_directory());
    write(dir.file("spool.db"), unfinished().file);
    write(dir.file("spool.db-wal"), flipped(unfinished().log, frame_at(3) * 8 + 4000));
    const auto found = verify(dir.file("spool.db"));
    ASSERT_TRUE(found);
    ASSERT_FALSE(found->faults.empty());
    EXPECT_THAT(found->faults.back(), HasSubstr("frame 3 has a wrong bit"));
    const auto books = audit_file(dir.file("spool.db"));
    ASSERT_TRUE(books);
    EXPECT_THAT(books->faults.back(), HasSubstr("frame 3 has a wrong bit"));
}

}  // namespace
}  // namespace respand::spool
