// From the configuration to lanes that can be sent on.
#pragma once
#include <vector>

#include "config/config.hpp"
#include "pipeline/delivery.hpp"
#include "pipeline/lane_builders.hpp"
#include "spool/spool.hpp"

namespace respand {

/// The default lane, then those of the file; reads their keys and certificates, so not on the I/O thread once
/// it runs. Their ids are still to be given.
Result<std::vector<pipeline::LanePlan>> plan_lanes(const config::Config& config,
                                                   const config::Environment& environment);

/// The spool's id for each, which it makes when the lane is new. On the spool thread.
Status give_ids(std::vector<pipeline::LanePlan>& lanes, spool::Spool& spool);

/// For the intake.
pipeline::Routing routing_of(const std::vector<pipeline::LanePlan>& lanes);

/// What waits for a lane that nobody sends is not forgotten: one warning each.
void warn_of_gone_lanes(const std::vector<pipeline::LaneReport>& lanes);

}  // namespace respand
