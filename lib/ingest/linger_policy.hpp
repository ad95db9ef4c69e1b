// How long to wait between "there is something to read" and reading it. Pure.
#pragma once
#include <chrono>
#include <cstddef>

#include "base/clock.hpp"

namespace respand::ingest {

/// A drain of fewer datagrams than this is small: worth waiting for more. Chosen well below what one sender
/// can have in flight (some 90 datagrams of 1 KB with the kernel's default buffers), so that waiting never
/// makes a sender wait.
inline constexpr std::size_t kSmallDrain = 32;
/// The same for large datagrams: a sender with the default buffers has about 100 KB in flight whatever their
/// size.
inline constexpr std::size_t kSmallDrainBytes = 64 * 1024;

/// Waits for the time in which a small drain gathers at the present rate, at most `linger`, and not at all
/// once that time is short: then the queue fills by itself while the last drain is worked on, and waiting
/// would only leave the daemon idle with senders blocked.
///
/// The rate, and not the size of the last drain, decides: under a flood a fast reader finds the queue nearly
/// empty every time, and would fall back to waiting. Only a drain that brings about as much as senders can
/// have in flight ends the waiting at once.
class LingerPolicy {
  public:
    /// `queue_length`: datagrams that the kernel queues before senders block (net.unix.max_dgram_qlen).
    LingerPolicy(std::chrono::microseconds linger, std::size_t queue_length);

    /// How long to wait before the next read.
    std::chrono::microseconds wait() const { return wait_; }
    /// A drain ended: what it brought.
    void drained(std::size_t datagrams, std::size_t bytes, SteadyTime now);

  private:
    void restart(SteadyTime now);

    std::chrono::microseconds linger_;
    std::size_t small_drain_;
    std::chrono::microseconds wait_;
    SteadyTime window_start_{};
    std::size_t datagrams_ = 0;  ///< since window_start_
    std::size_t bytes_ = 0;
    bool measuring_burst_ = false;  ///< this window began with a full queue
};

}  // namespace respand::ingest
