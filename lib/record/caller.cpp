#include "record/caller.hpp"

#include <algorithm>
#include <array>

namespace respand {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// `expected` is lower case.
bool equal(std::string_view text, std::string_view expected) {
    return std::ranges::equal(text, expected, {}, lower);
}

bool starts_with(std::string_view text, std::string_view expected) {
    return equal(text.substr(0, expected.size()), expected);
}

/// The model's own name, without what routes to it: "openai/gpt-image-1" → "gpt-image-1".
std::string_view last_segment(std::string_view model) { return model.substr(model.rfind('/') + 1); }

}  // namespace

bool Caller::is_xai() const {
    if (!provider.empty())
        return equal(provider, "xai") || equal(provider, "x-ai") || equal(provider, "x.ai");
    return starts_with(model, "xai/") || starts_with(model, "x-ai/") || starts_with(model, "grok-");
}

bool Caller::is_perplexity() const {
    return provider.empty() ? starts_with(model, "perplexity/") : equal(provider, "perplexity");
}

bool Caller::is_replicate() const {
    return provider.empty() ? starts_with(model, "replicate/") : equal(provider, "replicate");
}

bool Caller::makes_images() const {
    const std::string_view name = last_segment(model);
    return starts_with(name, "gpt-image-") || starts_with(name, "chatgpt-image-");
}

bool Caller::makes_speech() const {
    const std::string_view name = last_segment(model);
    constexpr std::string_view kMark = "-tts";
    return starts_with(name, "gpt-") && !std::ranges::search(name, kMark, {}, lower).empty();
}

ServiceTier service_tier_named(std::string_view name) {
    struct Known {
        std::string_view name;
        ServiceTier tier;
    };
    using enum ServiceTier;
    constexpr std::array kKnown{
        Known{"", standard},
        Known{"default", standard},
        Known{"standard", standard},
        Known{"auto", standard},
        Known{"standard_only", standard},
        Known{"on_demand", standard},
        Known{"traffic_type_unspecified", standard},
        Known{"flex", flex},
        Known{"on_demand_flex", flex},
        Known{"priority", priority},
        Known{"on_demand_priority", priority},
        Known{"batch", batch},
    };
    for (const Known& known : kKnown)
        if (equal(name, known.name)) return known.tier;
    return other;
}

}  // namespace respand
