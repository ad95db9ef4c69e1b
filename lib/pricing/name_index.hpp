// Model names → entries of the table, and the rules by which a name that was sent finds its entry.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "pricing/price_file.hpp"

namespace respand::pricing {

/// Filled once while a table is built, then only read. Names are given to it in lower case, without which
/// they are never found.
class NameIndex {
  public:
    struct Target {
        std::uint32_t entry = 0;  ///< index into the table's entries
        bool alias = false;
    };
    struct Found {
        std::uint32_t entry = 0;
        MatchRule rule = MatchRule::exact;
    };

    /// Overwrites what the name stood for.
    void put(const std::string& name, Target target) { names_.insert_or_assign(name, target); }
    /// Overwrites the rule of the same prefix.
    void put_prefix(PrefixRule rule);
    std::span<const PrefixRule> prefix_rules() const { return prefix_rules_; }
    void add_provider(const std::string& canonical) { providers_.insert(canonical); }

    /// What exactly this name stands for.
    const Target* at(std::string_view name) const;
    /// Some price is stated as this provider's, or everybody knows it.
    bool knows_provider(std::string_view canonical) const;

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

    std::unordered_map<std::string, Target, Hash, std::equal_to<>> names_;
    std::unordered_set<std::string, Hash, std::equal_to<>> providers_;
    std::vector<PrefixRule> prefix_rules_;  ///< the longest first
};

}  // namespace respand::pricing
