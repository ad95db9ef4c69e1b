#include "spool/room.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>

namespace respand::spool {
namespace {

/// Allocated in steps, so that most commits find their room already there.
constexpr std::uint64_t kStep = 2U << 20;
/// A file's blocks include the file system's own bookkeeping.
constexpr std::uint64_t kBookkeeping = 256U << 10;
/// Unit of stat's st_blocks, whatever the file system.
constexpr std::uint64_t kBlock = 512;

/// Pages of a commit beside those of bodies: the root, the ledger, the list of free pages, parents of new
/// leaves.
constexpr std::uint64_t kPagesOfCommit = 16;
/// Of a row beside its body: its leaf, a leaf that is split, the last page of the body.
constexpr std::uint64_t kPagesOfRow = 4;
/// Bytes of a record in a chunk's row beside its body: its length and the source of its price.
constexpr std::uint64_t kBytesOfRecord = 8;
/// Lanes that letters of one step come from, at most: a step that has more is refused when the disk is that
/// full.
constexpr std::uint64_t kMaxOpenChunks = 64;
/// Bytes of a row of provenance or coverage, with its index, when pages are half full.
constexpr std::uint64_t kBytesOfSmallRow = 2'000;

}  // namespace

PagesNeeded pages_for(const Changes& changes, std::uint64_t page_size) {
    const std::uint64_t usable = page_size - 64;  // less than an overflow page holds
    std::uint64_t pages = kPagesOfCommit;
    for (const NewChunk& chunk : changes.append)
        pages += kPagesOfRow + (chunk.body.size() + chunk.records() * kBytesOfRecord) / usable;
    pages += changes.seen.size() * sizeof(RecordHash) / usable;
    pages += (changes.sources.size() + changes.coverage.size()) * kBytesOfSmallRow / usable;
    for (const Parked& parked : changes.parked)
        pages += kPagesOfRow + (parked.body.size() + parked.answer.size()) / usable;
    return {pages, pages};
}

PagesNeeded pages_for_requeue(std::uint64_t letters, std::uint64_t bytes, std::uint64_t page_size) {
    const std::uint64_t usable = page_size - 64;
    // Two chunks that follow each other are more than one full one together; and each lane has an open one.
    const std::uint64_t chunks = std::min(letters, 2 * bytes / kMaxChunkBytes + kMaxOpenChunks);
    const std::uint64_t appended =
        kPagesOfCommit + chunks * kPagesOfRow + (bytes + letters * kBytesOfRecord) / usable;
    // What goes needs no page more in the file, but each page that it stood on is written once more.
    return {appended + letters, appended};
}

std::shared_ptr<const UniqueFd> Room::open(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    return fd ? std::make_shared<const UniqueFd>(std::move(fd)) : nullptr;
}

Room::Room(std::string path) : path_(std::move(path)) { file_.fd = open(path_); }

Status Room::allocate(File& file, const std::string& path, std::uint64_t end) {
    if (!file.can_allocate) return {};
    if (!file.fd) file.fd = open(path);
    struct stat info{};
    if (!file.fd || ::fstat(file.fd->get(), &info) != 0) return {};  // SQLite will say what is wrong
    if (static_cast<std::uint64_t>(info.st_blocks) * kBlock >= end + kBookkeeping) return {};
    const std::uint64_t exact = end + kBookkeeping;
    for (const std::uint64_t target : {(exact + kStep) / kStep * kStep, exact}) {
        if (::fallocate(file.fd->get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(target)) == 0) return {};
        if (errno == ENOSPC || errno == EDQUOT) continue;
        // A file system that can't: then SQLite finds out when it writes. Anything else may pass.
        file.can_allocate = errno != EOPNOTSUPP && errno != ENOSYS;
        return {};
    }
    return fail(ErrorKind::temporary,
                path + ": the disk has no room for it to grow to " + approximate(ByteCount{end}));
}

Status Room::admit(PagesNeeded more, std::int64_t page_size, std::int64_t log_pages,
                   std::int64_t file_pages) {
    constexpr std::uint64_t kFrameHeader = 24;
    const auto page = static_cast<std::uint64_t>(page_size);
    auto log =
        allocate(log_, path_ + "-wal",
                 (static_cast<std::uint64_t>(log_pages) + more.log) * (page + kFrameHeader) + kReserve.value);
    if (!log) return log;
    return allocate(file_, path_, (static_cast<std::uint64_t>(file_pages) + more.file) * page);
}

void Room::keep_reserve() { (void)allocate(log_, path_ + "-wal", kReserve.value); }

}  // namespace respand::spool
