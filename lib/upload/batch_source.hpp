// Where the uploader gets its work and reports what became of it. Implemented by the pipeline over the spool.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "spool/chunk.hpp"

namespace respand::upload {

/// A run of neighbouring records of one chunk. Shares the chunk's memory; cheap to copy and to split.
struct Slice {
    std::shared_ptr<const spool::Chunk> chunk;
    std::uint32_t first = 0;  ///< index of the first record in the chunk
    std::uint32_t count = 0;
    std::size_t offset = 0;  ///< where the first record starts in chunk->body
    std::size_t bytes = 0;   ///< length of the run, the commas between its records included
    /// Requests since the daemon's start in which these records were and that did not deliver them all…
    std::uint32_t attempts = 0;
    WallTime first_tried{};  ///< …and when the first of them was sent; epoch: none was
};

/// What became of a run of records.
struct Settlement {
    enum class Outcome : std::uint8_t {
        delivered,  ///< the server took them
        dead,       ///< the server refused them for good: parked with status and answer
    };
    Slice slice;
    Outcome outcome = Outcome::delivered;
    int status = 0;      ///< HTTP status of the refusal
    std::string answer;  ///< what the server said, cut at kMaxAnswerBytes
};
inline constexpr std::size_t kMaxAnswerBytes = 2'000;

/// From which end of the queue.
enum class Order : std::uint8_t {
    oldest,
    newest,  ///< records that arrived just now, ahead of a backlog
};

/// I/O thread only.
class BatchSource {
  public:
    virtual ~BatchSource() = default;

    /// Reads the next unsettled slices of the lane that were not handed out before (in this process): up to
    /// `max_records` and `max_bytes` together (at least one record, however large). A chunk that was settled
    /// in part comes as several slices. Slices of one chunk may be handed out over several calls. `done` gets
    /// an empty vector when there is nothing; then `on_available` is called once there is something again. At
    /// most one fetch runs at a time.
    ///
    /// Order::newest is an offer, not a promise: the source hands out records that came within the last
    /// moments, while there are few of them, and else nothing although others wait. Each record comes once,
    /// whichever way.
    virtual void fetch(spool::LaneId lane, Order order, std::size_t max_records, std::size_t max_bytes,
                       std::function<void(std::vector<Slice>)> done) = 0;

    /// Makes the outcome durable and frees the space. Returns at once; the commit follows in the background.
    virtual void settle(std::vector<Settlement> settlements) = 0;

    /// Takes back, unsettled, what was handed out: it is handed out again, to whoever asks.
    virtual void give_back(std::vector<Slice> slices) = 0;

    /// Set by the uploader: called (on the I/O thread) when work arrives after an empty fetch of that order.
    virtual void on_available(spool::LaneId lane, std::function<void()> callback) = 0;

    /// How many records wait in the lane and are not handed out, for deciding whether a batch is worth
    /// sending now.
    virtual std::uint64_t waiting(spool::LaneId lane) const = 0;
};

}  // namespace respand::upload
