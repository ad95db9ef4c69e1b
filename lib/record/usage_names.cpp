#include "record/usage_names.hpp"

#include <array>

namespace respand {
namespace {

using Row = Named<UsageName>;
using enum Kind;

constexpr std::array kUsage{
    // OpenAI chat and its followers; camel case as some client libraries spell it
    Row{"prompt_tokens", {tokens, Slot::chat_input}},
    Row{"completion_tokens", {tokens, Slot::chat_output}},
    Row{"promptTokens", {tokens, Slot::chat_input}},
    Row{"completionTokens", {tokens, Slot::chat_output}},
    Row{"prompt_tokens_details", {input_details}},
    Row{"completion_tokens_details", {output_details}},
    // OpenAI responses, images, realtime (singular "token"), transcription; Anthropic
    Row{"input_tokens", {tokens, Slot::message_input}},
    Row{"output_tokens", {tokens, Slot::message_output}},
    Row{"input_tokens_details", {input_details}},
    Row{"output_tokens_details", {output_details}},
    Row{"input_token_details", {input_details}},
    Row{"output_token_details", {output_details}},
    Row{"cache_read_input_tokens", {tokens, Slot::apart_read}},
    Row{"cache_creation_input_tokens", {tokens, Slot::apart_written}},
    Row{"cache_creation", {write_split}},
    Row{"server_tool_use", {server_tools}},
    Row{"speed", {premium}},
    Row{"inference_geo", {region}},
    // Bedrock; the AI SDK, whose totals include
    Row{"inputTokens", {tokens, Slot::camel_input}},
    Row{"outputTokens", {tokens, Slot::camel_output}},
    Row{"cacheReadInputTokens", {tokens, Slot::camel_read}},
    Row{"cacheWriteInputTokens", {tokens, Slot::camel_written}},
    Row{"cacheReadInputTokenCount", {tokens, Slot::camel_read}},
    Row{"cacheWriteInputTokenCount", {tokens, Slot::camel_written}},
    Row{"cacheDetails", {lifetimes}},
    Row{"cachedInputTokens", {tokens, Slot::cached}},
    Row{"reasoningTokens", {tokens, Slot::reasoning}},
    // Gemini, as the wire and as the Python SDK spell it; "response…" is the live API
    Row{"promptTokenCount", {tokens, Slot::gemini_input}},
    Row{"prompt_token_count", {tokens, Slot::gemini_input}},
    Row{"candidatesTokenCount", {tokens, Slot::gemini_output}},
    Row{"candidates_token_count", {tokens, Slot::gemini_output}},
    Row{"responseTokenCount", {tokens, Slot::gemini_output}},
    Row{"response_token_count", {tokens, Slot::gemini_output}},
    Row{"cachedContentTokenCount", {tokens, Slot::gemini_cached}},
    Row{"cached_content_token_count", {tokens, Slot::gemini_cached}},
    Row{"thoughtsTokenCount", {tokens, Slot::thoughts}},
    Row{"thoughts_token_count", {tokens, Slot::thoughts}},
    Row{"toolUsePromptTokenCount", {tokens, Slot::tool_prompt}},
    Row{"tool_use_prompt_token_count", {tokens, Slot::tool_prompt}},
    Row{"promptTokensDetails", {media, Slot::input_audio}},
    Row{"cacheTokensDetails", {media, Slot::cached_audio}},
    Row{"cache_tokens_details", {media, Slot::cached_audio}},
    Row{"candidatesTokensDetails", {media, Slot::output_audio}},
    Row{"candidates_tokens_details", {media, Slot::output_audio}},
    Row{"responseTokensDetails", {media, Slot::output_audio}},
    Row{"response_tokens_details", {media, Slot::output_audio}},
    Row{"toolUsePromptTokensDetails", {media, Slot::tool_audio}},
    Row{"tool_use_prompt_tokens_details", {media, Slot::tool_audio}},
    Row{"trafficType", {tier}},
    Row{"traffic_type", {tier}},
    // Totals, which only tell whether xAI's reasoning is inside
    Row{"total_tokens", {tokens, Slot::total}},
    Row{"totalTokens", {tokens, Slot::total}},
    // Single providers' own
    Row{"cached_tokens", {tokens, Slot::cached}},
    Row{"num_cached_tokens", {tokens, Slot::cached}},
    Row{"prompt_cache_hit_tokens", {tokens, Slot::cache_hit}},
    Row{"prompt_cache_miss_tokens", {tokens, Slot::cache_miss}},
    Row{"reasoning_tokens", {tokens, Slot::reasoning}},
    Row{"citation_tokens", {tokens, Slot::citation}},
    Row{"num_search_queries", {whole_units, Slot::queries}},
    Row{"num_sources_used", {whole_units, Slot::sources}},
    Row{"search_context_size", {search_context}},
    Row{"service_tier", {tier}},
    Row{"serviceTier", {tier}},
    Row{"cost", {Kind::cost}},
    Row{"is_byok", {own_key}},
    // What is not tokens
    Row{"seconds", {units, Slot::audio_seconds_in}},
    Row{"prompt_audio_seconds", {units, Slot::audio_seconds_in}},
    Row{"pages_processed", {whole_units, Slot::pages}},
    Row{"image_count", {whole_units, Slot::images}},
    Row{"generated_images", {whole_units, Slot::images}},
    Row{"characters", {whole_units, Slot::characters_in}},
    Row{"input_characters", {whole_units, Slot::characters_in}},
    Row{"character_count", {whole_units, Slot::characters_in}},
    Row{"processedCharactersCount", {whole_units, Slot::characters_in}},
};

constexpr std::array kInputDetails{
    Row{"cached_tokens", {tokens, Slot::cached}},
    Row{"cache_read", {tokens, Slot::cached}},
    Row{"cache_write_tokens", {tokens, Slot::written}},
    Row{"cache_creation_tokens", {tokens, Slot::written}},
    Row{"cache_creation", {tokens, Slot::written}},
    Row{"cached_tokens_details", {cached_details}},
    Row{"cache_creation_token_details", {write_split}},
    Row{"audio_tokens", {tokens, Slot::input_audio}},
    Row{"audio", {tokens, Slot::input_audio}},
    Row{"image_tokens", {tokens, Slot::input_image}},
    Row{"video_tokens", {tokens, Slot::input_video}},
    Row{"web_search_requests", {whole_units, Slot::searches}},
    Row{"image_count", {whole_units, Slot::images_in}},
    Row{"character_count", {whole_units, Slot::characters_in}},
    Row{"video_length_seconds", {units, Slot::video_seconds_in}},
};

constexpr std::array kOutputDetails{
    Row{"reasoning_tokens", {tokens, Slot::reasoning}}, Row{"thinking_tokens", {tokens, Slot::reasoning}},
    Row{"reasoning", {tokens, Slot::reasoning}},        Row{"audio_tokens", {tokens, Slot::output_audio}},
    Row{"audio", {tokens, Slot::output_audio}},         Row{"image_tokens", {tokens, Slot::output_image}},
    Row{"video_tokens", {tokens, Slot::output_video}},  Row{"text_tokens", {tokens, Slot::output_plain}},
};

constexpr std::array kCachedDetails{
    Row{"audio_tokens", {tokens, Slot::cached_audio}},
    Row{"image_tokens", {tokens, Slot::cached_image}},
    Row{"video_tokens", {tokens, Slot::cached_video}},
};

constexpr std::array kWriteSplit{
    Row{"ephemeral_5m_input_tokens", {tokens, Slot::write_5m}},
    Row{"ephemeral_1h_input_tokens", {tokens, Slot::write_1h}},
};

constexpr std::array kServerTools{Row{"web_search_requests", {whole_units, Slot::searches}}};

constexpr UsageIndex kUsageIndex{kUsage};
constexpr UsageIndex kInputIndex{kInputDetails};
constexpr UsageIndex kOutputIndex{kOutputDetails};
constexpr UsageIndex kCachedIndex{kCachedDetails};
constexpr UsageIndex kWriteIndex{kWriteSplit};
constexpr UsageIndex kToolIndex{kServerTools};

}  // namespace

const UsageIndex& usage_names() { return kUsageIndex; }

const UsageIndex& names_inside(Kind kind) {
    switch (kind) {
        case input_details:
            return kInputIndex;
        case output_details:
            return kOutputIndex;
        case cached_details:
            return kCachedIndex;
        case write_split:
            return kWriteIndex;
        default:
            return kToolIndex;
    }
}

}  // namespace respand
