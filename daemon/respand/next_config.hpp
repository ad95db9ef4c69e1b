// What a reload will put in force, read and built whole before anything old is touched.
#pragma once
#include <string>
#include <vector>

#include "config/config.hpp"
#include "pipeline/delivery.hpp"
#include "respand/check.hpp"

namespace respand {

struct NextConfig {
    config::Config config;                  ///< the one in force, with all that a reload changes
    std::vector<pipeline::LanePlan> lanes;  ///< their ids are still to be given
    LoadedPrices prices;
    bool needs_restart = false;  ///< the file has other changes too
};

/// Reads configuration, keys, certificates and prices. Blocks on the file system and on the processor: not on
/// the I/O thread. Errors name file, line and key.
Result<NextConfig> read_next(const config::Environment& environment, const std::string& config_path,
                             const config::Config& in_force, const LoadedPrices& prices);

}  // namespace respand
