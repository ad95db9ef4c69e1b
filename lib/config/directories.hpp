// The directories that defaults are made of. Inside this room only.
#pragma once
#include <string>

#include "config/config.hpp"

namespace respand::config {

struct Directories {
    std::string runtime;  ///< sockets
    std::string state;    ///< the spool
    std::string config;   ///< respand.toml and pricing.d
};

Directories directories(const Environment& environment);

/// Every section present, every key at its default: what reading starts from.
Config full_defaults(const Environment& environment);

}  // namespace respand::config
