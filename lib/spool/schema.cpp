#include "spool/schema.hpp"

#include <string>

#include "spool/spool.hpp"

namespace respand::spool {
namespace {

// `chunk.id` is given by us and rises for as long as the file has chunks. `lengths` is a 32-bit little-endian
// number a record. `progress.settled` is one byte a record, 1 when it was delivered or parked. An operator
// can look inside with
//   SELECT value FROM chunk, json_each('[' || body || ']');
constexpr const char* kTables = R"sql(
CREATE TABLE chunk(
    id INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    lengths BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE progress(
    chunk INTEGER PRIMARY KEY,
    settled BLOB NOT NULL
) STRICT;
CREATE TABLE dead_letter(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lane INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    parked_us INTEGER NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE ledger(
    account TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY(account, reason)
) STRICT, WITHOUT ROWID;
)sql";

std::string pragma(const char* name, std::int64_t value) {
    return std::string("PRAGMA ") + name + "=" + std::to_string(value) + ";";
}

Status create(sqlite::Connection& database) {
    // Page size has to be set before the first page is written; journal_mode writes it.
    if (auto set = database.exec(pragma("page_size", 16384) + "PRAGMA journal_mode=WAL;"); !set) return set;
    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) return std::unexpected(transaction.error());
    auto made = database.exec(kTables + pragma("application_id", Spool::kApplicationId) +
                              pragma("user_version", Spool::kSchemaVersion));
    if (!made) return made;
    return transaction->commit();
}

}  // namespace

Status prepare_schema(sqlite::Connection& database) {
    const auto application = database.value("PRAGMA application_id");
    if (!application) return std::unexpected(application.error());
    const auto tables = database.value("SELECT count(*) FROM sqlite_master");
    if (!tables) return std::unexpected(tables.error());
    if (*application == 0 && *tables == 0) {
        if (auto created = create(database); !created) return created;
    } else if (*application != Spool::kApplicationId) {
        return fail(
            ErrorKind::data,
            database.path() + " is a database of another program; set [spool] path to a file of its own");
    } else {
        const auto version = database.value("PRAGMA user_version");
        if (!version) return std::unexpected(version.error());
        if (*version != Spool::kSchemaVersion)
            return fail(ErrorKind::data, database.path() +
                                             " was written by another version of respand (schema " +
                                             std::to_string(*version) + ", this one knows " +
                                             std::to_string(Spool::kSchemaVersion) +
                                             "); run that version, or set [spool] path to a new file");
    }
    // FULL: the log is synced at every commit. secure_delete (Debian's default) would rewrite every page of
    // what was delivered. The cache is small: pages are read once, soon after they were written, from the
    // kernel's cache.
    return database.exec(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF; PRAGMA "
        "temp_store=MEMORY;"
        "PRAGMA cache_size=-4096; PRAGMA journal_size_limit=67108864;");
}

}  // namespace respand::spool
