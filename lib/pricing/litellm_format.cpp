// LiteLLM's model_prices_and_context_window.json, taken as it is: an object of model → facts, prices per
// token among some eighty keys. What is not about tokens is skipped without a word; it is not our file.
#include <algorithm>
#include <array>
#include <charconv>

#include "pricing/price_file.hpp"
#include "pricing/provider.hpp"

namespace respand::pricing {
namespace {

struct PriceKey {
    std::string_view name;
    Meter meter;
};

/// A later key fills a component only when the earlier ones left it empty.
constexpr std::array<PriceKey, 10> kPriceKeys = {{
    {"input_cost_per_token", Meter::input},
    {"output_cost_per_token", Meter::output},
    {"cache_read_input_token_cost", Meter::cache_read},
    {"input_cost_per_token_cache_hit", Meter::cache_read},  // an older name of the same
    {"cache_creation_input_token_cost", Meter::cache_write},
    {"cache_creation_input_token_cost_above_1hr", Meter::cache_write_1h},
    {"input_cost_per_audio_token", Meter::input_audio},
    {"input_cost_per_image_token", Meter::input_image},
    {"output_cost_per_audio_token", Meter::output_audio},
    {"output_cost_per_reasoning_token", Meter::reasoning},
}};

struct KnownAlias {
    std::string_view key, alias;
};

/// Replicate's own names of models whose key in the file is another one.
constexpr std::array<KnownAlias, 5> kReplicateNames = {{
    {"replicate/meta/llama-3-70b", "meta/meta-llama-3-70b"},
    {"replicate/meta/llama-3-70b-instruct", "meta/meta-llama-3-70b-instruct"},
    {"replicate/meta/llama-3-8b", "meta/meta-llama-3-8b"},
    {"replicate/meta/llama-3-8b-instruct", "meta/meta-llama-3-8b-instruct"},
    {"replicateopenai/gpt-oss-20b", "replicate/openai/gpt-oss-20b"},  // a slash is missing there
}};

/// The N of "…_above_Nk_tokens" and its variants in tokens; 0 when the key is none of these.
std::uint64_t threshold_of(std::string_view key) {
    constexpr std::string_view kAbove = "_above_";
    std::uint64_t smallest = 0;
    for (std::size_t at = key.find(kAbove); at != std::string_view::npos; at = key.find(kAbove, at + 1)) {
        const char* begin = key.data() + at + kAbove.size();
        const char* end = key.data() + key.size();
        std::uint64_t thousands = 0;
        const auto [stop, fault] = std::from_chars(begin, end, thousands);
        const bool tokens = std::string_view(stop, end).starts_with("k_tokens");
        if (fault == std::errc{} && tokens && thousands > 0 && thousands < 1'000'000)
            smallest = thousands * 1'000;
    }
    return smallest;
}

/// The base prices end at the smallest threshold of a tier. xAI's tier begins at its threshold, the others'
/// above it.
void limit_to_base_tier(const JsonText& entry, ModelDraft& draft) {
    std::uint64_t limit = 0;
    for (const auto& [name, value] : entry.members) {
        const std::uint64_t threshold = value.kind == JsonText::Kind::null ? 0 : threshold_of(name);
        if (threshold != 0) limit = limit == 0 ? threshold : std::min(limit, threshold);
    }
    if (limit != 0)
        draft.periods.front().holds_up_to_input_tokens = draft.provider == "xai" ? limit - 1 : limit;
}

bool is_positive_price(const JsonText& value) {
    const std::optional<Money> price = read_price(value, 0);
    return price && *price > Money{};
}

/// Every token price is 0, but something else has a price: tokens are no measure of what such a model costs.
bool only_other_prices(const JsonText& entry, const Rates& prices) {
    const bool any_token_price = std::ranges::any_of(kPriceKeys, [&](const PriceKey& key) {
        const Money* price = prices.find(key.meter);
        return price != nullptr && *price > Money{};
    });
    return !any_token_price && std::ranges::any_of(entry.members, [](const auto& member) {
        return member.name.find("cost_per_") != std::string::npos && is_positive_price(member.value);
    });
}

/// Takes away the prices by which a cost would come out too low.
void drop_misleading_prices(const JsonText& entry, Rates& prices) {
    const JsonText* per_request = entry.find("input_cost_per_request");
    const bool has_fee = per_request != nullptr && is_positive_price(*per_request);
    if (has_fee || only_other_prices(entry, prices)) prices = Rates{};
    // Usage does not tell image tokens from text in the output, and they cost many times as much.
    const JsonText* image = entry.find("output_cost_per_image_token");
    const Money* output = prices.find(Meter::output);
    if (image != nullptr && output != nullptr && *output != read_price(*image, 0))
        prices.erase(Meter::output);
}

/// Replicate itself writes owner/name, without a prefix. A name that has an entry of its own stays that
/// one's.
void add_replicate_names(ModelDraft& draft, const JsonText& root) {
    constexpr std::string_view kPrefix = "replicate/";
    if (draft.key.starts_with(kPrefix)) draft.aliases.push_back(draft.key.substr(kPrefix.size()));
    for (const KnownAlias& known : kReplicateNames) {
        if (known.key == draft.key) draft.aliases.emplace_back(known.alias);
    }
    std::erase_if(draft.aliases, [&root](const std::string& alias) { return root.find(alias) != nullptr; });
}

std::optional<ModelDraft> read_model(const std::string& key, const JsonText& entry, const JsonText& root,
                                     FileWarnings& warnings) {
    ModelDraft draft;
    draft.key = key;
    draft.line = entry.line;
    if (key.empty() || key.size() > kMaxNameBytes || entry.kind != JsonText::Kind::object) {
        warnings.add(entry.line, key.substr(0, kMaxNameBytes),
                     "not an object of a model; the entry is left out");
        return std::nullopt;
    }
    const JsonText* provider = entry.find("litellm_provider");
    if (provider != nullptr && provider->kind == JsonText::Kind::string) {
        draft.provider = canonical_provider(lower(provider->text));
    }
    Rates& rates = draft.periods.emplace_back().base();
    for (const auto& [name, meter] : kPriceKeys) {
        const JsonText* value = entry.find(name);
        if (value == nullptr || value->kind == JsonText::Kind::null || rates.has(meter)) continue;
        const std::optional<Money> price = read_price(*value, 0);
        if (price) {
            rates.set(meter, *price);
        } else {
            warnings.add(value->line, key,
                         "\"" + std::string(name) + "\" is " + shown(*value) +
                             ", expected US dollars per token; the whole entry is left out");
            return std::nullopt;
        }
    }
    limit_to_base_tier(entry, draft);
    drop_misleading_prices(entry, rates);
    add_replicate_names(draft, root);
    return draft;
}

/// Entries that describe the file or LiteLLM's own routing, not a model.
bool is_no_model(const std::string& key) { return key == "sample_spec" || key == "fallback_generalizations"; }

}  // namespace

bool looks_like_litellm(const JsonText& root) {
    return std::ranges::any_of(root.members, [](const auto& member) {
        return member.value.find("litellm_provider") != nullptr ||
               member.value.find("input_cost_per_token") != nullptr;
    });
}

PriceFile read_litellm_format(const JsonText& root, FileWarnings& warnings) {
    PriceFile file;
    file.models.reserve(root.members.size());
    for (const auto& [key, entry] : root.members) {
        if (is_no_model(key)) continue;
        ++file.entries;
        if (std::optional<ModelDraft> draft = read_model(key, entry, root, warnings)) {
            file.models.push_back(std::move(*draft));
        }
    }
    return file;
}

}  // namespace respand::pricing
