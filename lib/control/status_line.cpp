#include "control/status_line.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace respand::control {
namespace {

using upload::LaneState;

/// Lanes that are named; of the rest there is a number.
constexpr std::size_t kNamed = 3;

std::string describe(const LaneStanding& lane) {
    const upload::LaneStatus& status = lane.status;
    return std::string(upload::name(status.state)) + (status.reason.empty() ? "" : ": " + status.reason);
}

std::vector<const LaneStanding*> in_trouble(const std::vector<LaneStanding>& lanes) {
    std::vector<const LaneStanding*> worst_first;
    for (const LaneState state : {LaneState::stopped, LaneState::backing_off, LaneState::paused})
        for (const LaneStanding& lane : lanes)
            if (lane.status.state == state) worst_first.push_back(&lane);
    return worst_first;
}

}  // namespace

std::string status_line(double received_per_second, std::uint64_t pending,
                        const std::vector<LaneStanding>& lanes) {
    std::string line =
        fmt::format("{:.0f} records/s in, {} pending, delivery ", received_per_second, pending);
    if (lanes.size() == 1) return line + describe(lanes.front());
    const auto trouble = in_trouble(lanes);
    if (trouble.empty()) return line + fmt::format("well on {} lanes", lanes.size());
    line += fmt::format("in trouble on {} of {} lanes", trouble.size(), lanes.size());
    for (std::size_t i = 0; i < std::min(kNamed, trouble.size()); ++i)
        line += fmt::format("; '{}' {}", trouble[i]->name, describe(*trouble[i]));
    if (trouble.size() > kNamed) line += fmt::format("; and {} more", trouble.size() - kNamed);
    return line;
}

}  // namespace respand::control
