// How full the spool is.
#pragma once
#include <cstdint>
#include <map>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "spool/chunk.hpp"
#include "spool/ledger.hpp"

namespace respand::spool {

struct LaneTotals {
    std::uint64_t records = 0;  ///< pending: not yet settled
    std::uint64_t chunks = 0;
    std::uint64_t bytes = 0;       ///< bodies of its chunks
    std::uint64_t dead = 0;        ///< dead letters
    std::uint64_t dead_bytes = 0;  ///< bodies of its dead letters
    WallTime oldest{};             ///< arrival of the oldest pending chunk; epoch: none
    bool operator==(const LaneTotals&) const = default;
};

/// Figures for `status`. Kept in memory, in step with the file.
struct Totals {
    Ledger ledger;
    std::uint64_t pending = 0;  ///< records not yet settled
    std::uint64_t chunks = 0;
    std::uint64_t dead = 0;  ///< dead letters in the file
    ByteCount live{};        ///< bodies of chunks and dead letters
    WallTime oldest{};       ///< arrival of the oldest pending record; epoch: none
    std::map<LaneId, LaneTotals> lanes;
};

/// The part of the totals that decides whether more may come in.
struct Standing {
    std::uint64_t pending = 0;  ///< records
    ByteCount live{};
    ChunkId newest = 0;  ///< the highest id that was given out
};

}  // namespace respand::spool
