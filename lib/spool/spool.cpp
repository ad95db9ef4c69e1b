#include "spool/spool.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <unordered_map>

#include "spool/lock_file.hpp"
#include "spool/schema.hpp"
#include "spool/spool_path.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {
namespace {

static_assert(std::endian::native == std::endian::little, "chunk.lengths is stored as it lies in memory");

using sqlite::Connection;
using sqlite::Statement;
using sqlite::Transaction;

/// One byte a record, as in progress.settled.
using Marks = std::string;

std::string_view bytes_of(const std::vector<std::uint32_t>& lengths) {
    return {reinterpret_cast<const char*>(lengths.data()), lengths.size() * sizeof(std::uint32_t)};
}

std::vector<std::uint32_t> lengths_from(std::string_view bytes) {
    std::vector<std::uint32_t> lengths(bytes.size() / sizeof(std::uint32_t));
    if (!lengths.empty()) std::memcpy(lengths.data(), bytes.data(), lengths.size() * sizeof(std::uint32_t));
    return lengths;
}

std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall_time(std::int64_t us) { return WallTime{std::chrono::microseconds{us}}; }

}  // namespace

struct Spool::Impl {
    Impl(Connection connection, LockFile lock_file)
        : lock(std::move(lock_file)), database(std::move(connection)) {}

    Status prepare();
    Status load_totals();
    Status load_progress();

    Status append(const Changes& changes, Ledger& delta, std::uint64_t& bytes, ChunkId& next);
    Status settle(const Changes& changes, Ledger& delta);
    void mark(ChunkId chunk, std::uint32_t chunk_records, std::uint32_t first, std::uint32_t count,
              std::uint64_t& fresh);
    Status park(const Parked& parked);
    Status write_progress();
    Status write_ledger(const Ledger& delta);
    Status commit(const Changes& changes);

    LockFile lock;  // let go after the database is closed
    Connection database;
    Statement insert_chunk, delete_chunk, save_progress, delete_progress, insert_dead, add_ledger,
        select_chunks, chunk_bytes, oldest;
    std::int64_t page_size = 0;
    ChunkId next_id = 1;
    Totals totals;
    /// Chunks of which some records are settled and others not: few, because uploads go in order.
    std::unordered_map<ChunkId, Marks> partial;

    /// What the running transaction touches; becomes part of the above when it is committed.
    struct Pending {
        std::unordered_map<ChunkId, Marks> marks;
        std::uint64_t settled = 0, chunks_deleted = 0, bytes_deleted = 0, dead = 0, dead_bytes = 0;
    } pending;
};

Status Spool::Impl::prepare() {
    if (auto ready = prepare_schema(database); !ready) return ready;
    const std::pair<Statement*, const char*> statements[] = {
        {&insert_chunk,
         "INSERT INTO chunk(id,lane,created_us,records,bytes,lengths,body) VALUES(?,?,?,?,?,?,?)"},
        {&delete_chunk, "DELETE FROM chunk WHERE id=?"},
        {&chunk_bytes, "SELECT bytes FROM chunk WHERE id=?"},
        {&save_progress,
         "INSERT INTO progress(chunk,settled) VALUES(?,?) ON CONFLICT(chunk) DO UPDATE SET "
         "settled=excluded.settled"},
        {&delete_progress, "DELETE FROM progress WHERE chunk=?"},
        {&insert_dead,
         "INSERT INTO dead_letter(lane,created_us,parked_us,status,answer,body) VALUES(?,?,?,?,?,?)"},
        {&add_ledger,
         "INSERT INTO ledger(account,reason,amount) VALUES(?,?,?) ON CONFLICT(account,reason) DO UPDATE SET "
         "amount=amount+excluded.amount"},
        {&select_chunks,
         "SELECT id,created_us,lengths,body,bytes FROM chunk WHERE id>? AND lane=? ORDER BY id"},
        {&oldest, "SELECT created_us FROM chunk ORDER BY id LIMIT 1"},
    };
    for (const auto& [statement, sql] : statements) {
        auto prepared = database.prepare(sql);
        if (!prepared) return std::unexpected(prepared.error());
        *statement = std::move(*prepared);
    }
    const auto size = database.value("PRAGMA page_size");
    if (!size) return std::unexpected(size.error());
    page_size = *size;
    if (auto loaded = load_progress(); !loaded) return loaded;
    return load_totals();
}

Status Spool::Impl::load_progress() {
    auto rows = database.prepare("SELECT chunk,settled FROM progress");
    if (!rows) return std::unexpected(rows.error());
    for (;;) {
        const auto row = rows->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        partial[rows->column_int64(0)] = Marks(rows->column_bytes(1));
    }
}

Status Spool::Impl::load_totals() {
    auto chunks = database.prepare(
        "SELECT count(*),coalesce(sum(records),0),coalesce(sum(bytes),0),coalesce(max(id),0) FROM chunk");
    if (!chunks) return std::unexpected(chunks.error());
    if (const auto row = chunks->step(); !row) return std::unexpected(row.error());
    totals.chunks = static_cast<std::uint64_t>(chunks->column_int64(0));
    totals.pending = static_cast<std::uint64_t>(chunks->column_int64(1));
    totals.live.value = static_cast<std::uint64_t>(chunks->column_int64(2));
    next_id = chunks->column_int64(3) + 1;
    for (const auto& [chunk, marks] : partial)
        totals.pending -= static_cast<std::uint64_t>(std::count(marks.begin(), marks.end(), '\1'));

    auto dead = database.prepare("SELECT count(*),coalesce(sum(length(body)),0) FROM dead_letter");
    if (!dead) return std::unexpected(dead.error());
    if (const auto row = dead->step(); !row) return std::unexpected(row.error());
    totals.dead = static_cast<std::uint64_t>(dead->column_int64(0));
    totals.live.value += static_cast<std::uint64_t>(dead->column_int64(1));

    auto rows = database.prepare("SELECT account,reason,amount FROM ledger");
    if (!rows) return std::unexpected(rows.error());
    for (;;) {
        const auto row = rows->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        totals.ledger.add(rows->column_bytes(0), rows->column_bytes(1),
                          static_cast<std::uint64_t>(rows->column_int64(2)));
    }
}

Status Spool::Impl::append(const Changes& changes, Ledger& delta, std::uint64_t& bytes, ChunkId& next) {
    std::uint64_t records = 0;
    for (const NewChunk& chunk : changes.append) {
        insert_chunk.bind(1, next++)
            .bind(2, chunk.lane)
            .bind(3, micros(chunk.created))
            .bind(4, static_cast<std::int64_t>(chunk.records()))
            .bind(5, static_cast<std::int64_t>(chunk.body.size()))
            .bind_blob(6, bytes_of(chunk.lengths))
            .bind_blob(7, chunk.body);
        if (auto inserted = insert_chunk.run(); !inserted) return inserted;
        records += chunk.records();
        bytes += chunk.body.size();
    }
    delta.add(account::kAccepted, {}, records);
    return {};
}

/// Notes records as settled; `fresh` counts those that were not before.
void Spool::Impl::mark(ChunkId chunk, std::uint32_t chunk_records, std::uint32_t first, std::uint32_t count,
                       std::uint64_t& fresh) {
    auto found = pending.marks.find(chunk);
    if (found == pending.marks.end()) {
        const auto before = partial.find(chunk);
        found = pending.marks
                    .emplace(chunk, before == partial.end() ? Marks(chunk_records, '\0') : before->second)
                    .first;
    }
    Marks& marks = found->second;
    for (std::size_t i = first; i < std::min<std::size_t>(std::size_t{first} + count, marks.size()); ++i) {
        if (marks[i] != '\0') continue;
        marks[i] = '\1';
        ++fresh;
    }
}

Status Spool::Impl::park(const Parked& parked) {
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    insert_dead.bind(1, parked.lane)
        .bind(2, micros(parked.created))
        .bind(3, micros(now))
        .bind(4, parked.status)
        .bind_text(5, parked.answer)
        .bind_blob(6, parked.body);
    pending.dead += 1;
    pending.dead_bytes += parked.body.size();
    return insert_dead.run();
}

Status Spool::Impl::settle(const Changes& changes, Ledger& delta) {
    std::uint64_t delivered = 0, dead = 0;
    for (const Delivered& run : changes.delivered)
        mark(run.chunk, run.chunk_records, run.first, run.count, delivered);
    for (const Parked& parked : changes.parked) {
        std::uint64_t fresh = 0;
        mark(parked.chunk, parked.chunk_records, parked.index, 1, fresh);
        if (fresh == 0) continue;
        if (auto done = park(parked); !done) return done;
        ++dead;
    }
    delta.add(account::kDelivered, {}, delivered);
    delta.add(account::kDead, {}, dead);
    pending.settled = delivered + dead;
    return write_progress();
}

/// Deletes chunks that are settled whole, saves the marks of the others.
Status Spool::Impl::write_progress() {
    for (const auto& [chunk, marks] : pending.marks) {
        if (marks.find('\0') != Marks::npos) {
            if (auto saved = save_progress.bind(1, chunk).bind_blob(2, marks).run(); !saved) return saved;
            continue;
        }
        chunk_bytes.bind(1, chunk);
        const auto row = chunk_bytes.step();
        if (!row) return std::unexpected(row.error());
        const auto size = *row ? static_cast<std::uint64_t>(chunk_bytes.column_int64(0)) : 0;
        chunk_bytes.reset();
        if (auto gone = delete_chunk.bind(1, chunk).run(); !gone) return gone;
        pending.bytes_deleted += size;
        ++pending.chunks_deleted;
        if (!partial.contains(chunk)) continue;
        if (auto gone = delete_progress.bind(1, chunk).run(); !gone) return gone;
    }
    return {};
}

Status Spool::Impl::write_ledger(const Ledger& delta) {
    for (const auto& [key, amount] : delta.amounts()) {
        add_ledger.bind_text(1, key.first)
            .bind_text(2, key.second)
            .bind(3, static_cast<std::int64_t>(amount));
        if (auto added = add_ledger.run(); !added) return added;
    }
    return {};
}

Status Spool::Impl::commit(const Changes& changes) {
    pending = {};
    auto transaction = Transaction::begin(database);
    if (!transaction) return std::unexpected(transaction.error());
    Ledger delta = changes.ledger;
    std::uint64_t bytes = 0;
    ChunkId next = next_id;
    if (auto appended = append(changes, delta, bytes, next); !appended) return appended;
    if (auto settled = settle(changes, delta); !settled) return settled;
    if (auto written = write_ledger(delta); !written) return written;
    if (auto committed = transaction->commit(); !committed) return committed;

    next_id = next;
    totals.ledger.add(delta);
    totals.pending = totals.pending + delta.at(account::kAccepted) - pending.settled;
    totals.chunks = totals.chunks + changes.append.size() - pending.chunks_deleted;
    totals.dead += pending.dead;
    totals.live.value = totals.live.value + bytes + pending.dead_bytes - pending.bytes_deleted;
    for (auto& [chunk, marks] : pending.marks) {
        if (marks.find('\0') == Marks::npos)
            partial.erase(chunk);
        else
            partial[chunk] = std::move(marks);
    }
    return {};
}

Spool::Spool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(const SpoolSettings& settings) {
    if (auto checked = check_spool_path(settings.path); !checked) return std::unexpected(checked.error());
    auto lock = LockFile::acquire(settings.path + ".lock");
    if (!lock) return std::unexpected(lock.error());
    const mode_t old_mask = ::umask(0077);  // records are nobody else's business
    auto database = Connection::open(settings.path, sqlite::OpenMode::read_write_create);
    if (!database) {
        ::umask(old_mask);
        return std::unexpected(opening_failed(settings.path, database.error()));
    }
    auto impl = std::make_unique<Impl>(std::move(*database), std::move(*lock));
    auto prepared = impl->prepare();
    ::umask(old_mask);
    if (!prepared) return std::unexpected(opening_failed(settings.path, prepared.error()));
    return std::unique_ptr<Spool>(new Spool(std::move(impl)));
}

Status Spool::commit(const Changes& changes) { return impl_->commit(changes); }

Result<std::vector<Chunk>> Spool::read(LaneId lane, ChunkId after, std::size_t max_records,
                                       std::size_t max_bytes) {
    std::vector<Chunk> chunks;
    std::size_t records = 0, bytes = 0;
    Statement& rows = impl_->select_chunks;
    rows.bind(1, after).bind(2, lane);
    while (records < max_records && bytes < max_bytes) {
        const auto row = rows.step();
        if (!row && chunks.empty()) return std::unexpected(row.error());
        if (!row) break;  // what was read before the fault is good
        if (!*row) break;
        Chunk chunk;
        chunk.id = rows.column_int64(0);
        chunk.lane = lane;
        chunk.lengths = lengths_from(rows.column_bytes(2));
        const auto size = static_cast<std::size_t>(rows.column_int64(4));
        if (!chunks.empty() && (records + chunk.records() > max_records || bytes + size > max_bytes)) break;
        chunk.created = wall_time(rows.column_int64(1));
        chunk.body = rows.column_bytes(3);
        if (const auto marks = impl_->partial.find(chunk.id); marks != impl_->partial.end())
            for (const char mark : marks->second) chunk.settled.push_back(mark != '\0');
        records += chunk.records();
        bytes += size;
        chunks.push_back(std::move(chunk));
    }
    rows.reset();
    return chunks;
}

Totals Spool::totals() const {
    Totals totals = impl_->totals;
    Statement& oldest = impl_->oldest;
    if (const auto row = oldest.step(); row && *row) totals.oldest = wall_time(oldest.column_int64(0));
    oldest.reset();
    return totals;
}

Standing Spool::standing() const { return {impl_->totals.pending, impl_->totals.live}; }

Result<Audit> Spool::audit() {
    auto result = spool::audit(impl_->database);
    if (!result) return result;
    const Totals& totals = impl_->totals;
    if (totals.pending != result->pending_rows)
        result->faults.push_back("the daemon counts " + std::to_string(totals.pending) +
                                 " pending records, the file holds " + std::to_string(result->pending_rows));
    return result;
}

ByteCount Spool::wal_size() const {
    return {static_cast<std::uint64_t>(impl_->database.wal_pages() * impl_->page_size)};
}

ByteCount Spool::free_space() const {
    std::error_code error;
    const auto space = std::filesystem::space(impl_->database.path(), error);
    return {error ? std::numeric_limits<std::uint64_t>::max() : space.available};
}

Status Spool::checkpoint() { return impl_->database.checkpoint(sqlite::CheckpointMode::truncate); }

ByteCount Spool::free_pages() const {
    const auto pages = impl_->database.value("PRAGMA freelist_count");
    return {pages ? static_cast<std::uint64_t>(*pages * impl_->page_size) : 0};
}

Status Spool::shrink(ByteCount worth_it) {
    // VACUUM keeps a copy of what is left in memory.
    constexpr ByteCount kMaxLeft = 16_MiB;
    if (free_pages() < worth_it || impl_->totals.live > kMaxLeft) return {};
    if (auto vacuumed = impl_->database.exec("VACUUM"); !vacuumed) return vacuumed;
    return checkpoint();
}

const std::string& Spool::path() const { return impl_->database.path(); }

Status checkpoint_beside(const std::string& path) {
    auto database = Connection::open(path, sqlite::OpenMode::read_write);
    if (!database) return std::unexpected(database.error());
    if (auto set = database->exec("PRAGMA synchronous=FULL"); !set) return set;
    return database->checkpoint(sqlite::CheckpointMode::passive);
}

}  // namespace respand::spool
