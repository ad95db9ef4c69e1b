#include "sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/system_error.hpp"
#include "sqlite/write_watch.hpp"

namespace respand::sqlite {
namespace {

ErrorKind kind_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOMEM:
        case SQLITE_PROTOCOL:
            return ErrorKind::temporary;
        case SQLITE_IOERR:
            return ErrorKind::io;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorKind::data;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return ErrorKind::no_permission;
        case SQLITE_CANTOPEN:
            return ErrorKind::cant_create;
        default:
            return ErrorKind::software;
    }
}

ErrorKind kind_of(sqlite3* database, int code) {
    const ErrorKind kind = kind_of(code);
    // SQLite says the same whatever keeps it from opening a file; the system says more.
    if (database == nullptr || (code & 0xff) != SQLITE_CANTOPEN) return kind;
    return kind_of_system_error(sqlite3_system_errno(database), kind);
}

/// SQLite's own words, and what kept it from opening a file.
std::string words_for(sqlite3* database, int code) {
    std::string text = sqlite3_errmsg(database);
    const int system_error = sqlite3_system_errno(database);
    if ((code & 0xff) == SQLITE_CANTOPEN && system_error != 0)
        text += ": " + std::generic_category().message(system_error);
    return text;
}

std::unexpected<Error> failure(sqlite3* database, int code) {
    const char* file = sqlite3_db_filename(database, "main");
    // A number in the header that no SQLite ever wrote; SQLite has no code of its own for that.
    const bool no_format =
        code == SQLITE_ERROR && std::string_view(sqlite3_errmsg(database)) == "unsupported file format";
    return fail(no_format ? ErrorKind::data : kind_of(database, code),
                std::string(file && *file ? file : "database") + ": " + words_for(database, code) +
                    " (SQLite code " + std::to_string(sqlite3_extended_errcode(database)) + ")");
}

/// What has a meaning in a URI is written as %XX.
std::string uri_of(const std::string& path) {
    constexpr const char* kHex = "0123456789ABCDEF";
    std::string uri = "file:";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '%' || c == '?' || c == '#')
            uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
        else
            uri += c;
    }
    return uri;
}

int remember_wal_pages(void* pages, sqlite3*, const char*, int count) {
    *static_cast<std::int64_t*>(pages) = count;
    return SQLITE_OK;
}

/// How long to wait for somebody else's lock, such as an operator's sqlite3 shell.
constexpr int kBusyTimeoutMs = 5'000;

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::bind(int parameter, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), parameter, value);
    return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view text) {
    // A null pointer would be NULL to SQLite, and not an empty text.
    sqlite3_bind_text64(statement_.get(), parameter, text.data() != nullptr ? text.data() : "", text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
    sqlite3_bind_blob64(statement_.get(), parameter, bytes.data() != nullptr ? bytes.data() : "",
                        bytes.size(), SQLITE_STATIC);
    return *this;
}

Statement& Statement::bind_column(int parameter, const Statement& row, int column) {
    sqlite3_bind_value(statement_.get(), parameter, sqlite3_column_value(row.statement_.get(), column));
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto error = failure(sqlite3_db_handle(statement_.get()), code);
    sqlite3_reset(statement_.get());
    return error;
}

Status Statement::run() {
    const auto row = step();
    reset();
    if (!row) return std::unexpected(row.error());
    return {};
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::column_int64(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::column_bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Connection::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Connection> Connection::open(const std::string& path, OpenMode mode) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (mode) {
        case OpenMode::read_write_create:
            flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
            break;
        case OpenMode::read_write:
            flags |= SQLITE_OPEN_READWRITE;
            break;
        case OpenMode::read_only:
            flags |= SQLITE_OPEN_READONLY;
            break;
        case OpenMode::file_alone:
            flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
            break;
    }
    sqlite3* raw = nullptr;
    const std::string name = mode == OpenMode::file_alone ? uri_of(path) + "?immutable=1" : path;
    const int code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
    Connection connection;
    connection.database_.reset(raw);
    connection.path_ = path;
    if (code != SQLITE_OK)
        return fail(kind_of(raw, code),
                    path + " can't be opened: " + (raw != nullptr ? words_for(raw, code) : "out of memory"));
    // SQLite opens what it may not write for reading only, and says so at the first write.
    const bool writes = mode == OpenMode::read_write_create || mode == OpenMode::read_write;
    if (writes && connection.read_only())
        return fail(ErrorKind::no_permission, path + " is read-only for this user");
    connection.checkpoint_on_close(false);
    connection.wal_pages_ = std::make_unique<std::int64_t>(0);
    sqlite3_busy_timeout(raw, kBusyTimeoutMs);
    sqlite3_wal_hook(raw, remember_wal_pages,
                     connection.wal_pages_.get());  // also switches auto-checkpoints off
    return connection;
}

bool Connection::read_only() const { return sqlite3_db_readonly(database_.get(), "main") == 1; }

void Connection::checkpoint_on_close(bool on) {
    sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

Status Connection::exec(const std::string& sql) {
    const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failure(database_.get(), code);
    return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    Statement statement;
    statement.statement_.reset(raw);
    if (code != SQLITE_OK) return failure(database_.get(), code);
    return statement;
}

Status Connection::prepare_all(std::initializer_list<std::pair<Statement*, std::string_view>> statements) {
    for (const auto& [statement, sql] : statements) {
        auto prepared = prepare(sql);
        if (!prepared) return std::unexpected(prepared.error());
        *statement = std::move(*prepared);
    }
    return {};
}

Result<std::int64_t> Connection::value(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return fail(ErrorKind::software, path_ + ": no row from " + std::string(sql));
    return statement->column_int64(0);
}

Result<std::string> Connection::text_value(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return fail(ErrorKind::software, path_ + ": no row from " + std::string(sql));
    return std::string(statement->column_bytes(0));
}

Result<std::string> Connection::integrity_fault() {
    auto result = text_value("PRAGMA integrity_check(1)");
    if (!result && result.error().kind == ErrorKind::data) return result.error().message;
    if (!result) return result;
    if (*result == "ok") return std::string{};
    for (char& c : *result) c = c == '\n' ? ' ' : c;
    // What stopped the check itself is told in the same text as what the check has found.
    if (result->find("failed to get page") !=
        std::string::npos)  // SQLite names a page that is not there otherwise
        return fail(ErrorKind::io, path_ + ": " + *result);
    constexpr std::string_view kCode = "error code=";
    const std::size_t at = result->find(kCode);
    const int code =
        at == std::string::npos ? SQLITE_CORRUPT : std::atoi(result->c_str() + at + kCode.size());
    if (kind_of(code) != ErrorKind::data) return fail(kind_of(code), path_ + ": " + *result);
    return path_ + ": " + *result;
}

Result<std::int64_t> Connection::checkpoint(CheckpointMode mode) {
    const int how = mode == CheckpointMode::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
    int pages = 0, moved = 0;
    sqlite3_busy_timeout(database_.get(), 0);  // a reader must not hold up the commits behind this
    const int code = sqlite3_wal_checkpoint_v2(database_.get(), "main", how, &pages, &moved);
    sqlite3_busy_timeout(database_.get(), kBusyTimeoutMs);
    const bool busy = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
    if (code != SQLITE_OK && !busy) return failure(database_.get(), code);
    if (code == SQLITE_OK && mode == CheckpointMode::truncate) *wal_pages_ = 0;
    return std::max(moved, 0);
}

Result<std::int64_t> Connection::checkpoint_watched(std::function<void(std::int64_t, std::int64_t)> written) {
    sqlite3_file* file = nullptr;
    const int code =
        sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
    if (code != SQLITE_OK || file == nullptr || file->pMethods == nullptr)
        return checkpoint(CheckpointMode::passive);  // no file, nothing to watch
    const WriteWatch watch(*file, std::move(written));
    return checkpoint(CheckpointMode::passive);
}

Result<Transaction> Transaction::begin(Connection& connection) {
    if (auto begun = connection.exec("BEGIN IMMEDIATE"); !begun) return std::unexpected(begun.error());
    return Transaction(connection);
}

Transaction::~Transaction() {
    if (connection_) (void)connection_->exec("ROLLBACK");  // fails only when SQLite rolled back already
}

Status Transaction::commit() {
    auto committed = connection_->exec("COMMIT");
    if (committed) connection_ = nullptr;
    return committed;
}

}  // namespace respand::sqlite
