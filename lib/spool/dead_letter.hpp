// Records that the server refused for good, as operators see them.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "spool/chunk.hpp"

namespace respand::spool {

/// Rises with the time of parking and is never used again.
using DeadLetterId = std::int64_t;

struct DeadLetter {
    DeadLetterId id = 0;
    LaneId lane = kDefaultLane;
    WallTime created{};      ///< arrival of its chunk
    WallTime first_tried{};  ///< epoch: not known
    WallTime parked{};
    std::string cause;  ///< "http_422", "row_refused", "too_large"
    int status = 0;     ///< HTTP status
    std::string answer;
    std::uint32_t attempts = 0;
    std::string model;      ///< empty: not known
    std::string record_id;  ///< empty: not known
    SourceId source = kNoSource;
    std::uint64_t bytes = 0;  ///< of the record
    std::string body;         ///< the record; empty in lists
};

/// Which dead letters. Every condition that is set must hold.
struct DeadFilter {
    std::vector<DeadLetterId> ids;     ///< empty: any
    std::optional<std::string> cause;  ///< exactly
    std::optional<std::string> model;  ///< exactly
    std::optional<LaneId> lane;
    std::optional<WallTime> parked_from;    ///< then or later
    std::optional<WallTime> parked_before;  ///< earlier
    DeadLetterId after = 0;                 ///< with a higher id: where the last step or page ended
    /// At most this id. A loop of steps sets it to Spool::last_dead() when it begins, so that what is parked
    /// meanwhile (the same records, requeued and refused again) is left alone.
    DeadLetterId up_to = std::numeric_limits<DeadLetterId>::max();
};

enum class DeadOrder : std::uint8_t { oldest_first, newest_first };

/// What a bounded step of requeue or discard did. Call again with filter.after = last while `more`.
struct DeadStep {
    std::uint64_t records = 0;
    DeadLetterId last = 0;
    bool more = false;
};

/// Records (and about kDeadStepBytes) of one step, so that commits do not wait behind it for long.
inline constexpr std::size_t kDeadStep = 500;
inline constexpr std::size_t kDeadStepBytes = 4 << 20;

}  // namespace respand::spool
