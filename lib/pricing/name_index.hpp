// Model names → entries of the table, and the rules by which a name that was sent finds its entry.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pricing/name_map.hpp"
#include "pricing/price_file.hpp"

namespace respand::pricing {

/// Filled once while a table is built, then only read. Names are given to it in lower case, without which
/// they are never found.
class NameIndex {
  public:
    using Target = NameMap::Target;
    struct Found {
        std::uint32_t entry = 0;
        MatchRule rule = MatchRule::exact;
    };

    /// Overwrites what the name stood for.
    void put(std::string_view name, Target target) { names_.put(name, target); }
    /// Overwrites the rule of the same prefix.
    void put_prefix(PrefixRule rule);
    std::span<const PrefixRule> prefix_rules() const { return prefix_rules_; }
    void add_provider(const std::string& canonical) { providers_.insert(canonical); }

    /// What exactly this name stands for.
    const Target* at(std::string_view name) const { return names_.find(name); }
    /// Some price is stated as this provider's, or everybody knows it.
    bool knows_provider(std::string_view canonical) const;

    /// All aliases and the entries they stand for, by name.
    std::vector<std::pair<std::string, std::uint32_t>> aliases() const;

    /// Resolves a name in any case, see README.md. Allocates nothing.
    std::optional<Found> resolve(std::string_view model, std::string_view provider,
                                 const std::vector<PriceEntry>& entries) const;

  private:
    /// The rule of the longest prefix that the name has; nullptr when it has none.
    const PrefixRule* rule_for(std::string_view name) const;
    std::optional<Found> resolve_lower(std::string_view name, std::string_view provider,
                                       const std::vector<PriceEntry>& entries) const;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    NameMap names_;
    std::unordered_set<std::string, Hash, std::equal_to<>> providers_;
    std::vector<PrefixRule> prefix_rules_;  ///< the longest first
};

}  // namespace respand::pricing
