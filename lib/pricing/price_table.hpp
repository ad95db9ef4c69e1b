// The price table: model name → prices. Loaded once, immutable, replaced as a whole.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pricing/pricing_settings.hpp"
#include "pricing/rates.hpp"

namespace respand::pricing {

/// How a name was found; travels with the price for `respanctl price`.
enum class MatchRule : std::uint8_t {
    exact,
    with_provider,
    without_provider,
    replicate_name,
    alias,
    without_date,
    prefix_rule,  ///< by a rule of the operator
    hardware,     ///< no model matched; the hardware that the record names is billed
    never_ran,    ///< nothing was looked up: an aborted call costs nothing
};
std::string_view name(MatchRule rule);

struct Match {
    const PriceEntry* entry = nullptr;
    MatchRule rule = MatchRule::exact;
};

/// One entry that could not be used, or a key that was not understood. The rest of the table stands.
struct LoadWarning {
    std::string file;
    std::size_t line = 0;  ///< where it stands; 0: nowhere in particular
    std::string key;       ///< model key, empty when the fault is not in an entry
    std::string message;
};
/// "/etc/respand/pricing.d/ours.json:12: 'our/model': …"
std::string in_words(const LoadWarning& warning);

/// A name that is no model's own.
struct OtherName {
    enum class Kind : std::uint8_t {
        alias,    ///< `name` is the model `target`
        prefix,   ///< every name that begins with `name` is the model `target`
        replaced  ///< `target` stands for `name` at the beginning of a name
    };
    Kind kind = Kind::alias;
    std::string name;    ///< lower case
    std::string target;  ///< of an alias the model's key as the table spells it
    bool operator==(const OtherName&) const = default;
};

/// Immutable after load; may be read from any thread.
class PriceTable {
  public:
    /// Reads settings.table and every *.json of settings.overlays in name order. An error (no file, not JSON,
    /// no usable entry) leaves the caller's old table in force; it names file, line and key. Warnings go to
    /// `warnings`. When `in_force` was made of the same files with the same text, it is the result, at a
    /// tenth of the cost and without its warnings.
    static Result<std::shared_ptr<const PriceTable>> load(
        const PricingSettings& settings, std::vector<LoadWarning>* warnings,
        const std::shared_ptr<const PriceTable>& in_force = nullptr);
    /// The same from these files: the first is the table, the others are overlays.
    static Result<std::shared_ptr<const PriceTable>> load_files(std::span<const std::string> paths,
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

    /// The rates of a kind of hardware, in any case; nullptr when there are none. An entry of its own,
    /// "hardware/NAME", with a price for Meter::run_second alone. Allocates nothing.
    const PriceEntry* hardware(std::string_view name) const;

    /// All models, in the order in which they were first met.
    std::span<const PriceEntry> entries() const;
    /// All hardware, by name.
    std::span<const PriceEntry> hardware_entries() const;
    /// All aliases by name, then all prefix rules by prefix.
    std::vector<OtherName> other_names() const;

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
