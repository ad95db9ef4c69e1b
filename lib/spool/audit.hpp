// The proof that nothing was lost: the ledger against the rows.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "spool/balance.hpp"
#include "spool/ledger.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// What the file holds, counted afresh.
struct Audit {
    Ledger ledger;
    std::uint64_t pending_rows = 0;
    std::uint64_t dead_rows = 0;
    std::vector<LaneRows> lanes;      ///< the same by lane, those that hold something
    std::vector<std::string> faults;  ///< one sentence each; empty: the books are in order
};

/// Reads everything in one snapshot, each row of chunks and dead letters in the tables themselves (not their
/// indexes). Works on any connection to a spool, also a read-only one, and on older schemas.
Result<Audit> audit(sqlite::Connection& database);

/// The same of a file that no daemon has open; changes nothing. Errors as verify().
Result<Audit> audit_file(const std::string& path);

}  // namespace respand::spool
