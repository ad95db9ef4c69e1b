#include "respand/check.hpp"

#include <spdlog/spdlog.h>

#include "upload/tls.hpp"

namespace respand {
namespace {

/// Warnings of a price file that are logged one by one.
constexpr std::size_t kMaxLoggedWarnings = 10;

std::string in_words(const pricing::LoadWarning& warning) {
    const std::string line = warning.line == 0 ? "" : ":" + std::to_string(warning.line);
    return warning.file + line + (warning.key.empty() ? "" : ": '" + warning.key + "'") + ": " +
           warning.message;
}

std::string counted(std::size_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

Result<std::shared_ptr<const pricing::PriceTable>> load_prices(const pricing::PricingSettings& settings) {
    std::vector<pricing::LoadWarning> warnings;
    auto table = pricing::PriceTable::load(settings, &warnings);
    for (std::size_t i = 0; i < warnings.size() && i < kMaxLoggedWarnings; ++i)
        spdlog::warn("prices: {}", in_words(warnings[i]));
    if (warnings.size() > kMaxLoggedWarnings)
        spdlog::warn("prices: and {}", counted(warnings.size() - kMaxLoggedWarnings, "more warning"));
    return table;
}

std::shared_ptr<const pricing::PriceTable> prices_to_start_with(const pricing::PricingSettings& settings) {
    auto table = load_prices(settings);
    if (table) return *table;
    pricing::PricingSettings base = settings;
    base.overlays.clear();
    if (auto without = load_prices(base)) {
        spdlog::error("prices: {}; started WITHOUT the overlays: mend them and reload",
                      table.error().message);
        return *without;
    }
    spdlog::error("prices: {}; started WITHOUT prices: records go out without cost; mend it and reload",
                  table.error().message);
    return pricing::PriceTable::none();
}

Result<std::string> check(const config::Config& config) {
    std::vector<pricing::LoadWarning> warnings;
    const auto table = pricing::PriceTable::load(config.pricing, &warnings);
    if (!table) return fail(ErrorKind::config, table.error().message);
    // The client certificate's key may be a credential that only the service sees.
    upload::NetworkSettings network = config.upload.network;
    network.client_certificate.clear();
    if (const auto tls = upload::Tls::make(network, {}); !tls) return std::unexpected(tls.error());
    std::string text = "good; " + counted((*table)->size(), "model") + " priced, key from " +
                       config::describe(config.credentials.api_key);
    for (const auto& warning : warnings) text += "\nwarning: " + in_words(warning);
    return text;
}

}  // namespace respand
