// Which chunks the uploader has records of.
#pragma once
#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "spool/spool.hpp"
#include "upload/batch_source.hpp"

namespace respand::pipeline {

/// Records that were handed out and not settled, by chunk. One entry for each chunk in flight.
class HandedOut {
  public:
    void add(const std::vector<upload::Slice>& slices) {
        for (const upload::Slice& slice : slices) records_[slice.chunk->id] += slice.count;
    }
    void settled(const std::vector<upload::Settlement>& settlements) {
        for (const upload::Settlement& settlement : settlements) {
            const auto found = records_.find(settlement.slice.chunk->id);
            if (found == records_.end()) continue;
            found->second -= std::min<std::uint64_t>(found->second, settlement.slice.count);
            if (found->second == 0) records_.erase(found);
        }
    }
    void collect(spool::ChunkSet& chunks) const {
        for (const auto& [chunk, unused] : records_) chunks.insert(chunk);
    }

  private:
    std::unordered_map<spool::ChunkId, std::uint64_t> records_;
};

}  // namespace respand::pipeline
