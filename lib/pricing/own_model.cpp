// One model of our own format.
#include <algorithm>

#include "pricing/own_members.hpp"
#include "pricing/provider.hpp"

namespace respand::pricing {
namespace {

/// The provider of a model whose entry does not state it: the key's first segment when that is a provider.
std::string provider_of_key(std::string_view key) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return {};
    const std::string prefix = lower(key.substr(0, slash));
    return is_well_known_provider(prefix) ? prefix : std::string{};
}

bool is_name(const JsonText& value) {
    return value.kind == JsonText::Kind::string && !value.text.empty() && value.text.size() <= kMaxNameBytes;
}

void read_aliases(const JsonMember& member, ModelDraft& draft, FileWarnings& warnings) {
    if (member.value.kind != JsonText::Kind::array) {
        warnings.add(member.value.line, draft.key,
                     "\"aliases\" is " + shown(member.value) + ", expected a list of names; it is ignored");
        return;
    }
    for (const auto& [unused, alias] : member.value.members) {
        if (is_name(alias)) {
            draft.aliases.push_back(alias.text);
        } else {
            warnings.add(alias.line, draft.key,
                         "alias " + shown(alias) + " is no name of 1 to " + std::to_string(kMaxNameBytes) +
                             " bytes; it is ignored");
        }
    }
}

/// Reads one entry of "models".
class ModelReader {
  public:
    ModelReader(const JsonMember& model, FileWarnings& warnings) : model_(model), warnings_(warnings) {
        draft_.key = model.name;
        draft_.line = model.value.line;
        draft_.states_prices = false;
    }

    /// Empty when the entry can't be used; the reason is in the warnings then.
    std::optional<ModelDraft> read() {
        if (std::optional<EntryFault> fault = read_members()) {
            warnings_.add(fault->line, draft_.key.substr(0, kMaxNameBytes),
                          fault->what + "; the whole entry is left out");
            return std::nullopt;
        }
        for (const EntryFault& key : unknown_) warnings_.add(key.line, draft_.key, key.what);
        if (draft_.provider.empty()) draft_.provider = provider_of_key(draft_.key);
        return std::move(draft_);
    }

  private:
    std::optional<EntryFault> read_members() {
        if (draft_.key.empty() || draft_.key.size() > kMaxNameBytes) {
            return EntryFault{"a model's name has 1 to " + std::to_string(kMaxNameBytes) + " bytes",
                              draft_.line};
        }
        if (model_.value.kind != JsonText::Kind::object) {
            return EntryFault{"the entry is " + shown(model_.value) + ", expected an object", draft_.line};
        }
        if (auto fault = check_repeats(model_.value)) return fault;
        for (const JsonMember& member : model_.value.members) {
            if (auto fault = read_member(member)) return fault;
        }
        draft_.states_prices =
            current_ != PricePeriod{} || !draft_.periods.empty() || !draft_.hardware.empty();
        if (!draft_.states_prices && (draft_.bill_failed || draft_.mixed_output)) {
            return EntryFault{std::string(draft_.bill_failed ? "\"bill_failed\"" : "\"mixed_output\"") +
                                  " stands in an entry without prices",
                              draft_.line};
        }
        if (!draft_.states_prices) return std::nullopt;
        return check_periods();
    }

    std::optional<EntryFault> read_member(const JsonMember& member) {
        const std::string& name = member.name;
        const JsonText& value = member.value;
        if (name == "provider" || name == "hardware") {
            if (!is_name(value)) return fault_at(member, "expected a name");
            if (name == "provider") {
                draft_.provider = canonical_provider(lower(value.text));
            } else {
                draft_.hardware = lower(value.text);
            }
            return std::nullopt;
        }
        if (name == "bill_failed" || name == "mixed_output") {
            if (value.kind != JsonText::Kind::boolean) return fault_at(member, "expected true or false");
            (name == "bill_failed" ? draft_.bill_failed : draft_.mixed_output) = value.text == "true";
            return std::nullopt;
        }
        if (name == "aliases") {
            read_aliases(member, draft_, warnings_);
            return std::nullopt;
        }
        if (name == "earlier") return read_earlier(member);
        return read_period_member(member, current_);
    }

    std::optional<EntryFault> read_period_member(const JsonMember& member, PricePeriod& period) {
        const Taken known = take_period_member(member, period, unknown_);
        if (!known) return known.error();
        if (!*known && member.name != "comment") {
            unknown_.push_back(
                {"key \"" + member.name + "\" is not known; it is ignored", member.value.line});
        }
        return std::nullopt;
    }

    std::optional<EntryFault> read_earlier(const JsonMember& member) {
        if (member.value.kind != JsonText::Kind::array || member.value.members.empty()) {
            return fault_at(member, "expected a list of former sets of prices, not empty");
        }
        for (const auto& [unused, element] : member.value.members) {
            if (element.kind != JsonText::Kind::object) {
                return EntryFault{
                    "\"earlier\": a set of prices is " + shown(element) + ", expected an object",
                    element.line};
            }
            if (auto fault = check_repeats(element)) return within("earlier", std::move(*fault));
            PricePeriod period;
            for (const JsonMember& inner : element.members) {
                if (auto fault = read_period_member(inner, period)) {
                    return within("earlier", std::move(*fault));
                }
            }
            if (period.mask() == 0) {
                return EntryFault{"\"earlier\": a set of prices has no price", element.line};
            }
            draft_.periods.push_back(std::move(period));
        }
        return std::nullopt;
    }

    /// The entry's own prices are the newest; every set states something.
    std::optional<EntryFault> check_periods() {
        for (const PricePeriod& period : draft_.periods) {
            if (period.from >= current_.from) {
                return EntryFault{"\"earlier\": a set of prices is not earlier than the entry's own \"from\"",
                                  draft_.line};
            }
        }
        if (draft_.hardware.empty() && current_.mask() == 0) {
            return EntryFault{"the entry has no price", draft_.line};
        }
        draft_.periods.push_back(std::move(current_));
        return put_in_order(draft_.periods, draft_.line);
    }

    const JsonMember& model_;
    FileWarnings& warnings_;
    ModelDraft draft_;
    PricePeriod current_;
    UnknownKeys unknown_;
};

}  // namespace

std::optional<ModelDraft> read_own_model(const JsonMember& model, FileWarnings& warnings) {
    return ModelReader(model, warnings).read();
}

}  // namespace respand::pricing
