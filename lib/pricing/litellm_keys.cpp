#include "pricing/litellm_keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace respand::pricing {
namespace {

struct BaseKey {
    std::string_view name;
    LitellmPrice price;
    Meter meter{};
};

constexpr BaseKey of(std::string_view name, Meter meter) { return {name, LitellmPrice::meter, meter}; }

constexpr std::array kBaseKeys = {
    of("input_cost_per_token", Meter::input),
    of("output_cost_per_token", Meter::output),
    of("cache_read_input_token_cost", Meter::cache_read),
    of("cache_creation_input_token_cost", Meter::cache_write),
    of("cache_creation_input_token_cost_above_1hr", Meter::cache_write_1h),
    of("input_cost_per_audio_token", Meter::input_audio),
    of("input_cost_per_image_token", Meter::input_image),
    of("cache_read_input_audio_token_cost", Meter::cache_read_audio),
    of("output_cost_per_audio_token", Meter::output_audio),
    of("output_cost_per_image_token", Meter::output_image),
    of("output_cost_per_video_token", Meter::output_video),
    of("output_cost_per_reasoning_token", Meter::reasoning),
    of("citation_cost_per_token", Meter::citation),
    of("ocr_cost_per_page", Meter::page),
    of("output_cost_per_video_per_second", Meter::video_second_out),
    of("input_cost_per_query", Meter::search),
    of("input_cost_per_request", Meter::request),
    BaseKey{"input_cost_per_token_cache_hit", LitellmPrice::cache_hit},
    BaseKey{"input_cost_per_image", LitellmPrice::image_in},
    BaseKey{"output_cost_per_image", LitellmPrice::image_out},
    BaseKey{"input_cost_per_character", LitellmPrice::character_in},
    BaseKey{"output_cost_per_character", LitellmPrice::character_out},
    BaseKey{"input_cost_per_audio_per_second", LitellmPrice::audio_second_in},
    BaseKey{"input_cost_per_video_per_second", LitellmPrice::video_second_in},
    BaseKey{"input_cost_per_second", LitellmPrice::second_in},
    BaseKey{"output_cost_per_second", LitellmPrice::second_out},
    BaseKey{"search_context_cost_per_query", LitellmPrice::search_by_context},
    BaseKey{"tiered_pricing", LitellmPrice::ranges},
};

constexpr std::string_view kPixels = "no record states the pixels of an image";
constexpr std::string_view kDbu = "in Databricks' own units; the same price in dollars stands beside it";
constexpr std::string_view kByLength = "by the length of a video, which no record states";
constexpr std::string_view kOtherService = "of a service beside the model, which no record states";

constexpr std::string_view kRegional =
    "no record states the regional endpoint that was called; such a call costs more than is computed";

constexpr std::array<UnusedKey, 20> kUnused = {{
    {"annotation_cost_per_page", "no record tells annotated pages from others"},
    {"cache_creation_input_audio_token_cost", "no provider reports audio among what it wrote to a cache"},
    {"code_interpreter_cost_per_session", kOtherService},
    {"computer_use_input_cost_per_1k_tokens", kOtherService},
    {"computer_use_output_cost_per_1k_tokens", kOtherService},
    {"file_search_cost_per_1k_calls", kOtherService},
    {"file_search_cost_per_gb_per_day", kOtherService},
    {"input_cost_per_pixel", kPixels},
    {"input_cost_per_video_per_second_above_15s_interval", kByLength},
    {"input_cost_per_video_per_second_above_8s_interval", kByLength},
    {"input_dbu_cost_per_token", kDbu},
    {"ocr_cost_per_credit", "no record states a vendor's credits"},
    {"output_cost_per_pixel", kPixels},
    {"output_cost_per_second_1080p", "no record states the resolution of a video"},
    {"output_dbu_cost_per_token", kDbu},
    {"provider_specific_entry", "factors of a region or speed; a record that states one goes without cost"},
    {"regional_processing_uplift_multiplier_eu", kRegional},
    {"regional_processing_uplift_multiplier_us", kRegional},
    {"vector_store_cost_per_gb_per_day", kOtherService},
    {"web_search_billing_unit", "searches are counted and billed one by one, which is all that it ever says"},
}};
static_assert(std::ranges::is_sorted(kUnused, {}, &UnusedKey::key));

bool remove_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

ServiceTier remove_service(std::string_view& key) {
    if (remove_suffix(key, "_priority")) return ServiceTier::priority;
    if (remove_suffix(key, "_flex")) return ServiceTier::flex;
    if (remove_suffix(key, "_batches")) return ServiceTier::batch;
    return ServiceTier::standard;
}

/// Takes "_above_200k_tokens" away and gives 200'000; 0 when nothing of the kind stands at the end.
std::uint64_t remove_threshold(std::string_view& key) {
    constexpr std::string_view kAbove = "_above_";
    std::string_view rest = key;
    if (!remove_suffix(rest, "k_tokens")) return 0;
    const std::size_t at = rest.rfind(kAbove);
    if (at == std::string_view::npos) return 0;
    const std::string_view digits = rest.substr(at + kAbove.size());
    std::uint64_t thousands = 0;
    const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), thousands);
    const bool number = fault == std::errc{} && stop == digits.data() + digits.size();
    if (!number || thousands == 0 || thousands > 1'000'000) return 0;
    key = key.substr(0, at);
    return thousands * 1'000;
}

}  // namespace

std::optional<LitellmKey> litellm_key(std::string_view key) {
    if (std::ranges::binary_search(kUnused, key, {}, &UnusedKey::key))
        return LitellmKey{LitellmPrice::unused};
    LitellmKey found;
    found.service = remove_service(key);
    found.above_input_tokens = remove_threshold(key);
    const auto* base = std::ranges::find(kBaseKeys, key, &BaseKey::name);
    if (base == kBaseKeys.end()) return std::nullopt;
    found.price = base->price;
    found.meter = base->meter;
    return found;
}

std::span<const UnusedKey> litellm_unused_keys() { return kUnused; }

bool is_litellm_price_key(std::string_view key) {
    return key.find("_cost") != std::string_view::npos || key.find("cost_per_") != std::string_view::npos ||
           key.find("pricing") != std::string_view::npos ||
           key.find("multiplier") != std::string_view::npos ||
           key.find("billing") != std::string_view::npos || key == "provider_specific_entry";
}

}  // namespace respand::pricing
