// respand --check-config, and the price table as the daemon starts with it.
#pragma once
#include <memory>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"
#include "pricing/price_table.hpp"

namespace respand {

/// What --check-config says when all is well. Loads the price table and the authorities too; does not need
/// the key to be there.
Result<std::string> check(const config::Config& config);

/// A table, and what was said when it was loaded.
struct LoadedPrices {
    std::shared_ptr<const pricing::PriceTable> table;
    std::size_t warnings = 0;
    std::string fault;  ///< why it is not the table of the settings; empty: it is
};

/// Loads the table; its warnings go to the log, the first few each, the rest as a number. When the files
/// still are those of the table `in_force`, that one is given back.
Result<LoadedPrices> load_prices(const pricing::PricingSettings& settings, const LoadedPrices& in_force = {});

/// The table to start with. Records must flow even when prices are broken: then without the overlays, then
/// without any price (the server computes costs itself), and an error is logged.
LoadedPrices prices_to_start_with(const pricing::PricingSettings& settings);

}  // namespace respand
