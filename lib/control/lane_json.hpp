// Lanes in GET /status and GET /lanes.
#pragma once
#include <string>

#include "pipeline/status.hpp"

namespace respand::control {

/// An array with an object for each lane, the default one first. Times are RFC 3339 or null, durations
/// seconds.
std::string lanes_json(const pipeline::Status& status);

}  // namespace respand::control
