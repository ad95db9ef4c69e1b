#include "spool/salvage.hpp"

#include <algorithm>
#include <tuple>

#include "spool/checksum.hpp"
#include "spool/codec.hpp"
#include "spool/schema.hpp"

namespace respand::spool {

using sqlite::Statement;

namespace {

/// Bytes of one transaction of the destination.
constexpr std::size_t kCommitEvery = 16 << 20;
/// Ids that are tried one after the other behind a place that can't be read: a page that is gone takes a few
/// hundred rows with it, an inner page of the tree many thousands. With the end of the table gone, nobody
/// knows how many more there may be.
constexpr int kMostProbes = 200'000;
constexpr int kMostProbesPastTheEnd = 5'000;

constexpr const char* kDeadColumns =
    "id,lane,created_us,first_tried_us,parked_us,cause,status,answer,attempts,model,record_id,source,"
    "checksum,"
    "body";
constexpr const char* kDeadColumnsOfVersion1 =
    "id,lane,created_us,0,parked_us,'http_'||status,status,answer,0,'','',0,0,body";
constexpr int kDeadBody = 13;

/// No room, no memory, no descriptor, a disk that fails: the rescue has to wait, or it would give up what can
/// be read later. Anything else is damage.
bool is_grave(const Error& error) { return !is_of_content(error); }

}  // namespace

Result<bool> Salvage::has_column(const std::string& table, const std::string& column) {
    const auto columns =
        from_.value("SELECT count(*) FROM pragma_table_info('" + table + "') WHERE name='" + column + "'");
    if (!columns && is_grave(columns.error())) return std::unexpected(columns.error());
    return columns.value_or(0) > 0;
}

Status Salvage::each_row(const std::string& table, const std::string& columns, const Take& take) {
    auto rows = from_.prepare("SELECT " + columns + " FROM " + table + " NOT INDEXED WHERE id>? ORDER BY id");
    if (!rows) return is_grave(rows.error()) ? Status(std::unexpected(rows.error())) : Status{};
    const auto last = from_.value("SELECT coalesce(max(id),0) FROM " + table + " NOT INDEXED");
    if (!last && is_grave(last.error())) return std::unexpected(last.error());
    const int most = last ? kMostProbes : kMostProbesPastTheEnd;
    std::int64_t after = 0;
    for (int probes = 0; probes < most && after < last.value_or(INT64_MAX);) {
        rows->bind(1, after);
        for (;;) {
            const auto row = rows->step();
            if (!row && is_grave(row.error())) return std::unexpected(row.error());
            if (row && !*row) return {};
            const std::int64_t id = row ? rows->column_int64(0) : 0;
            if (id <= after) break;  // a fault, or a tree that leads back
            after = id;
            probes = 0;
            if (auto taken = take(*rows); !taken) return taken;
        }
        rows->reset();
        ++after;
        ++probes;
    }
    return {};
}

bool Salvage::is_object(std::string_view text) {
    bool yes = false;
    (void)is_object_.bind_text(1, text).each([&](const Statement& row) { yes = row.column_int64(0) == 1; });
    return yes;
}

/// What stands for a checksum in rows of an older version.
bool Salvage::all_objects(const Chunk& chunk) {
    std::size_t at = 0;
    for (const std::uint32_t length : chunk.lengths) {
        if (!is_object(std::string_view(chunk.body).substr(at, length))) return false;
        at += length;
        if (at < chunk.body.size() && chunk.body[at++] != ',') return false;
    }
    return true;
}

Status Salvage::load_progress() {
    auto rows = from_.prepare("SELECT chunk,settled FROM progress");
    auto read = !rows ? Status(std::unexpected(rows.error())) : rows->each([&](const Statement& row) {
        progress_[row.column_int64(0)] = Marks(row.column_bytes(1));
    });
    // As far as it goes: without a note a record is sent again, which is better than not at all.
    return !read && is_grave(read.error()) ? read : Status{};
}

Status Salvage::load_lanes() {
    if (auto loaded = to_.lanes.load(to_.database); !loaded) return loaded;
    for (const auto& [id, name] : lanes_)
        if (auto kept = to_.lanes.keep(to_.database, id, name); !kept) return kept;
    return {};
}

Status Salvage::have_lane(LaneId id) {
    return to_.lanes.keep(to_.database, id, "lost-" + std::to_string(id));
}

Status Salvage::copied(std::size_t bytes) {
    uncommitted_ += bytes;
    if (uncommitted_ < kCommitEvery) return {};
    uncommitted_ = 0;
    if (auto committed = to_.database.exec("COMMIT"); !committed) return committed;
    if (auto moved = to_.database.checkpoint(sqlite::CheckpointMode::truncate); !moved)
        return std::unexpected(moved.error());
    return to_.database.exec("BEGIN");
}

Status Salvage::take_chunk(const Statement& row) {
    Chunk chunk;
    chunk.id = row.column_int64(0);
    chunk.created = wall_time(row.column_int64(2));
    chunk.lengths = numbers_from(row.column_bytes(3));
    chunk.body = row.column_text(4);
    chunk.sources = numbers_from(row.column_bytes(7));
    const std::int64_t noted = row.column_int64(6);
    if (chunk_fault(chunk, noted) != nullptr || (noted == 0 && !all_objects(chunk))) {
        ++unreadable_;
        return {};
    }
    NewChunk copy{row.column_int64(1), chunk.created, std::move(chunk.body), std::move(chunk.lengths),
                  std::move(chunk.sources)};
    if (auto known = have_lane(copy.lane); !known) return known;
    if (auto inserted = to_.chunks.insert(chunk.id, copy, row.column_int64(5)); !inserted) return inserted;
    records_ += copy.records();
    const auto marks = progress_.find(chunk.id);
    if (marks != progress_.end() && marks->second.size() == copy.records()) {
        const auto settled = static_cast<std::uint64_t>(
            std::count_if(marks->second.begin(), marks->second.end(), [](char m) { return m != '\0'; }));
        records_ -= settled;
        if (auto saved = insert_progress_.bind(1, chunk.id).bind_blob(2, marks->second).run(); !saved)
            return saved;
    }
    return copied(copy.body.size());
}

Status Salvage::take_dead(const Statement& row) {
    const std::string_view body = row.column_bytes(kDeadBody);
    const std::int64_t noted = row.column_int64(kDeadBody - 1);
    if (noted != 0 ? noted != checksum(body) : !is_object(body)) {
        ++unreadable_;
        return {};
    }
    if (auto known = have_lane(row.column_int64(1)); !known) return known;
    for (int column = 0; column <= kDeadBody; ++column) insert_dead_.bind_column(column + 1, row, column);
    insert_dead_.bind(kDeadBody + 2, static_cast<std::int64_t>(body.size()));
    insert_dead_.bind(kDeadBody, checksum(body));
    if (auto inserted = insert_dead_.run(); !inserted) {
        if (is_grave(inserted.error())) return inserted;
        ++unreadable_;  // a column that is of no type it could have been written with
        return {};
    }
    ++dead_letters_;
    return copied(body.size());
}

Status Salvage::copy_table(const std::string& table, const std::string& columns, int count) {
    auto rows = from_.prepare("SELECT " + columns + " FROM " + table);
    if (!rows) return is_grave(rows.error()) ? Status(std::unexpected(rows.error())) : Status{};
    std::string places = "?";
    for (int i = 1; i < count; ++i) places += ",?";
    auto insert =
        to_.database.prepare("INSERT OR IGNORE INTO " + table + "(" + columns + ") VALUES(" + places + ")");
    if (!insert) return std::unexpected(insert.error());
    for (;;) {
        const auto row = rows->step();
        if (!row && is_grave(row.error())) return std::unexpected(row.error());
        if (!row || !*row) return {};
        for (int i = 0; i < count; ++i) insert->bind_column(i + 1, *rows, i);
        if (auto added = insert->run(); !added && is_grave(added.error())) return added;
    }
}

Status Salvage::run() {
    auto prepared = to_.database.prepare_all({
        {&insert_dead_, "INSERT INTO dead_letter(" + std::string(kDeadColumns) +
                            ",bytes) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
        {&insert_progress_, "INSERT INTO progress(chunk,settled) VALUES(?,?)"},
        {&is_object_, "SELECT CASE WHEN json_valid(?1) THEN json_type(?1)='object' ELSE 0 END"},
    });
    if (!prepared) return prepared;
    if (auto begun = to_.database.exec("BEGIN"); !begun) return begun;
    const std::tuple<const char*, const char*, int> small[] = {
        {"lane", "id,name", 2},
        {"source", "id,table_id,table_version,key,rule", 5},
        {"model_day", "day,model,outcome,records", 4},
        {"seen", "id,age_us,hashes", 3},
        {"clock", "id,age_us,wall_us", 3},
    };
    for (const auto& [table, columns, count] : small)
        if (auto done = copy_table(table, columns, count); !done) return done;
    if (auto loaded = load_lanes(); !loaded) return loaded;
    if (auto loaded = load_progress(); !loaded) return loaded;
    const auto new_chunks = has_column("chunk", "checksum"), new_dead = has_column("dead_letter", "cause");
    if (!new_chunks) return std::unexpected(new_chunks.error());
    if (!new_dead) return std::unexpected(new_dead.error());
    auto done = each_row("chunk",
                         std::string("id,lane,created_us,lengths,body,") +
                             (*new_chunks ? "age_us,checksum,sources" : "0,0,x''"),
                         [this](const Statement& row) { return take_chunk(row); });
    if (!done) return done;
    done = each_row("dead_letter", *new_dead ? kDeadColumns : kDeadColumnsOfVersion1,
                    [this](const Statement& row) { return take_dead(row); });
    if (!done) return done;
    return to_.database.exec("COMMIT");
}

Result<std::optional<Ledger>> Salvage::ledger() {
    auto rows = from_.prepare("SELECT account,reason,amount FROM ledger");
    Ledger ledger;
    auto read = !rows ? Status(std::unexpected(rows.error())) : rows->each([&](const Statement& row) {
        ledger.add(row.column_bytes(0), row.column_bytes(1), column_count(row.column_int64(2)));
    });
    if (!read && is_grave(read.error())) return std::unexpected(read.error());
    if (!read || ledger.empty()) return std::optional<Ledger>{};
    return ledger;
}

}  // namespace respand::spool
