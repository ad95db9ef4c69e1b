#include "respand/lanes.hpp"

#include "base/log.hpp"

namespace respand {

Result<std::vector<pipeline::LanePlan>> plan_lanes(const config::Config& config,
                                                   const config::Environment& environment) {
    std::vector<pipeline::LanePlan> plans;
    const auto add = [&](const pipeline::LaneSettings& route, const upload::UploadSettings& settings,
                         const config::CredentialSources& sources) -> Status {
        auto credentials = config::read_credentials(sources, environment);
        auto destination = credentials ? upload::make_destination(settings, std::move(*credentials))
                                       : std::unexpected(std::move(credentials.error()));
        if (!destination) {
            if (plans.empty()) return std::unexpected(std::move(destination.error()));
            return std::unexpected(std::move(destination.error()).within("lane '" + route.name + "'"));
        }
        plans.push_back({route, spool::kDefaultLane, settings, std::move(*destination)});
        return {};
    };
    pipeline::LaneSettings standard;
    standard.name = pipeline::kDefaultLaneName;
    if (auto added = add(standard, config.upload, config.credentials); !added)
        return std::unexpected(added.error());
    for (const config::LaneConfig& lane : config.lanes)
        if (auto added = add(lane.route, lane.upload, lane.credentials); !added)
            return std::unexpected(added.error());
    return plans;
}

Status give_ids(std::vector<pipeline::LanePlan>& lanes, spool::Spool& spool) {
    for (std::size_t i = 1; i < lanes.size(); ++i) {
        const auto id = spool.add_lane(lanes[i].route.name);
        if (!id) return std::unexpected(id.error());
        lanes[i].id = *id;
    }
    return {};
}

pipeline::Routing routing_of(const std::vector<pipeline::LanePlan>& lanes) {
    pipeline::Routing routing;
    for (std::size_t i = 1; i < lanes.size(); ++i) {
        routing.lanes.push_back(lanes[i].route);
        routing.ids.push_back(lanes[i].id);
    }
    return routing;
}

void warn_of_gone_lanes(const std::vector<pipeline::LaneReport>& lanes) {
    for (const pipeline::LaneReport& lane : lanes)
        if (lane.gone)
            spdlog::warn(
                "lane '{}' is gone from the configuration, {} records and {} dead letters of it are kept; "
                "respanctl lane move {} TO gives them to another lane",
                lane.name, lane.spool.records, lane.spool.dead, lane.name);
}

}  // namespace respand
