// Records → chunks.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "record/compose.hpp"
#include "spool/chunk.hpp"

namespace respand::pipeline {

/// Fills chunks up to kMaxChunkRecords and kMaxChunkBytes; a record that is larger than a chunk becomes one
/// alone.
class ChunkBuilder {
  public:
    /// `emit` takes each chunk that is full; `body` gives an empty buffer for the next.
    ChunkBuilder(std::function<void(spool::NewChunk)> emit, std::function<std::string()> body)
        : emit_(std::move(emit)), body_(std::move(body)) {}

    /// `source`: where its price came from.
    void add(std::string_view text, const AddedFields& added, WallTime arrival,
             spool::SourceId source = spool::kNoSource);
    /// Emits what is there, full or not.
    void finish();
    std::size_t bytes() const { return chunk_.body.size(); }
    bool empty() const { return chunk_.lengths.empty(); }

  private:
    std::function<void(spool::NewChunk)> emit_;
    std::function<std::string()> body_;
    spool::NewChunk chunk_;
};

}  // namespace respand::pipeline
