// The daemon in one line, for the service manager. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "upload/uploader.hpp"

namespace respand::control {

/// A lane's name and state.
struct LaneStanding {
    std::string name;
    upload::LaneStatus status;
};

/// "12 records/s in, 3 pending, delivery sending"; of several lanes those in trouble are named, the worst
/// first. `lanes`: the default one first; not empty.
std::string status_line(double received_per_second, std::uint64_t pending,
                        const std::vector<LaneStanding>& lanes);

}  // namespace respand::control
