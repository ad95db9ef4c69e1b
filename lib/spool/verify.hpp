// Looking through a spool that no daemon has open.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "spool/audit.hpp"

namespace respand::spool {

struct Verification {
    std::int64_t schema = 0;
    std::uint64_t chunks = 0;
    std::uint64_t unreadable_chunks = 0;  ///< not what was written, or not to be read at all
    std::uint64_t dead_letters = 0;
    std::uint64_t unreadable_dead_letters = 0;
    Audit audit;                      ///< as far as it could be made
    std::vector<std::string> faults;  ///< one sentence each, those of the audit included; empty: all is well
};

/// Reads every page and every record of the file and holds them against checksums and books. Changes nothing:
/// the lock is held meanwhile, the log is read where it lies. `unavailable` when a daemon has the spool open,
/// `no_input` when there is no file, `config` when it is not a spool of this version or an older one.
Result<Verification> verify(const std::string& path);

/// The same for a connection. The log is taken as SQLite sees it. An error when the disk would not say.
Result<Verification> look_through(sqlite::Connection& database, std::int64_t schema);

}  // namespace respand::spool
