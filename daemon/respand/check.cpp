#include "respand/check.hpp"

#include <spdlog/spdlog.h>

#include "upload/tls.hpp"

namespace respand {
namespace {

/// Warnings of a price file that are logged one by one.
constexpr std::size_t kMaxLoggedWarnings = 10;

std::string counted(std::size_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

Result<LoadedPrices> load_prices(const pricing::PricingSettings& settings, const LoadedPrices& in_force) {
    std::vector<pricing::LoadWarning> warnings;
    auto table = pricing::PriceTable::load(settings, &warnings, in_force.table);
    if (table && *table == in_force.table) {
        if (in_force.warnings > 0)
            spdlog::warn("prices: unchanged, with {} as before; respanctl price check tells all",
                         counted(in_force.warnings, "warning"));
        return LoadedPrices{*table, in_force.warnings, {}};
    }
    for (std::size_t i = 0; i < warnings.size() && i < kMaxLoggedWarnings; ++i)
        spdlog::warn("prices: {}", pricing::in_words(warnings[i]));
    if (warnings.size() > kMaxLoggedWarnings)
        spdlog::warn("prices: and {}; respanctl price check tells all",
                     counted(warnings.size() - kMaxLoggedWarnings, "more warning"));
    if (!table) return std::unexpected(std::move(table.error()));
    return LoadedPrices{std::move(*table), warnings.size(), {}};
}

LoadedPrices prices_to_start_with(const pricing::PricingSettings& settings) {
    auto loaded = load_prices(settings);
    if (loaded) return std::move(*loaded);
    pricing::PricingSettings base = settings;
    base.overlays.clear();
    if (auto without = load_prices(base)) {
        without->fault = loaded.error().message + "; started WITHOUT the overlays: mend them and reload";
        spdlog::error("prices: {}", without->fault);
        return std::move(*without);
    }
    const std::string fault =
        loaded.error().message + "; started WITHOUT prices: records go out without cost; mend it and reload";
    spdlog::error("prices: {}", fault);
    return {pricing::PriceTable::none(), 0, fault};
}

Result<std::string> check(const config::Config& config) {
    std::vector<pricing::LoadWarning> warnings;
    const auto table = pricing::PriceTable::load(config.pricing, &warnings);
    if (!table) return fail(ErrorKind::config, table.error().message);
    std::vector<upload::NetworkSettings> networks{config.upload.network};
    for (const config::LaneConfig& lane : config.lanes) networks.push_back(lane.upload.network);
    for (upload::NetworkSettings& network : networks) {
        // The client certificate's key may be a credential that only the service sees.
        network.client_certificate.clear();
        if (const auto tls = upload::Tls::make(network, {}); !tls) return std::unexpected(tls.error());
    }
    std::string text = "good; " + counted((*table)->size(), "model") + " priced, key from " +
                       config::describe(config.credentials.api_key);
    for (const config::LaneConfig& lane : config.lanes)
        text += "; lane '" + lane.route.name + "', key from " + config::describe(lane.credentials.api_key);
    for (const auto& warning : warnings) text += "\nwarning: " + pricing::in_words(warning);
    return text;
}

}  // namespace respand
