// LiteLLM's model_prices_and_context_window.json, taken as it is: an object of model → facts, prices among
// some eighty keys. What is no price is skipped without a word; it is not our file.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "pricing/litellm_keys.hpp"
#include "pricing/price_file.hpp"
#include "pricing/provider.hpp"

namespace respand::pricing {
namespace {

struct KnownAlias {
    std::string_view key, alias;
};

/// A slash is missing there.
constexpr KnownAlias kMisspelt{"replicateopenai/gpt-oss-20b", "replicate/openai/gpt-oss-20b"};

bool is_positive_price(const JsonText& value) {
    const std::optional<Money> price = read_price(value, 0);
    return price && *price > Money{};
}

/// One entry of the file → a draft. The prices are read first; then the kind of model and what else has a
/// price decide which of them count.
class EntryReader {
  public:
    EntryReader(const JsonText& entry, ModelDraft& draft) : entry_(entry), draft_(draft) {
        const JsonText* mode = entry.find("mode");
        if (mode != nullptr && mode->kind == JsonText::Kind::string) mode_ = mode->text;
    }

    /// False: the entry can't be used, `fault` says why.
    bool read() {
        draft_.periods.emplace_back();
        for (const auto& [name, value] : entry_.members) {
            if (value.kind == JsonText::Kind::null) continue;
            const std::optional<LitellmKey> key = litellm_key(name);
            if (key && !read_price_of(name, *key, value)) return false;
            if (!key && is_litellm_price_key(name)) unknown.push_back(name);
        }
        for (const auto& [key, price] : alternatives_) place(key, price);
        drop_free_tokens();
        price_output_of_images();
        return has_room_for_tiers();
    }

    std::string fault;
    std::vector<std::string> unknown;  ///< keys that speak of money and are not known

  private:
    PricePeriod& period() { return draft_.periods.front(); }
    bool made_by_image_model() const { return mode_ == "image_generation" || mode_ == "image_edit"; }
    bool states(std::string_view key) const {
        const JsonText* value = entry_.find(key);
        return value != nullptr && value->kind != JsonText::Kind::null;
    }
    /// Tokens of this kind cost something, so that other counts of the same would bill it twice.
    bool costs(Meter meter) {
        const Money* price = period().base().find(meter);
        return price != nullptr && *price > Money{};
    }

    bool bad(const std::string& name, const JsonText& value, std::string_view expected) {
        fault = "\"" + name + "\" is " + shown(value) + ", expected " + std::string(expected) +
                "; the whole entry is left out";
        return false;
    }

    bool has_room_for_tiers() {
        const bool room = std::ranges::all_of(
            period().sheets, [](const RateSheet& sheet) { return sheet.context.size() <= kMaxContextTiers; });
        if (!room) {
            fault = "more than " + std::to_string(kMaxContextTiers) +
                    " context tiers; the whole entry is left out";
        }
        return room;
    }

    bool read_price_of(const std::string& name, const LitellmKey& key, const JsonText& value) {
        if (key.price == LitellmPrice::unused) return true;
        if (key.price == LitellmPrice::search_by_context) return read_searches(name, value);
        if (key.price == LitellmPrice::ranges) return read_ranges(name, value);
        const std::optional<Money> price = read_price(value, 0);
        if (!price) return bad(name, value, "US dollars for one");
        if (key.price == LitellmPrice::meter)
            set(key, key.meter, *price);
        else
            alternatives_.emplace_back(key, *price);
        return true;
    }

    /// xAI's tiers begin at their threshold, the others' above it.
    void set(const LitellmKey& key, Meter meter, Money price) {
        if (key.above_input_tokens == 0) {
            period().sheet(key.service).base.set(meter, price);
            return;
        }
        const std::uint64_t first = key.above_input_tokens + (draft_.provider == "xai" ? 0 : 1);
        tier(key.service, first).set(meter, price);
    }

    /// The prices from this size of input on.
    Rates& tier(ServiceTier service, std::uint64_t first) {
        std::vector<ContextTier>& tiers = period().sheet(service).context;
        const auto at = std::ranges::lower_bound(tiers, first, {}, &ContextTier::first_input_tokens);
        if (at != tiers.end() && at->first_input_tokens == first) return at->rates;
        return tiers.insert(at, {first, {}})->rates;
    }

    bool read_searches(const std::string& name, const JsonText& value) {
        if (value.kind != JsonText::Kind::object) return bad(name, value, "prices by size of context");
        constexpr std::array<std::pair<std::string_view, Meter>, 3> kSizes = {
            {{"search_context_size_low", Meter::search_low},
             {"search_context_size_medium", Meter::search_medium},
             {"search_context_size_high", Meter::search_high}}};
        for (const auto& [size, meter] : kSizes) {
            const JsonText* stated = value.find(size);
            if (stated == nullptr || stated->kind == JsonText::Kind::null) continue;
            const std::optional<Money> price = read_price(*stated, 0);
            if (!price) return bad(std::string(size), *stated, "US dollars for one");
            period().base().set(meter, *price);
        }
        return true;
    }

    /// [{"range": [0, 256000], "input_cost_per_token": …}, …]: whole price lists, each for inputs above the
    /// first number up to the second. Lists by anything else (the number of results of a search) are no
    /// prices that a record could be held against.
    bool read_ranges(const std::string& name, const JsonText& value) {
        if (value.kind != JsonText::Kind::array) return bad(name, value, "a list of price lists");
        for (const auto& [unused, list] : value.members) {
            const JsonText* range = list.find("range");
            if (range == nullptr) continue;
            const std::optional<std::uint64_t> above = lower_end(*range);
            if (!above) return bad("range", *range, "two numbers of tokens");
            for (const auto& [price_name, price_text] : list.members) {
                const std::optional<LitellmKey> key = litellm_key(price_name);
                if (!key || price_text.kind == JsonText::Kind::null || key->price != LitellmPrice::meter)
                    continue;
                const std::optional<Money> price = read_price(price_text, 0);
                if (!price) return bad(price_name, price_text, "US dollars for one");
                LitellmKey placed = *key;
                placed.above_input_tokens = *above;
                set(placed, key->meter, *price);
            }
        }
        return true;
    }

    /// The number that a range begins above; whole, also when it is spelled 256000.0.
    static std::optional<std::uint64_t> lower_end(const JsonText& range) {
        if (range.kind != JsonText::Kind::array || range.members.size() != 2) return {};
        const JsonText& low = range.members.front().value;
        double tokens = -1;
        const char* end = low.text.data() + low.text.size();
        const auto [stop, wrong] = std::from_chars(low.text.data(), end, tokens);
        if (low.kind != JsonText::Kind::number || wrong != std::errc{} || stop != end) return {};
        if (tokens < 0 || tokens > static_cast<double>(kMaxCount)) return {};
        return static_cast<std::uint64_t>(tokens);
    }

    /// Prices whose meaning depends on the rest of the entry.
    void place(const LitellmKey& key, Money price) {
        const std::optional<Meter> meter = meter_of_alternative(key.price);
        if (meter && (key.above_input_tokens != 0 || !period().sheet(key.service).base.has(*meter)))
            set(key, *meter, price);
    }

    std::optional<Meter> meter_of_alternative(LitellmPrice price) {
        const bool input_by_token = mode_ != "embedding" && costs(Meter::input);
        const auto unless = [](bool counted_otherwise, Meter meter) {
            return counted_otherwise ? std::nullopt : std::optional(meter);
        };
        switch (price) {
            case LitellmPrice::cache_hit:
                return Meter::cache_read;
            case LitellmPrice::image_in:
                if (made_by_image_model() && !states("output_cost_per_image")) return Meter::image;
                return unless(input_by_token, Meter::image_in);
            case LitellmPrice::image_out:
                return unless(states("output_cost_per_image_token"), Meter::image);
            case LitellmPrice::character_in:
                return unless(costs(Meter::input), Meter::character_in);
            case LitellmPrice::character_out:
                return unless(costs(Meter::output), Meter::character_out);
            case LitellmPrice::audio_second_in:
                return unless(input_by_token, Meter::audio_second_in);
            case LitellmPrice::video_second_in:
                return unless(input_by_token || states("input_cost_per_video_per_second_above_8s_interval"),
                              Meter::video_second_in);
            case LitellmPrice::second_in:
                // Elsewhere it is the rent of reserved capacity.
                return unless(mode_ != "audio_transcription" || costs(Meter::input), Meter::audio_second_in);
            case LitellmPrice::second_out:
                if (mode_ == "video_generation")
                    return unless(states("output_cost_per_second_1080p"), Meter::video_second_out);
                return unless(mode_ != "audio_speech" || costs(Meter::output) || costs(Meter::output_audio),
                              Meter::audio_second_out);
            default:
                return {};
        }
    }

    /// Every token price is 0, but something else has a price: tokens are no measure of what such a model
    /// costs.
    void drop_free_tokens() {
        const bool other_price = std::ranges::any_of(entry_.members, [](const auto& member) {
            return is_litellm_price_key(member.name) && is_positive_price(member.value);
        });
        if (!other_price) return;
        for (const MeterInfo& meter : all_meters()) {
            if (is_token(meter.meter) && costs(meter.meter)) return;
        }
        for (const MeterInfo& meter : all_meters()) {
            if (is_token(meter.meter)) period().base().erase(meter.meter);
        }
    }

    /// Where all output has the price of images, it is images. Where text costs something else, a record
    /// must tell the two apart.
    void price_output_of_images() {
        const Money* image = period().base().find(Meter::output_image);
        if (image == nullptr) return;
        const Money* output = period().base().find(Meter::output);
        draft_.mixed_output = output != nullptr && *output != *image;
        if (output == nullptr) period().base().set(Meter::output, Money(*image));
    }

    const JsonText& entry_;
    ModelDraft& draft_;
    std::string_view mode_;
    std::vector<std::pair<LitellmKey, Money>> alternatives_;
};

/// Replicate itself writes owner/name, without a prefix. A name that has an entry of its own stays that
/// one's.
void add_replicate_names(ModelDraft& draft, const JsonText& root) {
    constexpr std::string_view kPrefix = "replicate/";
    if (draft.key.starts_with(kPrefix)) draft.aliases.push_back(draft.key.substr(kPrefix.size()));
    if (draft.key == kMisspelt.key) draft.aliases.emplace_back(kMisspelt.alias);
    std::erase_if(draft.aliases, [&root](const std::string& alias) { return root.find(alias) != nullptr; });
}

std::optional<ModelDraft> read_model(const std::string& key, const JsonText& entry, const JsonText& root,
                                     FileWarnings& warnings, std::set<std::string>& unknown) {
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
    EntryReader reader(entry, draft);
    if (!reader.read()) {
        warnings.add(entry.line, key, reader.fault);
        return std::nullopt;
    }
    for (const std::string& name : reader.unknown) {
        if (unknown.insert(name).second) {
            warnings.add(entry.line, key,
                         "\"" + name +
                             "\" is a price that this respand does not know; it is not read, here and "
                             "in other entries");
        }
    }
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
    std::set<std::string> unknown;
    file.models.reserve(root.members.size());
    for (const auto& [key, entry] : root.members) {
        if (is_no_model(key)) continue;
        ++file.entries;
        if (std::optional<ModelDraft> draft = read_model(key, entry, root, warnings, unknown)) {
            file.models.push_back(std::move(*draft));
        }
    }
    return file;
}

}  // namespace respand::pricing
