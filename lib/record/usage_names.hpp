// The names that providers use inside `usage`, and which count each of them is. Private to the record room.
#pragma once
#include <cstddef>
#include <cstdint>

#include "record/name_index.hpp"

namespace respand {

/// Every count that some shape tells apart. Those of media stand in the order audio, image, video.
enum class Slot : std::uint8_t {
    chat_input,
    chat_output,
    message_input,
    message_output,
    camel_input,
    camel_output,
    gemini_input,
    gemini_output,
    total,
    cached,     ///< read from a cache, and in the input's total
    cache_hit,  ///< DeepSeek's name for the same, with cache_miss as the rest of the input
    cache_miss,
    written,     ///< written to a cache, and in the input's total
    apart_read,  ///< read from a cache, in a shape of the totals' own choice (Anthropic, LiteLLM)
    apart_written,
    camel_read,  ///< the same, Bedrock
    camel_written,
    gemini_cached,
    write_5m,
    write_1h,
    input_audio,
    input_image,
    input_video,
    cached_audio,
    cached_image,
    cached_video,
    output_audio,
    output_image,
    output_video,
    output_plain,  ///< output that is stated to be text
    tool_audio,
    tool_image,
    tool_video,
    tool_prompt,
    reasoning,
    thoughts,
    citation,
    // Other units, in billionths.
    searches,
    queries,  ///< Perplexity's name for searches
    sources,  ///< xAI's, billed one by one
    images,
    images_in,
    characters_in,
    pages,
    audio_seconds_in,
    video_seconds_in,
    none,
};
inline constexpr std::size_t kSlots = static_cast<std::size_t>(Slot::none);

/// What stands behind a name, and how it is read.
enum class Kind : std::uint8_t {
    tokens,       ///< a count of tokens
    whole_units,  ///< a count of something else
    units,        ///< a decimal amount
    media,        ///< a list of {modality, tokenCount}; `slot` is that of audio
    lifetimes,    ///< Bedrock's list of {ttl, inputTokens}
    input_details,
    output_details,
    cached_details,
    write_split,
    server_tools,
    cost,            ///< what the provider says it cost
    own_key,         ///< true: billed by somebody else too (OpenRouter's is_byok), so `cost` is not all
    tier,            ///< the price list
    premium,         ///< Anthropic's `speed`: "fast" has prices of its own
    region,          ///< Anthropic's `inference_geo`: other than "global" has prices of its own
    search_context,  ///< low, medium, high
};

struct UsageName {
    Kind kind;
    Slot slot = Slot::none;
};
using UsageIndex = NameIndex<UsageName>;

/// Of `usage` itself.
const UsageIndex& usage_names();
/// Of the object behind a name of `usage`, or behind a name of that.
const UsageIndex& names_inside(Kind kind);

}  // namespace respand
