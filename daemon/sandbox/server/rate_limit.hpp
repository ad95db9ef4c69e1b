// "N requests per minute", as a sliding window.
#pragma once
#include <algorithm>
#include <deque>

#include "base/clock.hpp"

namespace respand::sandbox {

/// Lets at most `limit` requests through in any window of 60 seconds; refused ones do not count. One thread.
class RateLimit {
  public:
    static constexpr std::chrono::seconds kWindow{60};

    /// `limit`: 0 lets everything through.
    explicit RateLimit(unsigned limit) : limit_(limit) {}

    /// 0 when the request may pass, else the whole seconds after which the next one may.
    unsigned seconds_to_wait(SteadyTime now) {
        if (limit_ == 0) return 0;
        while (!passed_.empty() && now - passed_.front() >= kWindow) passed_.pop_front();
        if (passed_.size() < limit_) {
            passed_.push_back(now);
            return 0;
        }
        const auto wait = std::chrono::ceil<std::chrono::seconds>(passed_.front() + kWindow - now);
        return static_cast<unsigned>(std::max<std::chrono::seconds::rep>(wait.count(), 1));
    }

  private:
    unsigned limit_;
    std::deque<SteadyTime> passed_;
};

}  // namespace respand::sandbox
