// A damaged spool: what is readable of it goes into a fresh one.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "spool/chunk.hpp"
#include "spool/ledger.hpp"

namespace respand::spool {

/// What became of a damaged file.
struct Rescue {
    std::string kept_as;  ///< where the damaged file is now, with its -wal beside it
    std::string why;
    std::uint64_t records = 0;       ///< pending records that were saved
    std::uint64_t dead_letters = 0;  ///< that were saved
    std::uint64_t unreadable = 0;    ///< chunks and dead letters that were found and are not what was written
    std::uint64_t lost = 0;   ///< records that the books had as pending or dead and that were not found
    bool books_lost = false;  ///< the ledger was not readable either: what was lost is not known
};

/// What is known of a damaged file.
struct Damage {
    std::string why;
    std::optional<Ledger> known =
        std::nullopt;          ///< the ledger as the daemon had it in memory, when it was running
    bool log_is_ours = false;  ///< the log beside the file surely belongs to it, whatever its pages look like
    std::map<LaneId, std::string> lanes{};  ///< names that the daemon had in memory
    /// A descriptor of the file, to read it by when a connection to it is open: another one could not be
    /// closed without dropping SQLite's locks. -1: no connection is open.
    int file = -1;
};

/// Copies what is readable of the spool at `path` into a fresh file, sets the damaged one aside and puts the
/// fresh one in its place. Only what is as it was written is copied. A lane whose name is lost is called
/// after its id, so that what waits in it is seen, and sent to no server that it is not meant for. `let_go`
/// is called when everything is copied: it closes the damaged file. Needs as much room as the queue has; when
/// it fails before `let_go`, everything is as it was.
Result<Rescue> rescue(
    const std::string& path, const Damage& damage, const Clock& clock,
    const std::function<void()>& let_go = [] {});

/// The ledger with what is missing or too much booked as "damaged", so that the equations hold again for so
/// many pending records and dead letters. Pure.
Ledger balanced(Ledger ledger, std::uint64_t pending, std::uint64_t dead);

/// The sentence for the log.
std::string describe(const Rescue& rescue);

}  // namespace respand::spool
