#include "ingest/linger_policy.hpp"

#include <algorithm>

namespace respand::ingest {

namespace {
constexpr int kWindowLingers = 2;  ///< the rate is measured over this many lingers
constexpr int kShortest = 8;       ///< a wait under linger/kShortest gains nothing over none
}  // namespace

LingerPolicy::LingerPolicy(std::chrono::microseconds linger, std::size_t queue_length)
    : linger_(linger),
      small_drain_(std::clamp<std::size_t>(queue_length / 2, 1, kSmallDrain)),
      wait_(linger) {}

void LingerPolicy::drained(std::size_t datagrams, std::size_t bytes, SteadyTime now) {
    if (linger_ == std::chrono::microseconds::zero()) return;
    if (datagrams >= 2 * small_drain_ || bytes >= 2 * kSmallDrainBytes) {
        // The queue is as good as full: senders may be blocked already. Go on at once, and measure anew.
        wait_ = std::chrono::microseconds::zero();
        if (!measuring_burst_) restart(now);
        measuring_burst_ = true;
    }
    if (window_start_ == SteadyTime{}) restart(now);
    datagrams_ += datagrams;
    bytes_ += bytes;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - window_start_);
    if (elapsed < kWindowLingers * linger_) return;

    const double micros = static_cast<double>(elapsed.count());
    const double full = std::max(static_cast<double>(datagrams_) / static_cast<double>(small_drain_),
                                 static_cast<double>(bytes_) / static_cast<double>(kSmallDrainBytes));
    // `full` small drains came in `micros`: one comes in micros/full.
    const double one = micros / std::max(full, 1e-9);
    const double longest = static_cast<double>(linger_.count());
    wait_ = one * kShortest < longest
                ? std::chrono::microseconds::zero()
                : std::chrono::microseconds(static_cast<std::int64_t>(std::min(one, longest)));
    measuring_burst_ = false;
    restart(now);
}

void LingerPolicy::restart(SteadyTime now) {
    window_start_ = now;
    datagrams_ = 0;
    bytes_ = 0;
}

}  // namespace respand::ingest
