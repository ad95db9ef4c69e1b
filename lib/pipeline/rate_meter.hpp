// Records per second, over the last seconds.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace respand::pipeline {

/// Feed it a running total once a second; it tells the mean rate over the last kWindow seconds. Pure.
class RateMeter {
  public:
    static constexpr std::size_t kWindow = 10;  // seconds

    void sample(std::uint64_t total) {
        samples_[count_ % kWindow] = total;
        ++count_;
        last_ = total;
    }
    /// Per second; 0 before two samples.
    double per_second() const {
        if (count_ < 2) return 0;
        const std::size_t span = count_ <= kWindow ? count_ - 1 : kWindow - 1;
        const std::uint64_t first = samples_[(count_ - 1 - span) % kWindow];
        return static_cast<double>(last_ - first) / static_cast<double>(span);
    }

  private:
    std::array<std::uint64_t, kWindow> samples_{};
    std::size_t count_ = 0;
    std::uint64_t last_ = 0;
};

}  // namespace respand::pipeline
