// The price table: model name → prices. Loaded once, immutable, replaced as a whole.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pricing/money.hpp"
#include "pricing/pricing_settings.hpp"

namespace respand::pricing {

/// Prices of one model, USD per token. A component that is absent costs what its parent costs
/// (token_sum.cpp).
struct TokenPrices {
    std::optional<Money> input, output, cache_read, cache_write_5m, cache_write_1h;
    std::optional<Money> input_audio, input_image, output_audio, reasoning;
    /// Largest input (cache included) of a request that these prices hold for; absent: any. A larger request
    /// is billed by prices that this table does not know, so its cost is unknown.
    std::optional<std::uint64_t> holds_up_to_input_tokens;

    /// Some tokens have a price. False: a model that is billed by other things than tokens.
    bool any() const {
        return input || output || cache_read || cache_write_5m || cache_write_1h || input_audio ||
               input_image || output_audio || reasoning;
    }
    bool operator==(const TokenPrices&) const = default;
};

struct PriceEntry {
    std::string key;       ///< the table's own spelling of the model
    std::string provider;  ///< whose prices these are, in lower case, canonical; empty: not stated
    std::string origin;    ///< file it came from
    TokenPrices prices;
};

/// How a name was found; travels with the price for `respanctl price`.
enum class MatchRule : std::uint8_t {
    exact,
    with_provider,
    without_provider,
    replicate_name,
    alias,
    without_date
};
std::string_view name(MatchRule rule);

struct Match {
    const PriceEntry* entry = nullptr;
    MatchRule rule = MatchRule::exact;
};

/// One entry that could not be used, or a key that was not understood. The rest of the table stands.
struct LoadWarning {
    std::string file;
    std::string key;  ///< model key, empty when the fault is not in an entry
    std::string message;
};

/// Immutable after load; may be read from any thread.
class PriceTable {
  public:
    /// Reads settings.table and every *.json of settings.overlays in name order. An error (no file, not JSON,
    /// no usable entry) leaves the caller's old table in force; it names file, line and key. Warnings go to
    /// `warnings`.
    static Result<std::shared_ptr<const PriceTable>> load(const PricingSettings& settings,
                                                          std::vector<LoadWarning>* warnings);
    /// From text, for tests. `file` is the name used in messages.
    static Result<std::shared_ptr<const PriceTable>> parse(std::string_view json, const std::string& file,
                                                           std::vector<LoadWarning>* warnings);
    /// A table without prices: every model is unknown. For starting when nothing can be loaded.
    static std::shared_ptr<const PriceTable> none();
    ~PriceTable();

    /// Resolves a model name as sent by the app; `provider` may be empty. Never a "contains" match, and never
    /// the price of another provider than the stated one. Allocates nothing. Rules: README.md, "Names".
    std::optional<Match> find(std::string_view model, std::string_view provider) const;

    std::size_t size() const;  ///< models
    const std::string& id()
        const;  ///< "sha256:" and the first 16 hex digits of the hash of all files, in order
    const std::string& version() const;  ///< the table's own date, "2026-10-31", or empty

  private:
    PriceTable();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace respand::pricing
