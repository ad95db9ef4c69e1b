#include "respand/next_config.hpp"

#include <utility>

#include "respand/lanes.hpp"

namespace respand {
namespace {

/// What of the new configuration a reload puts in force.
config::Config changed(config::Config in_force, const config::Config& next) {
    in_force.upload = next.upload;
    in_force.lanes = next.lanes;
    in_force.pricing = next.pricing;
    in_force.credentials = next.credentials;
    in_force.log = next.log;
    return in_force;
}

}  // namespace

Result<NextConfig> read_next(const config::Environment& environment, const std::string& config_path,
                             const config::Config& in_force, const LoadedPrices& prices) {
    auto read = config::effective_config(environment, config_path);
    if (!read) return std::unexpected(std::move(read.error()));
    read->ingest.max_record = in_force.ingest.max_record;
    auto lanes = plan_lanes(*read, environment);
    if (!lanes) return std::unexpected(std::move(lanes.error()));
    auto loaded = load_prices(read->pricing, prices);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    NextConfig next{changed(in_force, *read), std::move(*lanes), std::move(*loaded), false};
    next.needs_restart = config::print_config(next.config) != config::print_config(*read);
    return next;
}

}  // namespace respand
