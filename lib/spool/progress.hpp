// Which records of a chunk are settled, for those chunks that are settled in part. Inside this room only.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "spool/chunk_table.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// One byte a record, 1 when it is settled; as in progress.settled.
using Marks = std::string;

class Progress {
  public:
    /// A chunk that the running transaction touches.
    struct Staged {
        ChunkFacts chunk;  ///< records 0: there is no such chunk
        Marks marks;
        std::uint64_t fresh = 0;  ///< settled by this transaction
    };

    Status prepare(sqlite::Connection& database);
    /// Also takes what is settled from the totals.
    Status load(sqlite::Connection& database, ChunkTable& chunks, Totals& totals);

    /// As of the last commit; nullptr: nothing of it is settled.
    const Marks* find(ChunkId chunk) const;
    std::uint64_t settled(ChunkId chunk) const;

    /// Marks records as settled; returns how many were not before. Those of a chunk that is not there are
    /// ignored: they were settled or discarded as a whole.
    Result<std::uint64_t> mark(ChunkTable& chunks, ChunkId chunk, std::uint32_t first, std::uint32_t count);
    /// Deletes chunks that are settled whole, saves the marks of the others.
    Status write(ChunkTable& chunks, Tally& tally);
    /// The chunk goes with this transaction.
    Status forget(ChunkId chunk);
    void committed();
    void rolled_back();

  private:
    sqlite::Statement save_, remove_;
    std::unordered_map<ChunkId, Marks> partial_;  // few: uploads go in order
    std::unordered_map<ChunkId, Staged> staged_;
    std::vector<ChunkId> forgotten_;
};

}  // namespace respand::spool
