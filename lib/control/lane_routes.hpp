// What can be asked of lanes, and done to them.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "control/router.hpp"
#include "pipeline/status.hpp"
#include "pipeline/upload_source.hpp"

namespace respand::control {

/// Who does it. Each tells the state of the lane after that (without a name: of the default lane).
struct LaneDoors {
    std::function<Result<upload::LaneState>(const std::optional<std::string>& name)> retry;
    std::function<Result<upload::LaneState>(const std::string& name)> pause, resume;
    std::function<void(spool::LaneId from, spool::LaneId to,
                       std::function<void(Result<pipeline::UploadSource::Moved>)> done)>
        move;
    std::function<void(std::function<void(pipeline::Status)>)> status;
};

/// GET /lanes; POST /retry?lane=, /lanes/pause?name=, /lanes/resume?name=, /lanes/move?from=&to=.
void add_lane_routes(Router& router, const LaneDoors& doors);

}  // namespace respand::control
