// The group `respanctl price`, and what its commands share.
#include "base/units.hpp"
#include "respanctl/price_commands.hpp"

namespace respand::ctl {

void TableOptions::declare(CLI::App& sub) {
    sub.add_option("--table", table, "Price table (default: [pricing] table)")->type_name("FILE");
    sub.add_option("--overlays", overlays, "Directory of overlays (default: [pricing] overlays)")
        ->type_name("DIR");
}

Result<pricing::PricingSettings> TableOptions::settings(const Common& common) const {
    pricing::PricingSettings settings;
    settings.overlays.clear();
    if (table.empty()) {
        const auto config = common.load();
        if (!config) return std::unexpected(config.error());
        settings = config->pricing;
    } else {
        settings.table = table;
    }
    if (!overlays.empty()) settings.overlays = overlays;
    return settings;
}

Result<std::shared_ptr<const pricing::PriceTable>> TableOptions::load(
    const Common& common, std::vector<pricing::LoadWarning>* warnings) const {
    const auto wanted = settings(common);
    if (!wanted) return std::unexpected(wanted.error());
    auto loaded = pricing::PriceTable::load(*wanted, warnings);
    if (!loaded) return fail(ErrorKind::config, loaded.error().message);
    return loaded;
}

std::string counted(std::uint64_t count, const std::string& what) {
    return grouped(count) + " " + what + (count == 1 ? "" : "s");
}

void add_price_commands(Program& program) {
    CLI::App* group = program.app.add_subcommand("price", "Costs, prices and price tables");
    group->require_subcommand(1);
    add_price_explain(program, *group);
    add_price_list(program, *group);
    add_price_check(program, *group);
    add_price_coverage(program, *group);
}

}  // namespace respand::ctl
