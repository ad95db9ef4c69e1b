// Time as the rest of the code sees it: one interface, so that tests can hold the clock in their hand.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

namespace respand {

/// Wall clock with microseconds, UTC. What records are stamped with.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
/// Monotonic clock. What waiting is measured with.
using SteadyTime = std::chrono::steady_clock::time_point;

/// Any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual WallTime wall() const = 0;
    virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
  public:
    WallTime wall() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

/// For tests: stands still until told to move. Moved by one thread, read by any.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(WallTime wall = WallTime{std::chrono::seconds{1'790'000'000}}) : wall_(wall) {}
    WallTime wall() const override { return wall_.load(); }
    SteadyTime steady() const override { return steady_.load(); }
    template <class Duration>
    void advance(Duration by) {
        wall_.store(wall_.load() + std::chrono::duration_cast<std::chrono::microseconds>(by));
        steady_.store(steady_.load() + std::chrono::duration_cast<SteadyTime::duration>(by));
    }

    /// Somebody sets the wall clock; no time passes.
    void set_wall(WallTime wall) { wall_.store(wall); }

  private:
    std::atomic<WallTime> wall_;
    std::atomic<SteadyTime> steady_{SteadyTime{}};
};

}  // namespace respand
