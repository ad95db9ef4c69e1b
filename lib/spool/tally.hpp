// What a running transaction will have changed in memory when it is committed. Inside this room only.
#pragma once
#include <cstdint>
#include <map>

#include "spool/totals.hpp"

namespace respand::spool {

/// Plus or minus.
struct LaneChange {
    std::int64_t records = 0, chunks = 0, bytes = 0, dead = 0, dead_bytes = 0;
};

struct Tally {
    Ledger ledger;
    std::map<LaneId, LaneChange> lanes;
    ChunkId next_chunk = 0;
    std::int64_t seen = 0;
};

/// Adds the lanes' changes to the totals.
void add_up(const std::map<LaneId, LaneChange>& changes, Totals& totals);

}  // namespace respand::spool
