// Our own price file: "respand-pricing-1". README.md describes it.
#include <algorithm>
#include <array>
#include <charconv>

#include "pricing/price_file.hpp"
#include "pricing/provider.hpp"

namespace respand::pricing {
namespace {

/// Prices in the file are per million tokens.
constexpr int kPerMillion = -6;

struct PriceKey {
    std::string_view name;
    std::optional<Money> TokenPrices::* component;
};

constexpr std::array<PriceKey, 9> kPriceKeys = {{
    {"input_per_million", &TokenPrices::input},
    {"output_per_million", &TokenPrices::output},
    {"cache_read_per_million", &TokenPrices::cache_read},
    {"cache_write_per_million", &TokenPrices::cache_write_5m},
    {"cache_write_1h_per_million", &TokenPrices::cache_write_1h},
    {"input_audio_per_million", &TokenPrices::input_audio},
    {"input_image_per_million", &TokenPrices::input_image},
    {"output_audio_per_million", &TokenPrices::output_audio},
    {"reasoning_per_million", &TokenPrices::reasoning},
}};

const PriceKey* find_price_key(std::string_view name) {
    const auto* found = std::ranges::find(kPriceKeys, name, &PriceKey::name);
    return found == kPriceKeys.end() ? nullptr : found;
}

std::string dropped(const std::string& fault) { return fault + "; the whole entry is left out"; }

/// The provider of a model whose entry does not state it: the key's first segment when that is a provider.
std::string provider_of_key(std::string_view key) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return {};
    const std::string prefix = lower(key.substr(0, slash));
    return is_well_known_provider(prefix) ? prefix : std::string{};
}

void read_aliases(const JsonText& value, ModelDraft& draft, FileWarnings& warnings) {
    if (value.kind != JsonText::Kind::array) {
        warnings.add(draft.key,
                     "\"aliases\" is " + shown(value) + ", expected a list of names; it is ignored");
        return;
    }
    for (const auto& [unused, alias] : value.members) {
        const bool usable =
            alias.kind == JsonText::Kind::string && !alias.text.empty() && alias.text.size() <= kMaxNameBytes;
        if (usable) {
            draft.aliases.push_back(alias.text);
        } else {
            warnings.add(draft.key, "alias " + shown(alias) + " is no name of 1 to " +
                                        std::to_string(kMaxNameBytes) + " bytes; it is ignored");
        }
    }
}

std::optional<std::uint64_t> read_count(const JsonText& value) {
    std::uint64_t count = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, fault] = std::from_chars(value.text.data(), end, count);
    if (value.kind != JsonText::Kind::number || fault != std::errc{} || stop != end || count == 0) return {};
    return count;
}

/// One member of an entry. Returns what makes the entry unusable, or nothing.
std::string read_member(const std::string& name, const JsonText& value, ModelDraft& draft,
                        FileWarnings& warnings) {
    if (const PriceKey* key = find_price_key(name)) {
        std::optional<Money>& component = draft.prices.*(key->component);
        component = read_price(value, kPerMillion);
        draft.states_prices = true;
        if (component) return {};
        return "\"" + name + "\" is " + shown(value) +
               ", expected US dollars per million tokens: a decimal number (or a string of one), not "
               "negative, "
               "at most 18 decimals";
    }
    if (name == "holds_up_to_input_tokens") {
        draft.prices.holds_up_to_input_tokens = read_count(value);
        if (draft.prices.holds_up_to_input_tokens) return {};
        return "\"" + name + "\" is " + shown(value) + ", expected a whole number above 0";
    }
    if (name == "provider") {
        if (value.kind != JsonText::Kind::string || value.text.empty()) {
            return "\"provider\" is " + shown(value) + ", expected a name";
        }
        draft.provider = canonical_provider(lower(value.text));
        return {};
    }
    if (name == "aliases") {
        read_aliases(value, draft, warnings);
    } else if (name != "comment") {
        warnings.add(draft.key, "key \"" + name + "\" is not known; it is ignored");
    }
    return {};
}

/// Empty when the entry can't be used; the reason is in `warnings` then.
std::optional<ModelDraft> read_model(const std::string& key, const JsonText& entry, FileWarnings& warnings) {
    ModelDraft draft;
    draft.key = key;
    draft.states_prices = false;
    std::string fault;
    if (key.empty() || key.size() > kMaxNameBytes) {
        fault = "a model's name has 1 to " + std::to_string(kMaxNameBytes) + " bytes";
    } else if (entry.kind != JsonText::Kind::object) {
        fault = "the entry is " + shown(entry) + ", expected an object";
    }
    for (const auto& [name, value] : entry.members) {
        if (!fault.empty()) break;
        fault = read_member(name, value, draft, warnings);
    }
    if (!fault.empty()) {
        warnings.add(key.substr(0, kMaxNameBytes), dropped(fault));
        return std::nullopt;
    }
    if (draft.provider.empty()) draft.provider = provider_of_key(key);
    return draft;
}

Status check_format(const JsonText& format, const std::string& file) {
    if (format.kind == JsonText::Kind::string && format.text == kOwnFormat) return {};
    return fail(ErrorKind::data, file + ": key \"format\" is " + shown(format) + ", this respand reads \"" +
                                     std::string(kOwnFormat) + "\"");
}

}  // namespace

Result<PriceFile> read_own_format(const JsonText& root, FileWarnings& warnings) {
    PriceFile file;
    const JsonText* models = nullptr;
    for (const auto& [name, value] : root.members) {
        if (name == "format") {
            if (Status known = check_format(value, warnings.file()); !known) {
                return std::unexpected(std::move(known.error()));
            }
        } else if (name == "version" && value.kind == JsonText::Kind::string) {
            file.version = value.text;
        } else if (name == "models" && value.kind == JsonText::Kind::object && models == nullptr) {
            models = &value;
        } else if (name == "version" || name == "models") {
            const std::string expected = name == "version" ? "a string" : "one object";
            return fail(ErrorKind::data, warnings.file() + ": key \"" + name + "\" is " + shown(value) +
                                             ", expected " + expected);
        } else if (name != "comment") {
            warnings.add("", "key \"" + name + "\" is not known; it is ignored");
        }
    }
    if (models == nullptr) return fail(ErrorKind::data, warnings.file() + ": key \"models\" is missing");
    file.entries = models->members.size();
    for (const auto& [key, entry] : models->members) {
        if (std::optional<ModelDraft> draft = read_model(key, entry, warnings)) {
            file.models.push_back(std::move(*draft));
        }
    }
    return file;
}

}  // namespace respand::pricing
