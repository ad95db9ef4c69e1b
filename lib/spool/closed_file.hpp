// A spool that no daemon has open, to be read. Inside this room only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "spool/lock_file.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Holds the spool's lock, if it has one, and a connection that changes nothing; the log is read where it
/// lies. Without a log nothing is made beside the file, so that a copy on a read-only file system can be
/// looked at as well.
class ClosedFile {
  public:
    /// `unavailable` when a daemon has the spool open, `no_input` when there is no file.
    static Result<ClosedFile> open(const std::string& path);

    sqlite::Connection& database() { return database_; }
    /// What is wrong with the log, in a sentence; empty: nothing, and the database shows all that was
    /// committed.
    const std::string& log_fault() const { return log_fault_; }
    /// `config` when it is not a spool of this version or an older one.
    Result<std::int64_t> schema();

  private:
    ClosedFile(std::optional<LockFile> lock, std::string log_fault, sqlite::Connection database)
        : lock_(std::move(lock)), log_fault_(std::move(log_fault)), database_(std::move(database)) {}

    std::optional<LockFile> lock_;  // let go after the database is closed
    std::string log_fault_;
    sqlite::Connection database_;
};

}  // namespace respand::spool
