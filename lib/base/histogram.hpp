// Counts of observations by size, for metrics. Pure.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace respand {

/// Fixed buckets: the i-th counts observations up to and including `bounds()[i]` that fit no bucket before
/// it, and one more counts all that are larger. A plain value, copied for each look at it. One thread.
class Histogram {
  public:
    static constexpr std::size_t kMaxBounds = 20;

    /// `bounds`: ascending, at most kMaxBounds, and static: only a view is kept.
    explicit constexpr Histogram(std::span<const double> bounds)
        : bounds_(bounds.first(std::min(bounds.size(), kMaxBounds))) {}

    void observe(double value) {
        const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
        ++counts_[static_cast<std::size_t>(bucket)];
        ++count_;
        sum_ += value;
    }

    std::span<const double> bounds() const { return bounds_; }
    /// Of one bucket; `at` up to and including bounds().size().
    std::uint64_t bucket(std::size_t at) const { return counts_[at]; }
    std::uint64_t count() const { return count_; }
    double sum() const { return sum_; }
    /// The bound under which `share` (0 to 1) of the observations lie: an upper estimate. 0 without any; the
    /// largest bound when it is in the last bucket.
    double quantile(double share) const {
        if (count_ == 0 || bounds_.empty()) return 0;
        const double wanted = share * static_cast<double>(count_);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < bounds_.size(); ++i) {
            seen += counts_[i];
            if (static_cast<double>(seen) >= wanted) return bounds_[i];
        }
        return bounds_.back();
    }

  private:
    std::span<const double> bounds_;
    std::array<std::uint64_t, kMaxBounds + 1> counts_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
};

}  // namespace respand
