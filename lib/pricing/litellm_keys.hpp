// The names of prices in LiteLLM's file: what each one is the price of, or why it is not read.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "pricing/meter.hpp"

namespace respand::pricing {

/// What a price in LiteLLM's file is the price of. Of the unit prices it depends on the kind of model
/// (`mode`): see litellm_format.cpp.
enum class LitellmPrice : std::uint8_t {
    meter,              ///< a token bucket, or something with one meaning only
    cache_hit,          ///< an older spelling of cache_read_input_token_cost
    image_in,           ///< of an image that was sent, or of one that was made
    image_out,          ///< of an image that was made
    character_in,       ///< of input text that tokens count too, where they have a price
    character_out,      ///< likewise
    audio_second_in,    ///< likewise
    video_second_in,    ///< likewise
    second_in,          ///< of audio that was transcribed
    second_out,         ///< of video that was made, or of audio that was spoken
    search_by_context,  ///< an object of three prices
    ranges,             ///< a list of price lists by the size of the input
    unused,             ///< see litellm_unused_keys()
};

/// A key of an entry taken apart: "input_cost_per_token_above_272k_tokens_priority".
struct LitellmKey {
    LitellmPrice price{};
    Meter meter{};                         ///< valid when price is `meter`
    std::uint64_t above_input_tokens = 0;  ///< 0: not of a context tier
    ServiceTier service = ServiceTier::standard;
};

/// Empty: the key says nothing of a price. Never looks at the value.
std::optional<LitellmKey> litellm_key(std::string_view key);

/// A price that is deliberately not read.
struct UnusedKey {
    std::string_view key;
    std::string_view reason;
};
/// All of them; README.md lists the same.
std::span<const UnusedKey> litellm_unused_keys();

/// The key speaks of money. Wider than litellm_key: what a later version of the file adds is found by this.
bool is_litellm_price_key(std::string_view key);

}  // namespace respand::pricing
