// How large a request may be, as far as the server has taught us. Pure.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "base/clock.hpp"

namespace respand::upload {

class BodyLimit {
  public:
    /// How long smaller bodies are sent after a 413.
    static constexpr std::chrono::minutes kRemember{10};
    /// Not even a 413 makes batches smaller than this: below, the record is to blame, not the batch.
    static constexpr std::size_t kSmallest = 16 * 1024;

    /// A body of `bytes` was too large: half of it is tried.
    void too_large(std::size_t bytes, SteadyTime now) {
        learnt_ = std::max(kSmallest, bytes / 2);
        until_ = now + kRemember;
    }
    void forget() { learnt_.reset(); }
    /// The limit in force, at most `configured`.
    std::size_t bytes(std::size_t configured, SteadyTime now) const {
        return learnt_ && now < until_ ? std::min(configured, *learnt_) : configured;
    }

  private:
    std::optional<std::size_t> learnt_;
    SteadyTime until_{};
};

}  // namespace respand::upload
