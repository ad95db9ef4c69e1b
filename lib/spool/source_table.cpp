#include "spool/source_table.hpp"

#include <algorithm>
#include <unordered_set>

#include "spool/codec.hpp"

namespace respand::spool {

using sqlite::Statement;

namespace {

Result<std::unordered_set<SourceId>> referenced(sqlite::Connection& database) {
    std::unordered_set<SourceId> ids;
    auto chunks = database.prepare("SELECT sources FROM chunk WHERE length(sources)>0");
    if (!chunks) return std::unexpected(chunks.error());
    auto read = chunks->each([&](const Statement& row) {
        for (const SourceId id : numbers_from(row.column_bytes(0))) ids.insert(id);
    });
    if (!read) return std::unexpected(read.error());
    auto dead = database.prepare("SELECT DISTINCT source FROM dead_letter");
    if (!dead) return std::unexpected(dead.error());
    read = dead->each([&](const Statement& row) { ids.insert(static_cast<SourceId>(row.column_int64(0))); });
    if (!read) return std::unexpected(read.error());
    return ids;
}

/// Deletes old sources that nothing refers to.
Status trim(sqlite::Connection& database) {
    const auto used = referenced(database);
    if (!used) return std::unexpected(used.error());
    auto rows = database.prepare("SELECT id FROM source ORDER BY id DESC LIMIT -1 OFFSET " +
                                 std::to_string(kSourcesKept));
    if (!rows) return std::unexpected(rows.error());
    std::vector<std::int64_t> old;
    auto read = rows->each([&](const Statement& row) {
        if (!used->contains(static_cast<SourceId>(row.column_int64(0)))) old.push_back(row.column_int64(0));
    });
    if (!read) return read;
    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) return std::unexpected(transaction.error());
    auto remove = database.prepare("DELETE FROM source WHERE id=?");
    if (!remove) return std::unexpected(remove.error());
    for (const std::int64_t id : old)
        if (auto gone = remove->bind(1, id).run(); !gone) return gone;
    return transaction->commit();
}

}  // namespace

Status SourceTable::prepare(sqlite::Connection& database, ByteCount live) {
    const auto count = database.value("SELECT count(*) FROM source");
    if (!count) return std::unexpected(count.error());
    if (*count > kSourcesKept && live <= kMostToLookAt)
        if (auto trimmed = trim(database); !trimmed) return trimmed;
    const auto last = database.value("SELECT coalesce(max(id),0) FROM source");
    if (!last) return std::unexpected(last.error());
    next_ = static_cast<SourceId>(*last) + 1;
    return database.prepare_all(
        // A source that is there already is no fault: the records that use it matter more.
        {{&insert_, "INSERT OR IGNORE INTO source(id,table_id,table_version,key,rule) VALUES(?,?,?,?,?)"}});
}

Status SourceTable::insert(std::span<const NewSource> sources) {
    for (const NewSource& source : sources) {
        insert_.bind(1, source.id)
            .bind_text(2, source.table_id)
            .bind_text(3, source.table_version)
            .bind_text(4, source.key)
            .bind_text(5, source.rule);
        if (auto added = insert_.run(); !added) return added;
    }
    return {};
}

void SourceTable::committed(std::span<const NewSource> sources) {
    for (const NewSource& source : sources) next_ = std::max(next_, source.id + 1);
}

Result<std::vector<Source>> SourceTable::all(sqlite::Connection& database) {
    auto rows = database.prepare("SELECT id,table_id,table_version,key,rule FROM source ORDER BY id");
    if (!rows) return std::unexpected(rows.error());
    std::vector<Source> sources;
    auto read = rows->each([&](const Statement& row) {
        sources.push_back({static_cast<SourceId>(row.column_int64(0)), row.column_text(1), row.column_text(2),
                           row.column_text(3), row.column_text(4)});
    });
    if (!read) return std::unexpected(read.error());
    return sources;
}

}  // namespace respand::spool
