#include "spool/schema.hpp"

#include <string>

#include "spool/migrations.hpp"
#include "spool/spool.hpp"

namespace respand::spool {
namespace {

std::string pragma(const char* name, std::int64_t value) {
    return std::string("PRAGMA ") + name + "=" + std::to_string(value) + ";";
}

/// All missing steps in one transaction: a file is of one version or of another, never between.
Status migrate(sqlite::Connection& database, std::int64_t version) {
    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) return std::unexpected(transaction.error());
    for (; version < kSchemaVersion; ++version)
        if (auto done = database.exec(kMigrations.at(static_cast<std::size_t>(version))); !done) return done;
    auto marked = database.exec(pragma("application_id", Spool::kApplicationId) +
                                pragma("user_version", kSchemaVersion));
    if (!marked) return marked;
    return transaction->commit();
}

/// The statements that made the tables: the same in all files of a version (migrations.hpp).
Result<std::string> shape_of(sqlite::Connection& database) {
    return database.text_value(
        "SELECT coalesce(group_concat(sql,';'),'') FROM (SELECT sql FROM sqlite_master ORDER BY type,name)");
}

/// The statements of a new file of that version; empty when none could be made.
std::string shape_of_version(std::int64_t version) {
    auto fresh = sqlite::Connection::open(":memory:", sqlite::OpenMode::read_write_create);
    for (std::int64_t step = 0; fresh && step < version; ++step)
        if (!fresh->exec(kMigrations.at(static_cast<std::size_t>(step)))) return {};
    return fresh ? shape_of(*fresh).value_or("") : "";
}

/// Whether the tables are exactly ours: then a header that says otherwise is damaged.
Result<bool> has_our_shape(sqlite::Connection& database) {
    const auto shape = shape_of(database);
    if (!shape && !is_of_content(shape.error())) return std::unexpected(shape.error());
    return shape && *shape == shape_of_version(kSchemaVersion);
}

std::unexpected<Error> damaged_header(const sqlite::Connection& database, const std::string& says) {
    return fail(ErrorKind::data, database.path() + ": its header says that " + says +
                                     ", but its tables are those of this version: the header is damaged");
}

/// What version the file has; 0: it is empty.
Result<std::int64_t> version_of(sqlite::Connection& database) {
    const auto application = database.value("PRAGMA application_id");
    if (!application) return std::unexpected(application.error());
    const auto tables = database.value("SELECT count(*) FROM sqlite_master");
    if (!tables) return std::unexpected(tables.error());
    if (*application == 0 && *tables == 0) return 0;
    const auto ours = *application != Spool::kApplicationId ? has_our_shape(database) : false;
    if (!ours) return std::unexpected(ours.error());
    if (*ours) return damaged_header(database, "it belongs to another program");
    if (*application != Spool::kApplicationId)
        return fail(
            ErrorKind::config,
            database.path() + " is a database of another program; set [spool] path to a file of its own");
    const auto version = database.value("PRAGMA user_version");
    if (!version) return std::unexpected(version.error());
    const bool known = *version >= 1 && *version <= kSchemaVersion;
    const auto current = known ? false : has_our_shape(database);
    if (!current) return std::unexpected(current.error());
    if (*current) return damaged_header(database, "its schema is " + std::to_string(*version));
    if (!known)
        return fail(ErrorKind::config,
                    database.path() + " was written by a newer version of respand (schema " +
                        std::to_string(*version) + ", this one knows up to " +
                        std::to_string(kSchemaVersion) +
                        ") and is left alone; run that version, or set [spool] path to a new file");
    return version;
}

}  // namespace

bool is_of_content(const Error& error) {
    return error.kind == ErrorKind::data || error.kind == ErrorKind::software;
}

Result<bool> has_known_shape(sqlite::Connection& database) {
    const auto shape = shape_of(database);
    if (!shape && !is_of_content(shape.error())) return std::unexpected(shape.error());
    for (std::int64_t version = 1; shape && version <= kSchemaVersion; ++version)
        if (*shape == shape_of_version(version)) return true;
    return false;
}

Status prepare_schema(sqlite::Connection& database) {
    const auto version = version_of(database);
    if (!version) return std::unexpected(version.error());
    // A new file gets its tables before it gets a log. Page size has to be set before the first page is
    // written. The other way round, a power cut can take the file's first page back (its rollback journal was
    // removed, and that the directory is synced then nobody promises), and leave a log beside an empty file.
    if (*version == 0) {
        if (auto set = database.exec(pragma("page_size", 16384)); !set) return set;
        if (auto made = migrate(database, 0); !made) return made;
    }
    // FULL: the log is synced at every commit. secure_delete (Debian's default) would rewrite every page of
    // what was delivered. The cache is small: pages are read once, soon after they were written, from the
    // kernel's cache.
    auto set = database.exec(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096;" +
        pragma("journal_size_limit", static_cast<std::int64_t>(kWalLimit.value)));
    if (!set || *version == kSchemaVersion) return set;
    if (*version != 0) return migrate(database, *version);
    // So that a new file's log says whose it is (open.cpp). Replaced and not updated, because SQLite does not
    // write a page for a value that stays what it was.
    return database.exec("REPLACE INTO identity SELECT * FROM identity");
}

}  // namespace respand::spool
