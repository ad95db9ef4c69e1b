// RAII over SQLite. The only folder that includes <sqlite3.h>.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace respand::sqlite {

/// A prepared statement. Used by the thread that owns its connection, and not after it.
///
/// Faults become Error values: SQLITE_FULL and SQLITE_BUSY are `temporary`, SQLITE_IOERR is `io`, a damaged
/// file is `data`, no right to write is `no_permission`; anything else is `software`.
class Statement {
  public:
    Statement() = default;
    Statement(Statement&&) noexcept = default;
    Statement& operator=(Statement&&) noexcept = default;
    ~Statement() = default;

    /// Parameters are numbered from 1. Blobs and texts are not copied: they must stay until the next reset().
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind_text(int parameter, std::string_view text);
    Statement& bind_blob(int parameter, std::string_view bytes);

    /// A column of a row of another statement, whatever its type. Copied.
    Statement& bind_column(int parameter, const Statement& row, int column);

    /// True: a row can be read; false: done.
    Result<bool> step();
    /// Steps a statement that brings no rows to its end and resets it.
    Status run();
    void reset();
    /// Steps to the end and resets; `take(row)` sees each row. Stops at the first fault.
    template <class Take>
    Status each(Take take) {
        for (;;) {
            const auto row = step();
            if (!row) return std::unexpected(row.error());
            if (!*row) break;
            take(static_cast<const Statement&>(*this));
        }
        reset();
        return {};
    }

    std::int64_t column_int64(int column) const;
    /// Valid until the next step or reset.
    std::string_view column_bytes(int column) const;
    std::string column_text(int column) const { return std::string(column_bytes(column)); }

  private:
    friend class Connection;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// How a file is opened.
enum class OpenMode : std::uint8_t {
    read_write_create,
    read_write,
    read_only,   ///< makes the index of the log (-shm) when it has to; changes nothing else
    file_alone,  ///< reads the file as if it had no log, touches nothing; wrong while somebody writes
};

enum class CheckpointMode : std::uint8_t {
    passive,   ///< as much as goes without waiting for anybody
    truncate,  ///< empties the log, unless somebody reads just now
};

/// One connection; one thread at a time.
class Connection {
  public:
    static Result<Connection> open(const std::string& path, OpenMode mode);
    Connection(Connection&&) noexcept = default;
    Connection& operator=(Connection&&) noexcept = default;
    ~Connection() = default;

    /// Runs one or more statements that bring no rows.
    Status exec(const std::string& sql);
    Result<Statement> prepare(std::string_view sql);
    Status prepare_all(std::initializer_list<std::pair<Statement*, std::string_view>> statements);
    /// The first column of the first row; an error when there is none.
    Result<std::int64_t> value(std::string_view sql);
    Result<std::string> text_value(std::string_view sql);

    /// Looks at every page. Empty: all is well; else the first thing that is wrong. A file that could not be
    /// read (a failing disk, no memory) is an error and says nothing about the file.
    Result<std::string> integrity_fault();
    /// Moves the write-ahead log into the database file. Not finding the time (busy) is no fault. Pages of
    /// the log, from its beginning, that are in the file afterwards; 0 when the log is empty.
    Result<std::int64_t> checkpoint(CheckpointMode mode);
    /// checkpoint(passive) that calls `written(offset, bytes)` after each write to the database file. What
    /// was written is synced only when the check-point came to the end of the log.
    Result<std::int64_t> checkpoint_watched(std::function<void(std::int64_t, std::int64_t)> written);
    /// Whether the last connection to go moves the log into the file. Off at first: a log that does not
    /// belong to the file would destroy it.
    void checkpoint_on_close(bool on);
    /// Pages in the write-ahead log after the last commit.
    std::int64_t wal_pages() const { return *wal_pages_; }

    /// Whether it can't be written. What a header says of that is known after the first page was read.
    bool read_only() const;

    const std::string& path() const { return path_; }

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    Connection() = default;
    std::unique_ptr<std::int64_t> wal_pages_;  // address is given to SQLite
    std::unique_ptr<sqlite3, Close> database_;
    std::string path_;
};

/// BEGIN IMMEDIATE … COMMIT; rolls back when it goes out of scope without commit().
class Transaction {
  public:
    static Result<Transaction> begin(Connection& connection);
    Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Status commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace respand::sqlite
