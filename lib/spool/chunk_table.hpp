// The rows of the queue. Inside this room only.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "spool/chunk.hpp"
#include "spool/tally.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// A chunk without its records.
struct ChunkFacts {
    ChunkId id = 0;
    LaneId lane = kDefaultLane;
    std::int64_t age_us = 0;  ///< when it came, by the queue's own clock
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
};

class ChunkTable {
  public:
    Status prepare(sqlite::Connection& database);
    /// Sums of all lanes, from the index; nothing is said of what is settled in part.
    Status load(sqlite::Connection& database, Totals& totals, ChunkId& next);

    Status insert(ChunkId id, const NewChunk& chunk, std::int64_t age_us);
    Status remove(ChunkId id);
    Status set_lane(ChunkId id, LaneId lane);
    Result<std::optional<ChunkFacts>> facts(ChunkId id);
    /// Up to `limit` in order of id, of one lane or of all.
    Result<std::vector<ChunkFacts>> list(std::optional<LaneId> lane, ChunkId after, std::size_t limit);
    /// See Spool::read; `settled` is left empty. A chunk that is not what was written is an error of kind
    /// `data`.
    Result<std::vector<Chunk>> read(LaneId lane, ChunkId after, std::size_t max_records,
                                    std::size_t max_bytes);
    /// Epoch: none.
    WallTime oldest(LaneId lane);

  private:
    sqlite::Statement insert_, remove_, set_lane_, facts_, list_, list_lane_, read_, oldest_;
    std::string path_;
};

/// Why a row is not what was written; null: it is. `noted` is its checksum, 0: none.
const char* chunk_fault(const Chunk& chunk, std::int64_t noted);

}  // namespace respand::spool
