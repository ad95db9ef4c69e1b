// Keeps requests apart, so that a limit per minute is never exceeded. Pure.
#pragma once
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace respand::upload {

/// Requests start at least 61 s / `per_minute` apart, over all connections: a second more than the minute,
/// because the first may take longer to arrive (lookup, connect, handshake) than those behind it. Quiet time
/// saves nothing up: a bucket of one token. A larger one would let a burst through that exceeds the limit in
/// some window of a minute, and nobody knows which windows the server counts in.
class Pacer {
  public:
    /// 0: no limit.
    explicit Pacer(std::uint32_t per_minute) { set_rate(per_minute); }
    /// Counts from the last request, so a reload can't be used to send faster.
    void set_rate(std::uint32_t per_minute) {
        constexpr std::int64_t kMinute = 61'000'000'000;  // ns
        // Rounded up: never one request too many in a minute.
        interval_ = std::chrono::nanoseconds{per_minute == 0 ? 0 : (kMinute + per_minute - 1) / per_minute};
    }
    /// The process starts: a former one may just have sent, and a whole fleet may be starting with us. The
    /// first request has to wait between one interval and two, as `fraction` (0 to 1) says.
    void begin(SteadyTime now, double fraction) {
        last_ = now + std::chrono::nanoseconds{
                          static_cast<std::int64_t>(fraction * static_cast<double>(interval_.count()))};
        any_ = true;
    }
    /// No request before this.
    SteadyTime ready_at() const { return any_ ? last_ + interval_ : SteadyTime::min(); }
    void sent(SteadyTime now) {
        last_ = now;
        any_ = true;
    }

  private:
    std::chrono::nanoseconds interval_{0};
    SteadyTime last_{};
    bool any_ = false;
};

}  // namespace respand::upload
