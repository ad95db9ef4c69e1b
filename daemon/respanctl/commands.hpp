// What respanctl can do. Each command prints to standard output and gives its exit code, or an error to
// report.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"

namespace respand::ctl {

struct Common {
    std::string socket;  ///< empty: from the configuration
    std::string config;  ///< empty: as respand finds it

    Result<config::Config> load() const;
    Result<std::string> control_socket() const;
};

struct SendOptions {
    std::string file = "-";
    std::string to;  ///< empty: from the configuration
    bool unchecked = false;
};

struct PriceOptions {
    std::string model, provider, at, table, overlays;
    std::uint64_t input = 0, cached = 0, cache_write = 0, cache_write_1h = 0, output = 0, reasoning = 0;
};

Result<int> status(const Common& common, bool json);
Result<int> audit(const Common& common, bool json);
Result<int> send(const Common& common, const SendOptions& options);
Result<int> price(const Common& common, const PriceOptions& options);

}  // namespace respand::ctl
