// Whose call a record is of, as far as that decides how its counts are read. Private to the record room.
#pragma once
#include <string_view>

#include "record/usage.hpp"

namespace respand {

/// The names by which a call is known, as sent. Case does not matter in what is asked of them.
struct Caller {
    std::string_view model, provider;

    /// By the stated provider, else by the model's name: xAI's own API says just "grok-…".
    bool is_xai() const;
    bool is_perplexity() const;
    bool is_replicate() const;
    /// Models whose output is images alone (OpenAI's "gpt-image-…", "chatgpt-image-…").
    bool makes_images() const;
    /// Models whose output is speech alone (OpenAI's "gpt-…-tts").
    bool makes_speech() const;
};

/// A price list by the names that providers give it: OpenAI, Anthropic, Groq and Bedrock ("flex", "default"),
/// and Gemini's traffic types ("ON_DEMAND_FLEX"). Empty is standard.
ServiceTier service_tier_named(std::string_view name);

}  // namespace respand
