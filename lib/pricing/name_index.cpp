#include "pricing/name_index.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "pricing/price_file.hpp"
#include "pricing/provider.hpp"

namespace respand::pricing {
namespace {

constexpr std::string_view kReplicate = "replicate";

/// Text in lower case on the stack.
class LowerName {
  public:
    explicit LowerName(std::string_view text) : fits_(text.size() <= kMaxNameBytes) {
        if (!fits_) return;
        size_ = text.size();
        for (std::size_t i = 0; i < size_; ++i) {
            const char c = text[i];
            bytes_[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    bool fits() const { return fits_; }
    std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    std::array<char, kMaxNameBytes> bytes_;  // only the first size_ are ever read
    std::size_t size_ = 0;
    bool fits_;
};

/// Several texts, one behind the other, on the stack. At most two of them are names, the rest a byte.
class JoinedName {
  public:
    JoinedName(std::initializer_list<std::string_view> parts) {
        for (const std::string_view part : parts) size_ += part.copy(bytes_.data() + size_, part.size());
    }
    std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    std::array<char, 2 * kMaxNameBytes + 1> bytes_;  // only the first size_ are ever read
    std::size_t size_ = 0;
};

bool remove_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// `name` begins with "prefix/".
bool is_under(std::string_view name, std::string_view prefix) {
    return name.size() > prefix.size() && name[prefix.size()] == '/' && name.starts_with(prefix);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// The text fits the pattern, in which 'd' stands for a digit and all else for itself.
bool fits(std::string_view text, std::string_view pattern) {
    return std::ranges::equal(text, pattern,
                              [](char c, char wanted) { return wanted == 'd' ? is_digit(c) : c == wanted; });
}

/// The name without one trailing date, or nothing when there is none.
std::optional<std::string_view> without_date(std::string_view name) {
    for (const std::string_view pattern : {"-20dddddd", "@20dddddd", "-20dd-dd-dd"}) {
        if (name.size() <= pattern.size()) continue;
        const std::string_view tail = name.substr(name.size() - pattern.size());
        if (!fits(tail, pattern)) continue;
        const bool dashes = pattern.size() > 9;
        const std::string_view month = tail.substr(dashes ? 6 : 5, 2);
        const std::string_view day = tail.substr(tail.size() - 2);
        if (month >= "01" && month <= "12" && day >= "01" && day <= "31") {
            return name.substr(0, name.size() - pattern.size());
        }
    }
    return std::nullopt;
}

/// A name as Replicate's own API spells it.
struct ReplicateName {
    std::string_view owner_and_name;
    bool said_so = false;    ///< the record says that it is Replicate's
    bool shortened = false;  ///< something was taken away
};

/// Without "replicate/", "deployments/" and ":version". A version is taken for one when the record says that
/// the model is Replicate's, or when it looks like Replicate's (hex): others write ":free" and ":0" behind a
/// name, with another price.
ReplicateName replicate_name(std::string_view name, bool provider_is_replicate) {
    ReplicateName result{name, provider_is_replicate, false};
    std::string_view& rest = result.owner_and_name;
    result.shortened = remove_prefix(rest, "replicate/");
    result.shortened = remove_prefix(rest, "deployments/") || result.shortened;
    result.said_so = result.said_so || result.shortened;
    const std::size_t colon = rest.find(':', std::min(rest.find('/'), rest.size()));
    if (colon != std::string_view::npos) {
        constexpr std::size_t kShortestVersion = 4;
        const std::string_view version = rest.substr(colon + 1);
        const bool hex = version.size() >= kShortestVersion && std::ranges::all_of(version, is_hex_digit);
        if (result.said_so || hex) {
            rest = rest.substr(0, colon);
            result.shortened = true;
        }
    }
    return result;
}

/// One lookup: a name with the provider that the record states, against the index.
class Lookup {
  public:
    Lookup(const NameIndex& index, const std::vector<PriceEntry>& entries, std::string_view provider)
        : index_(index),
          entries_(entries),
          provider_(provider),
          canonical_(canonical_provider(provider)),
          binding_(!provider.empty() && index.knows_provider(canonical_)) {}

    /// Every spelling of the name in turn; a declared alias counts when no spelling is a key.
    std::optional<NameIndex::Found> find(std::string_view name) {
        alias_.reset();
        if (try_spelling(name, MatchRule::exact)) return own_before(name, found_);
        if (try_with_provider(name)) return found_;
        if (try_without_provider(name)) return found_;
        if (try_replicate(name)) return found_;
        return alias_;
    }

  private:
    /// The stated provider's own model of that name, where the one found is another's: "xai/grok-4" is also
    /// what Replicate calls it. Else the one found.
    NameIndex::Found own_before(std::string_view name, NameIndex::Found found) {
        const std::string& whose = entries_[found.entry].provider;
        if (!binding_ || whose.empty() || whose == canonical_) return found;
        if (try_with_provider(name)) return found_;
        return alias_.value_or(found);
    }

    /// Whether the record's own provider allows this entry's price for a name spelled like this.
    bool allowed(std::string_view spelling, const PriceEntry& entry) const {
        if (!binding_ || entry.provider.empty() || entry.provider == canonical_) return true;
        // "owner/name" is a name at Replicate: that an owner is called like a provider says nothing of who
        // bills.
        if (entry.provider == kReplicate || canonical_ == kReplicate) return is_under(spelling, kReplicate);
        return is_under(spelling, entry.provider) || is_under(spelling, provider_);
    }

    /// `owner`: whose price it has to be; empty: anybody's.
    bool try_spelling(std::string_view spelling, MatchRule rule, std::string_view owner = {}) {
        const NameIndex::Target* target = index_.at(spelling);
        if (target == nullptr) return false;
        const PriceEntry& entry = entries_[target->entry];
        if (!owner.empty() && !entry.provider.empty() && entry.provider != owner) return false;
        if (!allowed(spelling, entry)) return false;
        if (target->alias) {
            const bool own = binding_ && entry.provider == canonical_;
            if (!alias_ || (own && entries_[alias_->entry].provider != canonical_))
                alias_ = {target->entry, MatchRule::alias};
            return false;
        }
        found_ = {target->entry, rule};
        return true;
    }

    bool try_with_provider(std::string_view name) {
        if (provider_.empty()) return false;
        if (try_spelling(JoinedName{provider_, "/", name}.view(), MatchRule::with_provider)) return true;
        return canonical_ != provider_ &&
               try_spelling(JoinedName{canonical_, "/", name}.view(), MatchRule::with_provider);
    }

    bool try_without_provider(std::string_view name) {
        const std::size_t slash = name.find('/');
        if (slash == std::string_view::npos) return false;
        const std::string_view prefix = name.substr(0, slash);
        const bool given = !provider_.empty() && (prefix == provider_ || prefix == canonical_);
        if (!given && !index_.knows_provider(prefix)) return false;
        const std::string_view owner = given ? canonical_ : prefix;
        return try_spelling(name.substr(slash + 1), MatchRule::without_provider, owner);
    }

    bool try_replicate(std::string_view name) {
        const ReplicateName replicate = replicate_name(name, canonical_ == kReplicate);
        if (!replicate.said_so && !replicate.shortened) return false;
        const std::string_view rest = replicate.owner_and_name;
        if (try_spelling(JoinedName{kReplicate, "/", rest}.view(), MatchRule::replicate_name, kReplicate))
            return true;
        return try_spelling(rest, MatchRule::replicate_name, kReplicate);
    }

    const NameIndex& index_;
    const std::vector<PriceEntry>& entries_;
    std::string_view provider_;
    std::string_view canonical_;
    bool binding_;
    NameIndex::Found found_;
    std::optional<NameIndex::Found> alias_;
};

}  // namespace

std::vector<std::pair<std::string, std::uint32_t>> NameIndex::aliases() const {
    std::vector<std::pair<std::string, std::uint32_t>> all;
    names_.for_each([&all](std::string_view name, const Target& target) {
        if (target.alias) all.emplace_back(name, target.entry);
    });
    std::ranges::sort(all);
    return all;
}

bool NameIndex::knows_provider(std::string_view canonical) const {
    return is_well_known_provider(canonical) || providers_.contains(canonical);
}

void NameIndex::put_prefix(PrefixRule rule) {
    std::erase_if(prefix_rules_, [&rule](const PrefixRule& old) { return old.prefix == rule.prefix; });
    prefix_rules_.push_back(std::move(rule));
    std::ranges::sort(prefix_rules_, std::ranges::greater{},
                      [](const PrefixRule& one) { return one.prefix.size(); });
}

const PrefixRule* NameIndex::rule_for(std::string_view name) const {
    const auto found = std::ranges::find_if(
        prefix_rules_, [name](const PrefixRule& rule) { return name.starts_with(rule.prefix); });
    return found == prefix_rules_.end() ? nullptr : &*found;
}

std::optional<NameIndex::Found> NameIndex::resolve_lower(std::string_view name, std::string_view provider,
                                                         const std::vector<PriceEntry>& entries) const {
    Lookup lookup(*this, entries, provider);
    if (std::optional<Found> found = lookup.find(name)) return found;
    const std::optional<std::string_view> undated = without_date(name);
    if (!undated) return std::nullopt;
    std::optional<Found> found = lookup.find(*undated);
    if (found) found->rule = MatchRule::without_date;
    return found;
}

std::optional<NameIndex::Found> NameIndex::resolve(std::string_view model, std::string_view provider,
                                                   const std::vector<PriceEntry>& entries) const {
    const LowerName name(model);
    if (!name.fits()) return std::nullopt;
    const LowerName stated(provider);  // one that is too long is none that anybody knows
    if (std::optional<Found> found = resolve_lower(name.view(), stated.view(), entries)) return found;
    const PrefixRule* rule = rule_for(name.view());
    if (rule == nullptr) return std::nullopt;
    std::optional<Found> found;
    if (rule->model.empty()) {
        const JoinedName replaced{rule->replace_with, name.view().substr(rule->prefix.size())};
        if (replaced.view().size() <= kMaxNameBytes)
            found = resolve_lower(replaced.view(), stated.view(), entries);
    } else {
        // The operator says which model it is; whoever the record thinks provides it has no say.
        found = resolve_lower(rule->model, {}, entries);
    }
    if (found) found->rule = MatchRule::prefix_rule;
    return found;
}

}  // namespace respand::pricing
