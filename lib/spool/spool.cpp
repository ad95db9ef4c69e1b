#include "spool/spool.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <thread>

#include "base/log.hpp"
#include "spool/files.hpp"
#include "spool/log_mend.hpp"
#include "spool/open.hpp"
#include "spool/spool_path.hpp"
#include "spool/store.hpp"
#include "spool/writeback.hpp"

namespace respand::spool {

using sqlite::Connection;

namespace {
// A disk that fails once more behind a rescue gets a moment; the writer waits meanwhile.
constexpr int kReopenTries = 5;
constexpr std::chrono::milliseconds kReopenPause{20};
}  // namespace

Spool::Spool(std::string path, const Clock& clock, LockFile lock)
    : path_(std::move(path)), clock_(clock), lock_(std::move(lock)) {}
Spool::~Spool() = default;

const Clock& Spool::system_clock() {
    static const SystemClock clock;
    return clock;
}

Result<std::unique_ptr<Spool>> Spool::open(const SpoolSettings& settings, const Clock& clock) {
    if (auto checked = check_spool_path(settings.path); !checked) return std::unexpected(checked.error());
    auto lock = LockFile::acquire(settings.path + ".lock");
    if (!lock) return std::unexpected(lock.error());
    std::unique_ptr<Spool> spool(new Spool(settings.path, clock, std::move(*lock)));
    const auto lone_log = finish_rescue(settings.path, clock.wall());
    if (!lone_log) return std::unexpected(lone_log.error());
    if (!lone_log->empty())
        spdlog::error(
            "the spool {} is missing or empty, but its write-ahead log is there and may hold records: it is "
            "kept "
            "as {}; if you have the file that belongs to it, put both back under their names and restart",
            settings.path, *lone_log);
    const auto doubtful = spool->mend_log();
    if (!doubtful) return std::unexpected(opening_failed(settings.path, doubtful.error()));
    if (auto opened = spool->open_store(*doubtful); !opened) return std::unexpected(opened.error());
    ::unlink(doubtful_mark(settings.path).c_str());
    return spool;
}

/// Before SQLite opens the file. Whether what the log holds is in doubt now.
Result<bool> Spool::mend_log() {
    const auto mended = spool::mend_log(path_, clock_.wall());
    if (!mended) return std::unexpected(mended.error());
    if (!*mended) {
        // Of a start that put the log right and got no further.
        std::error_code error;
        const bool doubtful = std::filesystem::exists(doubtful_mark(path_), error);
        if (error) return fail(ErrorKind::io, doubtful_mark(path_) + ": " + error.message());
        return doubtful;
    }
    spdlog::error("{}", describe(**mended));
    log_kept_as_ = (*mended)->kept_as + "-wal";
    return !(*mended)->report.exact;
}

Status Spool::open_store(bool doubtful) {
    const mode_t old_mask = ::umask(0077);  // records are nobody else's business
    auto store = open_or_rescue(path_, clock_, doubtful ? Trust::doubtful : Trust::usual, rescued_);
    ::umask(old_mask);
    if (!store) return std::unexpected(opening_failed(path_, store.error()));
    store_ = std::move(*store);
    store_->room.keep_reserve();
    return {};
}

Status Spool::recover(const std::string& why) {
    if (recovered_at_ && clock_.steady() - *recovered_at_ < kRecoverInterval)
        return fail(ErrorKind::data, why + "; it was rescued less than a minute ago, so this waits");
    recovered_at_ = clock_.steady();
    Damage damage{why, store_->totals.ledger, true, store_->lanes.names()};
    const ChunkId next_chunk = store_->next_chunk;
    const SourceId next_source = store_->sources.next();
    // Open until everything is copied: if that fails the damaged file is better than none, and as long as it
    // is open SQLite knows its log without reading it again.
    const auto file = store_->room.file();
    damage.file = file ? file->get() : -1;
    auto saved = rescue(path_, damage, clock_, [this] {
        store_->database.checkpoint_on_close(false);
        store_.reset();
    });
    if (saved) note_rescue(rescued_, std::move(*saved));
    if (store_) return std::unexpected(saved.error());
    // The damaged file could not be moved away and is opened again: whoever still has the descriptor (a
    // check-point beside) must not be the last, or SQLite's new locks would go with it.
    if (!saved && file) left_open_.push_back(file);
    const auto reopen = [this]() -> Status {
        // Were it half in place, opening would make an empty spool, and that would be the end of the rescued
        // one.
        if (auto finished = finish_rescue(path_, clock_.wall()); !finished)
            return std::unexpected(finished.error());
        return open_store(false);
    };
    auto opened = reopen();
    for (int tries = 1; !opened && tries < kReopenTries; ++tries) {
        std::this_thread::sleep_for(kReopenPause);
        opened = reopen();
    }
    if (!opened)
        throw std::runtime_error("the spool was rescued and can't be opened: " + opened.error().message);
    store_->next_chunk = std::max(store_->next_chunk, next_chunk);
    store_->sources.go_on_from(next_source);
    if (!saved) return std::unexpected(saved.error());
    return {};
}

Status Spool::commit(const Changes& changes) { return spool::commit(*store_, changes); }

Result<std::vector<Chunk>> Spool::read(LaneId lane, ChunkId after, std::size_t max_records,
                                       std::size_t max_bytes) {
    auto chunks = store_->chunks.read(lane, after, max_records, max_bytes);
    if (!chunks) return chunks;
    for (Chunk& chunk : *chunks)
        if (const Marks* marks = store_->progress.find(chunk.id))
            for (const char mark : *marks) chunk.settled.push_back(mark != '\0');
    return chunks;
}

Totals Spool::totals() const {
    Totals totals = store_->totals;
    for (auto& [id, lane] : totals.lanes) {
        if (lane.chunks == 0) continue;
        lane.oldest = store_->chunks.oldest(id);
        if (totals.oldest == WallTime{} || lane.oldest < totals.oldest) totals.oldest = lane.oldest;
    }
    return totals;
}

Standing Spool::standing() const {
    return {store_->totals.pending, store_->totals.live, store_->next_chunk - 1};
}

Result<Audit> Spool::audit() {
    auto result = spool::audit(store_->database);
    if (!result) return result;
    const Totals& totals = store_->totals;
    auto compare = [&](const char* what, std::uint64_t counted, std::uint64_t held) {
        if (counted != held)
            result->faults.push_back("the daemon counts " + std::to_string(counted) + " " + what +
                                     ", the file holds " + std::to_string(held));
    };
    compare("pending records", totals.pending, result->pending_rows);
    compare("dead letters", totals.dead, result->dead_rows);
    if (totals.ledger.amounts() != result->ledger.amounts())
        result->faults.emplace_back("the daemon's ledger is not the one in the file");
    return result;
}

const std::map<LaneId, std::string>& Spool::lanes() const { return store_->lanes.names(); }
Result<LaneId> Spool::add_lane(std::string_view name) { return store_->lanes.add(store_->database, name); }
Result<QueueStep> Spool::move(LaneId from, LaneId to, const ChunkSet& held) {
    return spool::move(*store_, from, to, held);
}

Result<std::vector<Source>> Spool::sources() { return store_->sources.all(store_->database); }
SourceId Spool::next_source() const { return store_->sources.next(); }
Result<std::vector<Coverage>> Spool::coverage(std::int64_t since_day) {
    return store_->coverage.since(since_day);
}
Status Spool::each_seen(const std::function<void(const RecordHash&)>& take) {
    return store_->seen.each(take);
}

Result<std::vector<RecordHash>> Spool::expire_seen(std::chrono::microseconds window, std::uint64_t max_rows) {
    std::vector<RecordHash> gone;
    auto done = store_->transact([&](Tally& tally) -> Status {
        auto expired = store_->seen.expire(store_->ages.now_us() - window.count(), max_rows);
        if (!expired) return std::unexpected(expired.error());
        gone = std::move(*expired);
        tally.seen = -static_cast<std::int64_t>(gone.size());
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return gone;
}

Result<std::vector<DeadLetter>> Spool::dead_letters(const DeadFilter& filter, std::size_t limit,
                                                    DeadOrder order) {
    return store_->dead.list(store_->database, filter, limit, order);
}
Result<std::optional<DeadLetter>> Spool::dead_letter(DeadLetterId id) { return store_->dead.get(id); }
Result<DeadLetterId> Spool::last_dead() { return store_->dead.last(); }
Result<DeadStep> Spool::requeue(const DeadFilter& filter, std::string_view by_whom) {
    return spool::requeue(*store_, filter, by_whom);
}
Result<DeadStep> Spool::discard(const DeadFilter& filter, std::string_view by_whom) {
    return spool::discard(*store_, filter, by_whom);
}

Result<QueueStep> Spool::drop_oldest(std::uint64_t records, std::uint64_t bytes, const ChunkSet& held) {
    return spool::drop_oldest(*store_, records, bytes, held);
}
Result<QueueStep> Spool::expire(std::chrono::microseconds max_age, const ChunkSet& held) {
    return spool::expire(*store_, max_age, held);
}

ByteCount Spool::wal_size() const {
    return {static_cast<std::uint64_t>(store_->database.wal_pages() * store_->page_size)};
}

ByteCount Spool::wal_blocks() const {
    struct stat info{};
    constexpr std::uint64_t kBlock = 512;  // unit of st_blocks, whatever the file system
    if (::stat((store_->database.path() + "-wal").c_str(), &info) != 0) return {};
    return {static_cast<std::uint64_t>(info.st_blocks) * kBlock};
}

ByteCount Spool::free_space() const {
    std::error_code error;
    const auto space = std::filesystem::space(store_->database.path(), error);
    return {error ? std::numeric_limits<std::uint64_t>::max() : space.available};
}

Status Spool::checkpoint() {
    auto done = store_->database.checkpoint(sqlite::CheckpointMode::truncate);
    store_->room.keep_reserve();  // was cut off with the log
    if (!done) return std::unexpected(done.error());
    return {};
}

Result<ByteCount> Spool::finish_checkpoint() {
    const auto pages = store_->database.checkpoint(sqlite::CheckpointMode::passive);
    if (!pages) return std::unexpected(pages.error());
    return ByteCount{static_cast<std::uint64_t>(*pages * store_->page_size)};
}

ByteCount Spool::free_pages() const {
    const auto pages = store_->database.value("PRAGMA freelist_count");
    return {pages ? static_cast<std::uint64_t>(*pages * store_->page_size) : 0};
}

Status Spool::shrink(ByteCount worth_it) {
    // VACUUM keeps a copy of what is left in memory.
    constexpr ByteCount kMaxLeft = 16_MiB;
    if (free_pages() < worth_it || store_->totals.live > kMaxLeft) return {};
    if (auto vacuumed = store_->database.exec("VACUUM"); !vacuumed) return vacuumed;
    return checkpoint();
}

LogPass Spool::log_pass() const { return {path_, store_->room.file()}; }

Result<ByteCount> checkpoint_beside(const LogPass& pass) {
    auto database = Connection::open(pass.path, sqlite::OpenMode::read_write);
    if (!database) return std::unexpected(database.error());
    if (auto set = database->exec("PRAGMA synchronous=FULL"); !set) return std::unexpected(set.error());
    const auto page_size = database->value("PRAGMA page_size");
    if (!page_size) return std::unexpected(page_size.error());
    // Left to the kernel, it would all be written by the next sync of the file: that of the writer.
    Writeback writeback([&pass](std::span<const WrittenRange> ranges) {
        if (pass.file) push_to_disk(pass.file->get(), ranges);
    });
    const auto pages = database->checkpoint_watched(
        [&writeback](std::int64_t offset, std::int64_t bytes) { writeback.written(offset, bytes); });
    writeback.finish();
    if (!pages) return std::unexpected(pages.error());
    return ByteCount{static_cast<std::uint64_t>(*pages * *page_size)};
}

}  // namespace respand::spool
