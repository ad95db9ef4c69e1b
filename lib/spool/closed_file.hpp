// A spool that no daemon has open, to be read. Inside this room only.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "spool/lock_file.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Holds the spool's lock and a connection that changes nothing; the log is read where it lies.
class ClosedFile {
  public:
    /// `unavailable` when a daemon has the spool open, `no_input` when there is no file.
    static Result<ClosedFile> open(const std::string& path);

    sqlite::Connection& database() { return database_; }
    /// `config` when it is not a spool of this version or an older one.
    Result<std::int64_t> schema();

  private:
    ClosedFile(LockFile lock, sqlite::Connection database)
        : lock_(std::move(lock)), database_(std::move(database)) {}

    LockFile lock_;  // let go after the database is closed
    sqlite::Connection database_;
};

}  // namespace respand::spool
