// Which chunks were handed out ahead of a backlog. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "spool/chunk.hpp"

namespace respand::pipeline {

/// The main reader goes through the chunks in order. Under light traffic the tail goes before it: it follows
/// the newest commits, a few records each, and remembers the runs of chunks that it took, which the main
/// reader leaves out.
///
/// When more comes than a tail is good for (a large commit, or it falls behind), it lets the main reader have
/// what it did not take and goes on with what comes next.
class FreshTail {
  public:
    /// Records of a commit that count as light traffic.
    static constexpr std::uint64_t kFewRecords = 8;
    /// Records that it may be behind.
    static constexpr std::uint64_t kMostBehind = 64;
    /// Runs that are remembered: 16 bytes each. With so many, nothing is taken until the main reader has
    /// passed some.
    static constexpr std::size_t kMaxRuns = 1024;

    /// A commit took the newest id from `before` to `newest`. `backlog`: the main reader has something to do
    /// first.
    void committed(spool::ChunkId before, spool::ChunkId newest, std::uint64_t records, bool backlog);
    /// After which chunk to read; nothing when there is nothing fresh.
    std::optional<spool::ChunkId> after() const;
    /// What was read is handed out.
    void took(spool::ChunkId chunk, std::uint64_t records);
    /// What was read is no light traffic: the main reader shall have it, and all up to `newest`.
    void leave(spool::ChunkId newest);
    /// The main reader has come to this chunk; true: it was handed out. To be asked in ascending order.
    bool taken(spool::ChunkId chunk);

  private:
    struct Run {
        spool::ChunkId first, last;
    };
    std::deque<Run> runs_;         ///< ascending
    bool extending_ = false;       ///< the last run ends where the tail stands
    spool::ChunkId position_ = 0;  ///< the last chunk that the tail has looked at
    std::uint64_t behind_ = 0;     ///< records after it; 0: nothing to read
};

}  // namespace respand::pipeline
