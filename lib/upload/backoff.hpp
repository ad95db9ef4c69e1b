// How long a lane waits after a transient fault, and how wide it opens afterwards. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "base/clock.hpp"

namespace respand::upload {

/// Exponential back-off with full jitter: after the n-th fault in a row a random span up to
/// min(kCap, kBase · 2ⁿ⁻¹), and never less than what the server asked for, to which up to a tenth is added:
/// many senders may have been told the same moment. Without end; a success resets it.
class Backoff {
  public:
    static constexpr std::chrono::milliseconds kBase{500};
    static constexpr std::chrono::milliseconds kCap{60'000};

    /// `seed`: 0 takes one from the operating system.
    explicit Backoff(std::uint64_t seed);
    /// A request that was sent at `sent_at` failed. Requests that were in flight together count as one fault:
    /// one outage must not double the wait once a connection.
    void fail(SteadyTime now, SteadyTime sent_at, std::optional<std::chrono::milliseconds> asked);
    /// A request that was sent at `sent_at` went through. One that was under way when another failed proves
    /// nothing, and does not cancel what the server asked for.
    void succeed(SteadyTime sent_at);
    void reset();
    /// No request before this.
    SteadyTime ready_at() const { return ready_at_; }
    /// A random number from 0 to 1.
    double fraction() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    /// Faults in a row.
    std::uint32_t faults() const { return faults_; }

  private:
    std::mt19937_64 random_;
    std::uint32_t faults_ = 0;
    SteadyTime failed_at_{};
    SteadyTime ready_at_ = SteadyTime::min();
};

/// How many requests may be in flight: half as many after a fault, down to one; one more after
/// kSuccessesPerStep successes for each that is allowed.
class Width {
  public:
    static constexpr std::uint32_t kSuccessesPerStep = 8;

    explicit Width(std::uint32_t max) : max_(max), value_(max) {}
    std::uint32_t value() const { return value_; }
    /// Requests that were in flight together count as one fault.
    void fail(SteadyTime now, SteadyTime sent_at);
    /// Down to one.
    void collapse();
    void succeed();
    void set_max(std::uint32_t max);

  private:
    std::uint32_t max_;
    std::uint32_t value_;
    std::uint32_t successes_ = 0;
    std::optional<SteadyTime> failed_at_;
};

}  // namespace respand::upload
