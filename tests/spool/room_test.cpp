// A disk that has no room left. The kernel's answer is put in its mouth: fallocate is the one call that takes
// room, and this program has its own.
#include "spool/room.hpp"

#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "fixture.hpp"

namespace {
std::atomic<bool> disk_is_full{false};
}

extern "C" int fallocate(int fd, int mode, off_t offset, off_t length) {
    if (disk_is_full) {
        errno = ENOSPC;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fallocate, fd, mode, offset, length));
}

namespace respand::spool {
namespace {

using test::TempDir;
using testing::HasSubstr;

struct FullDisk {
    FullDisk() { disk_is_full = true; }
    ~FullDisk() { disk_is_full = false; }
};

/// A spool with so many dead letters of this size, and nothing else.
std::unique_ptr<Spool> with_letters(const TempDir& dir, std::size_t count, std::size_t size) {
    auto spool = open(dir);
    const std::vector<std::string> records(count, "{\"text\":\"" + std::string(size, 'x') + "\"}");
    EXPECT_TRUE(spool->commit(appending({chunk_of(records)})));
    const auto chunks = spool->read(kDefaultLane, 0, count, 1 << 30);
    Changes changes;
    for (std::uint32_t i = 0; i < count; ++i) changes.parked.push_back(parking(chunks->front(), i));
    EXPECT_TRUE(spool->commit(changes));
    return spool;
}

TEST(Room, WithoutItNothingIsRequeuedAndTheLettersStay) {
    TempDir dir;
    auto spool = with_letters(dir, 400, 9'000);
    ASSERT_TRUE(spool->checkpoint());
    {
        const FullDisk full;
        const auto refused = spool->requeue({}, "operator:test");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::temporary);
        EXPECT_THAT(refused.error().message, HasSubstr("these dead letters stay where they are"));
        EXPECT_THAT(refused.error().message, HasSubstr("the disk has no room"));
        EXPECT_EQ(spool->totals().dead, 400U);
        EXPECT_EQ(spool->totals().pending, 0U);
        expect_in_order(*spool);
        // What makes room needs none.
        DeadFilter some;
        some.up_to = 10;
        EXPECT_TRUE(spool->discard(some, "operator:test"));
    }
    const auto done = spool->requeue({}, "operator:test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(spool->totals().pending, 390U);
    expect_in_order(*spool);
}

TEST(Room, OfARequeueIsAsMuchAsItTakes) {
    for (const std::size_t size : {20U, 2'000U, 300'000U}) {
        TempDir dir;
        const std::size_t count = size > 100'000 ? 12 : 400;
        auto spool = with_letters(dir, count, size);
        ASSERT_TRUE(spool->checkpoint());
        const std::uint64_t bytes = spool->totals().live.value, log_before = spool->wal_size().value;
        std::uint64_t letters = 0;
        PagesNeeded needed;
        for (bool more = true; more;) {
            const auto step = spool->requeue({}, "operator:test");
            ASSERT_TRUE(step);
            const PagesNeeded pages = pages_for_requeue(step->records, bytes * step->records / count, 16384);
            needed.log += pages.log;
            letters += step->records;
            more = step->more;
        }
        EXPECT_EQ(letters, count);
        EXPECT_LE((spool->wal_size().value - log_before) / 16384, needed.log) << size;
    }
}

TEST(Room, ARequeueTakesNoMoreOfTheLimitThanItsLettersHad) {
    TempDir dir;
    auto spool = with_letters(dir, 50, 1'000);
    const ByteCount before = spool->totals().live;
    ASSERT_TRUE(spool->requeue({}, "operator:test"));
    EXPECT_LE(spool->totals().live.value, before.value + 50) << "commas between records";
}

}  // namespace
}  // namespace respand::spool
