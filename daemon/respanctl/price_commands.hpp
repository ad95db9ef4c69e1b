// What the price commands share: which table they look at, and how each adds itself to the group.
#pragma once
#include <string>
#include <vector>

#include "pricing/price_table.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {

/// --table and --overlays.
struct TableOptions {
    std::string table, overlays;

    void declare(CLI::App& sub);
    /// Those of the configuration, unless named: a table named by hand is meant to be looked at alone.
    Result<pricing::PricingSettings> settings(const Common& common) const;
    /// A table that can't be loaded is a fault of the configuration.
    Result<std::shared_ptr<const pricing::PriceTable>> load(
        const Common& common, std::vector<pricing::LoadWarning>* warnings = nullptr) const;
};

/// "1 model", "2 models".
std::string counted(std::uint64_t count, const std::string& what);

void add_price_explain(Program& program, CLI::App& group);
void add_price_list(Program& program, CLI::App& group);
void add_price_check(Program& program, CLI::App& group);  ///< check, diff
void add_price_coverage(Program& program, CLI::App& group);

}  // namespace respand::ctl
