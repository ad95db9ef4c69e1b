// The proof that nothing was lost: the ledger against the rows.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "spool/ledger.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// What the file holds, counted afresh.
struct Audit {
    Ledger ledger;
    std::uint64_t pending_rows = 0;
    std::uint64_t dead_rows = 0;
    std::vector<std::string> faults;  ///< one sentence each; empty: the books are in order
};

/// Reads everything in one snapshot. Works on any connection to a spool, also a read-only one.
Result<Audit> audit(sqlite::Connection& database);

/// The equations of the ledger, as sentences about what does not add up. Pure.
std::vector<std::string> ledger_faults(const Ledger& ledger, std::uint64_t pending_rows,
                                       std::uint64_t dead_rows);

}  // namespace respand::spool
