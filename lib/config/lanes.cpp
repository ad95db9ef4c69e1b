#include "config/lanes.hpp"

#include <algorithm>
#include <set>

namespace respand::config {
namespace {

using pipeline::LaneSettings;

const LaneSettings* find(const Config& config, std::string_view name) {
    for (const LaneConfig& lane : config.lanes)
        if (lane.route.name == name) return &lane.route;
    return nullptr;
}

std::string names_of(const Config& config) {
    std::string text = "\"" + std::string(pipeline::kDefaultLaneName) + "\"";
    for (const LaneConfig& lane : config.lanes) text += ", \"" + lane.route.name + "\"";
    return text;
}

/// "a" → "b" → "a"; empty when the chain ends.
std::string cycle_from(const Config& config, const LaneSettings& first) {
    std::string chain = "\"" + first.name + "\"";
    std::set<std::string_view> seen;
    for (const LaneSettings* lane = &first; seen.insert(lane->name).second;) {
        lane = find(config, lane->fallback);
        if (lane == nullptr) return {};
        chain += " → \"" + lane->name + "\"";
        if (lane == &first) return chain;
    }
    return {};  // it leads into a cycle of others, who say so
}

}  // namespace

Config scratch_of(const LaneConfig& lane) {
    Config scratch;
    scratch.upload = lane.upload;
    scratch.credentials = lane.credentials;
    scratch.lanes.push_back(lane);
    return scratch;
}

LaneConfig from_scratch(Config scratch) {
    return {std::move(scratch.lanes.front().route), std::move(scratch.upload),
            std::move(scratch.credentials)};
}

std::string fault_among_lanes(const Config& config, std::size_t index) {
    const LaneSettings& lane = config.lanes[index].route;
    if (find(config, lane.name) != &lane)
        return "name \"" + lane.name + "\" stands twice; give each lane a name of its own";
    if (lane.fallback.empty() || lane.fallback == pipeline::kDefaultLaneName) return {};
    if (find(config, lane.fallback) == nullptr)
        return "fallback names \"" + lane.fallback + "\", and there is no such lane; there are " +
               names_of(config);
    if (const std::string cycle = cycle_from(config, lane); !cycle.empty())
        return "fallback leads back to the lane itself: " + cycle + "; take one fallback out";
    return {};
}

}  // namespace respand::config
