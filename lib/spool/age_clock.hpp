// The queue's own clock: what limits of age are measured with. Inside this room only.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace respand::spool {

/// A wall clock jumps: a machine starts in 1970 and learns the time later, somebody sets it wrong. Nothing
/// may be discarded for that. So age is measured by a clock of the queue's own, which runs with the steady
/// clock while the daemon does and is kept in the file. Over a restart it goes on by what the wall clock says
/// has passed, but by nothing when that went backwards, and by at most kMostDowntime: from within, a month
/// off and a wrong clock look the same, and what is in doubt is kept.
class AgeClock {
  public:
    static constexpr std::chrono::microseconds kMostDowntime = std::chrono::hours{24};

    /// Continues from what the file says; `saved_wall` at the epoch: a new file.
    AgeClock(const Clock& clock, std::int64_t saved_us, WallTime saved_wall)
        : clock_(&clock), base_us_(saved_us), start_(clock.steady()) {
        if (saved_wall == WallTime{}) return;
        const auto away = clock.wall() - saved_wall;
        base_us_ +=
            std::clamp<std::chrono::microseconds>(away, std::chrono::microseconds{0}, kMostDowntime).count();
    }

    /// Microseconds; never goes back.
    std::int64_t now_us() const {
        return base_us_ +
               std::chrono::duration_cast<std::chrono::microseconds>(clock_->steady() - start_).count();
    }
    WallTime wall() const { return clock_->wall(); }

  private:
    const Clock* clock_;
    std::int64_t base_us_;
    SteadyTime start_;
};

}  // namespace respand::spool
