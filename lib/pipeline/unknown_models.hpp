// A log line the first time that a model has no price.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace respand::pipeline {

/// Remembers which models were named in the log since the table changed. One thread.
class UnknownModels {
  public:
    /// Names that are remembered, and so the most that are logged for one table: they come from outside.
    static constexpr std::size_t kMaxNames = 1'000;

    /// A record's model is not in the table. Costs a look-up when it was named before. A line that the rate
    /// limit holds back comes with a later record of that model.
    /// `provider`: as the record states it, may be empty.
    void seen(std::string_view model, std::string_view provider, SteadyTime now);
    /// There is another table: what it does not know is named again.
    void forget() { named_.clear(); }
    std::size_t named() const { return named_.size(); }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_set<std::string, Hash, std::equal_to<>> named_;  ///< starts of names
    LogLimiter limiter_;
};

}  // namespace respand::pipeline
