// The spool's unit of storage: records that were committed together.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace respand::spool {

/// Which lane (destination) a chunk belongs to. Lane 0 is "default"; others are made by Spool::add_lane.
using LaneId = std::int64_t;
inline constexpr LaneId kDefaultLane = 0;

/// Row id in the spool; rises with the time of commit.
using ChunkId = std::int64_t;

/// Where a record's price came from: a row of the table of sources (changes.hpp).
using SourceId = std::uint32_t;
inline constexpr SourceId kNoSource = 0;

/// A chunk holds at most this many records: the server's limit for one bulk request…
inline constexpr std::size_t kMaxChunkRecords = 500;
/// …and this many bytes, except that one larger record is a chunk alone.
inline constexpr std::size_t kMaxChunkBytes = 256 * 1024;

/// Records that will be committed as one row. `body` is the JSON objects as they will be posted, joined by
/// commas.
struct NewChunk {
    LaneId lane = kDefaultLane;
    WallTime created{};  ///< arrival of its first record
    std::string body;
    std::vector<std::uint32_t> lengths;  ///< bytes of each record in `body`, commas not counted
    std::vector<SourceId> sources;       ///< one a record, kNoSource for none; empty: none in the whole chunk

    std::size_t records() const { return lengths.size(); }
};

/// A chunk read back for delivery. Records that were settled earlier are marked.
struct Chunk {
    ChunkId id = 0;
    LaneId lane = kDefaultLane;
    WallTime created{};
    std::string body;
    std::vector<std::uint32_t> lengths;
    std::vector<bool>
        settled;  ///< empty: none; else one mark a record (delivered or parked earlier: not to be sent)
    std::vector<SourceId> sources;  ///< as in NewChunk

    std::size_t records() const { return lengths.size(); }
};

}  // namespace respand::spool
