// What the control socket tells of prices.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "control/router.hpp"
#include "spool/changes.hpp"

namespace respand::control {

/// Where the answers come from. They may come later, on the I/O thread.
struct PriceSources {
    std::function<WallTime()> now;
    /// Coverage of this day (since 1970-01-01, UTC) and later ones, in any order; rows may repeat and add up.
    std::function<void(std::int64_t since_day, std::function<void(Result<std::vector<spool::Coverage>>)>)>
        coverage;
};

/// GET /prices/coverage?days=N&limit=N.
void add_price_routes(Router& router, PriceSources sources);

/// Days that are shown when none are asked for, and the most that can be.
inline constexpr std::uint64_t kCoverageDays = 7;
inline constexpr std::uint64_t kMaxCoverageDays = 35;
/// Models that are listed when no number is asked for, and the most that can be.
inline constexpr std::uint64_t kCoverageModels = 1'000;
inline constexpr std::uint64_t kMaxCoverageModels = 35'000;

/// The JSON of GET /prices/coverage:
/// {"from":"2026-11-16","to":…,"days":7,"records":n,"priced":n,"unpriced":n,
/// "outcomes":{name:n},"models":[{"model","records","priced","unpriced","outcomes"}],"models_left_out":n}.
/// Models by their unpriced records, the most first.
std::string coverage_json(const std::vector<spool::Coverage>& rows, std::int64_t today, std::uint64_t days,
                          std::size_t limit);

}  // namespace respand::control
