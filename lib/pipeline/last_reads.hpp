// Which chunks were read last: on the spool thread that is known before the I/O thread has them.
#pragma once
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "spool/spool.hpp"
#include "upload/batch_source.hpp"

namespace respand::pipeline {

/// Spool thread only. One entry for each lane and order: the next read of it begins when the result of the
/// one before has arrived, and then its chunks are known as held (UploadSource).
class LastReads {
  public:
    void note(spool::LaneId lane, upload::Order order, const std::vector<spool::Chunk>& chunks) {
        std::vector<spool::ChunkId>& ids = reads_[{lane, order}];
        ids.clear();
        for (const spool::Chunk& chunk : chunks) ids.push_back(chunk.id);
    }
    void collect(spool::ChunkSet& chunks) const {
        for (const auto& [read, ids] : reads_) chunks.insert(ids.begin(), ids.end());
    }

  private:
    std::map<std::pair<spool::LaneId, upload::Order>, std::vector<spool::ChunkId>> reads_;
};

/// Chunks that are the uploaders' until their outcome is committed, so nobody else may move or discard them.
/// Made on the I/O thread; what is still on its way there is added where the work is done.
class Held {
  public:
    Held(spool::ChunkSet chunks, std::shared_ptr<const LastReads> reads)
        : chunks_(std::move(chunks)), reads_(std::move(reads)) {}
    /// Without what is on its way.
    const spool::ChunkSet& chunks() const { return chunks_; }
    /// Spool thread only.
    spool::ChunkSet on_spool_thread() const {
        spool::ChunkSet all = chunks_;
        reads_->collect(all);
        return all;
    }

  private:
    spool::ChunkSet chunks_;
    std::shared_ptr<const LastReads> reads_;
};

}  // namespace respand::pipeline
