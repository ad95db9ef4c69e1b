// Looking into the queue: single records of it, page by page. Nothing is taken out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "spool/spool.hpp"

namespace respand::pipeline {

/// A place in the queue, and the name of a record while it is pending: "0.1234.17", lane, chunk and index.
struct QueuePlace {
    spool::LaneId lane = spool::kDefaultLane;
    spool::ChunkId chunk = 0;
    std::uint32_t index = 0;
    auto operator<=>(const QueuePlace&) const = default;
};
std::string text(const QueuePlace& place);
/// `usage` when it is none.
Result<QueuePlace> parse_place(std::string_view text);

/// A record that waits to be delivered.
struct QueuedRecord {
    QueuePlace place;
    WallTime arrived{};  ///< of its chunk
    spool::SourceId source = spool::kNoSource;
    std::string text;  ///< as it will be posted
};

struct QueuePage {
    std::vector<QueuedRecord> records;
    std::optional<QueuePlace> next;  ///< where the next page begins; empty: this was the last
};

/// Bounds of a page: it is read on the spool thread, between two commits.
inline constexpr std::size_t kQueuePageRecords = 1'000;
inline constexpr std::size_t kQueuePageBytes = 1 << 20;

/// The records from `from` on, oldest first within a lane, of one lane or of all in turn. At most `limit` and
/// kQueuePageBytes, but one at least. Spool thread.
Result<QueuePage> queue_page(spool::Spool& spool, QueuePlace from, std::optional<spool::LaneId> lane,
                             std::size_t limit);

/// One record; empty when it is no longer (or never was) pending. Spool thread.
Result<std::optional<QueuedRecord>> queued_record(spool::Spool& spool, const QueuePlace& place);

}  // namespace respand::pipeline
