#include "cost_cases.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "decimal.hpp"
#include "pricing/money.hpp"

namespace respand::pricing::test {
namespace {

/// What the collection calls a price, and what our own format calls it. `exponent`: 10^that times its price
/// is ours.
struct PriceName {
    std::string_view theirs, ours;
    int exponent = 0;
};
constexpr std::array kPriceNames = {
    PriceName{"input_mtok", "input_per_million"},
    PriceName{"output_mtok", "output_per_million"},
    PriceName{"cache_read_mtok", "cache_read_per_million"},
    PriceName{"cache_write_mtok", "cache_write_per_million"},
    PriceName{"cache_write_1h_mtok", "cache_write_1h_per_million"},
    PriceName{"input_audio_mtok", "input_audio_per_million"},
    PriceName{"input_image_mtok", "input_image_per_million"},
    PriceName{"cache_audio_read_mtok", "cache_read_audio_per_million"},
    PriceName{"cache_image_read_mtok", "cache_read_image_per_million"},
    PriceName{"output_audio_mtok", "output_audio_per_million"},
    PriceName{"output_image_mtok", "output_image_per_million"},
    PriceName{"output_reasoning_mtok", "reasoning_per_million"},
    PriceName{"output_citation_mtok", "citation_per_million"},
    PriceName{"web_searches_kcount", "per_search", -3},
    PriceName{"requests_kcount", "per_request", -3},
    // The third group states them for one token.
    PriceName{"input", "input_per_million", 6},
    PriceName{"input_per_token", "input_per_million", 6},
    PriceName{"output", "output_per_million", 6},
    PriceName{"output_per_token", "output_per_million", 6},
    PriceName{"cache_read", "cache_read_per_million", 6},
    PriceName{"cache_write", "cache_write_per_million", 6},
    PriceName{"output_image_token", "output_image_per_million", 6},
    PriceName{"per_second", "run_per_second"},
};

const PriceName& named(const std::string& theirs) {
    const auto* found = std::ranges::find(kPriceNames, theirs, &PriceName::theirs);
    if (found == kPriceNames.end()) throw std::runtime_error("a price of no known name: " + theirs);
    return *found;
}

std::string scaled(const std::string& price, int exponent) {
    const auto money = Money::parse(price, exponent);
    if (!money) throw std::runtime_error("no price: " + price);
    return money->exact_text();
}

/// A number of the file as it stands there: a double's shortest text is that of the number it was read from.
std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// Prices per million, with tiers: {"base": "1", "tiers": [{"start": 200000, "price": "2"}]}.
Json own_model(const Json& prices) {
    Json model = Json::object();
    std::map<std::uint64_t, Json> tiers;
    for (const auto& [theirs, price] : prices.items()) {
        if (theirs == "hardware") continue;
        const PriceName& price_name = named(theirs);
        const std::string ours(price_name.ours);
        if (!price.is_object()) {
            model[ours] = scaled(text_of(price), price_name.exponent);
            continue;
        }
        if (!price["base"].is_null()) model[ours] = scaled(text_of(price["base"]), price_name.exponent);
        for (const Json& tier : price["tiers"])
            tiers[tier["start"].get<std::uint64_t>()][ours] =
                scaled(text_of(tier["price"]), price_name.exponent);
    }
    // Where theirs has no price for a total, its tokens are free; ours are free only where the table says 0.
    for (const char* total : {"input_per_million", "output_per_million"})
        if (!model.contains(total) && !model.contains("run_per_second")) model[total] = "0";
    for (auto& [start, tier] : tiers) {
        tier["above_input_tokens"] = start;
        model["context_tiers"].push_back(tier);
    }
    return model;
}

/// The collection's rules for Azure read nothing of some counts that its rules for the models' makers read
/// from the same object.
bool is_overlooked_for_azure(const Json& one, const std::string& raw_name, const char* normalised_name) {
    if (one["provider"] != "azure" || one["usage"].contains(normalised_name)) return false;
    for (const char* details : {"prompt_tokens_details", "input_tokens_details", "server_tool_use"})
        if (one["raw_usage"].contains(details) && one["raw_usage"][details].is_object() &&
            one["raw_usage"][details].value(raw_name, 0) > 0)
            return true;
    return false;
}

}  // namespace

std::vector<std::string> data_directories() {
    const char* directory = std::getenv("RESPAND_PRICE_DATA");
    return directory == nullptr || *directory == '\0' ? std::vector<std::string>{}
                                                      : std::vector<std::string>{directory};
}

Json read_json(const std::string& path) { return Json::parse(std::ifstream(path)); }

CaseGroup group_of(const Json& one) {
    if (one.contains("prices_per_unit")) return CaseGroup::per_million;
    return one.contains("expected_cost_float") ? CaseGroup::litellm : CaseGroup::other;
}

std::string left_out(const Json& one) {
    // Bills a write for an hour, which has no price of its own, at zero; its notes forget to say so.
    constexpr int kUnnoted = 1425;
    if (one["id"] == kUnnoted) return "bills a bucket without a price at 0";
    if (one.contains("notes"))
        for (const Json& note : one["notes"])
            if (note.get<std::string>().ends_with("at 0")) return "bills a bucket without a price at 0";
    return {};
}

std::string price_file_of(const Json& one) {
    if (group_of(one) == CaseGroup::litellm) {
        Json model = one["prices"];
        model["litellm_provider"] = one["provider"];
        return Json{{"m", model}}.dump();
    }
    const char* prices = group_of(one) == CaseGroup::per_million ? "prices_per_unit" : "prices";
    return Json{{"format", "respand-pricing-1"}, {"models", {{"m", own_model(one[prices])}}}}.dump();
}

std::optional<TokenUsage> buckets_of(const Json& usage) {
    const auto count = [&usage](const char* key) { return usage.value(key, std::int64_t{0}); };
    const std::int64_t written_1h = count("cache_write_1h_tokens");
    const std::int64_t written =
        std::max(count("cache_write_tokens"), count("cache_write_5m_tokens") + written_1h);
    const std::int64_t read_audio = count("cache_audio_read_tokens"),
                       read_image = count("cache_image_read_tokens"),
                       read_video = count("cache_video_read_tokens");
    const std::int64_t audio = count("input_audio_tokens") - read_audio,
                       image = count("input_image_tokens") - read_image,
                       video = count("input_video_tokens") - read_video;
    const std::int64_t read = count("cache_read_tokens") - read_audio - read_image - read_video;
    const std::int64_t text =
        count("input_tokens") - count("cache_read_tokens") - written - audio - image - video;
    const std::int64_t output = count("output_tokens") - count("output_reasoning_tokens") -
                                count("output_audio_tokens") - count("output_image_tokens");
    for (const std::int64_t bucket : {written - written_1h, read, audio, image, video, text, output})
        if (bucket < 0) return std::nullopt;
    const auto whole = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    TokenUsage buckets;
    buckets.input_text = whole(text);
    buckets.cache_read = whole(read);
    buckets.cache_write_5m = whole(written - written_1h);
    buckets.cache_write_1h = whole(written_1h);
    buckets.input_audio = whole(audio);
    buckets.input_image = whole(image);
    buckets.input_video = whole(video);
    buckets.cache_read_audio = whole(read_audio);
    buckets.cache_read_image = whole(read_image);
    buckets.cache_read_video = whole(read_video);
    buckets.output_text = whole(output);
    buckets.reasoning = whole(count("output_reasoning_tokens"));
    buckets.output_audio = whole(count("output_audio_tokens"));
    buckets.output_image = whole(count("output_image_tokens"));
    return buckets;
}

std::string record_of(const Json& one, const char* usage) {
    Json record{{"model", "m"}};
    Json reported = one[usage];
    if (one.value("usage_format", "") == "replicate metrics") {
        record["provider"] = "replicate";
        record["status"] = "succeeded";
        // Written as text in the file, to keep its decimals; a number in a prediction.
        if (reported.contains("predict_time"))
            reported["predict_time"] = std::stod(reported["predict_time"].get<std::string>());
        record["metrics"] = reported;
        return record.dump();
    }
    // What the provider says it cost would come before any table.
    for (const char* cost : {"cost", "cost_details"}) reported.erase(cost);
    if (one["provider"] == "xai") record["provider"] = "xai";
    if (one.contains("service_tier") && one["service_tier"].is_string())
        record["service_tier"] = one["service_tier"];
    record["usage"] = reported;
    return record.dump();
}

bool is_read_as_what_it_is(const Json& one) {
    const Json& raw = one["raw_usage"];
    const std::string flavor = one["api_flavor"];
    if (is_overlooked_for_azure(one, "cache_write_tokens", "cache_write_tokens") ||
        is_overlooked_for_azure(one, "web_search_requests", "web_searches"))
        return false;
    const bool by_default = flavor == "default";
    if (raw.contains("promptTokenCount")) return by_default && one["provider"] == "google";
    if (raw.contains("cache_read_input_tokens"))
        return flavor == "anthropic" || (by_default && one["provider"] == "anthropic");
    if (raw.contains("input_tokens")) return flavor == "responses";
    return flavor == "chat" || by_default || !raw.contains("completion_tokens");
}

}  // namespace respand::pricing::test
