// Every name under which a provider, or a client library of it, reports a count: by any of them a record says
// the same.
#include <string>
#include <vector>

#include "record/read_facts.hpp"

namespace respand {
namespace {

using test::read_members;
using test::ReadFacts;

/// A usage object, one name in it, and its other spellings.
struct Spellings {
    const char* usage;
    const char* name;
    std::vector<const char*> others;
};

ReadFacts read(const std::string& usage) { return read_members(R"("usage":{)" + usage + "}"); }

std::string with_name(std::string usage, const std::string& from, const std::string& to) {
    const std::string quoted = '"' + from + '"';
    const std::size_t at = usage.find(quoted);
    if (at == std::string::npos) throw std::logic_error(from + " is not in " + usage);
    return usage.replace(at, quoted.size(), '"' + to + '"');
}

constexpr const char* kChat =
    R"("prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":60,"audio_tokens":7},
       "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":5})";
constexpr const char* kMessages =
    R"("input_tokens":100,"output_tokens":50,"input_tokens_details":{"cached_tokens":60},"output_tokens_details":{"reasoning_tokens":20})";
constexpr const char* kBedrock =
    R"("inputTokens":100,"outputTokens":50,"cacheReadInputTokens":7,"cacheWriteInputTokens":9)";
constexpr const char* kGemini =
    R"("promptTokenCount":100,"candidatesTokenCount":50,"cachedContentTokenCount":60,"thoughtsTokenCount":20,"toolUsePromptTokenCount":9,
       "promptTokensDetails":[{"modality":"TEXT","tokenCount":70},{"modality":"AUDIO","tokenCount":30}],
       "cacheTokensDetails":[{"modality":"TEXT","tokenCount":55},{"modality":"AUDIO","tokenCount":5}],
       "candidatesTokensDetails":[{"modality":"TEXT","tokenCount":40},{"modality":"IMAGE","tokenCount":10}],
       "toolUsePromptTokensDetails":[{"modality":"TEXT","tokenCount":6},{"modality":"VIDEO","tokenCount":3}])";

TEST(UsageNames, ACountSaysTheSameByWhicheverNameItGoes) {
    const std::vector<Spellings> all = {
        {R"("prompt_tokens":100,"completion_tokens":50)", "prompt_tokens", {"promptTokens"}},
        {R"("prompt_tokens":100,"completion_tokens":50)", "completion_tokens", {"completionTokens"}},
        {kChat, "audio_tokens", {"audio"}},
        {kChat, "cached_tokens", {"cache_read"}},
        {kChat, "reasoning_tokens", {"thinking_tokens", "reasoning"}},
        {R"("prompt_tokens":100,"cached_tokens":60)",
         "cached_tokens",
         {"num_cached_tokens", "cachedInputTokens"}},
        {R"("prompt_tokens":100,"prompt_tokens_details":{"cache_write_tokens":60})",
         "cache_write_tokens",
         {"cache_creation_tokens", "cache_creation"}},
        {R"("completion_tokens":100,"reasoning_tokens":60)", "reasoning_tokens", {"reasoningTokens"}},
        {kMessages, "input_tokens_details", {"input_token_details", "prompt_tokens_details"}},
        {kMessages, "output_tokens_details", {"output_token_details", "completion_tokens_details"}},
        {kBedrock, "cacheReadInputTokens", {"cacheReadInputTokenCount"}},
        {kBedrock, "cacheWriteInputTokens", {"cacheWriteInputTokenCount"}},
        {kGemini, "promptTokenCount", {"prompt_token_count"}},
        {kGemini,
         "candidatesTokenCount",
         {"candidates_token_count", "responseTokenCount", "response_token_count"}},
        {kGemini, "cachedContentTokenCount", {"cached_content_token_count"}},
        {kGemini, "thoughtsTokenCount", {"thoughts_token_count"}},
        {kGemini, "toolUsePromptTokenCount", {"tool_use_prompt_token_count"}},
        {kGemini, "promptTokensDetails", {"prompt_tokens_details"}},
        {kGemini, "cacheTokensDetails", {"cache_tokens_details"}},
        {kGemini,
         "candidatesTokensDetails",
         {"candidates_tokens_details", "responseTokensDetails", "response_tokens_details"}},
        {kGemini, "toolUsePromptTokensDetails", {"tool_use_prompt_tokens_details"}},
        {R"("promptTokenCount":100,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":30}])",
         "tokenCount",
         {"token_count"}},
        {R"("prompt_tokens":1,"seconds":2.5)", "seconds", {"prompt_audio_seconds"}},
        {R"("prompt_tokens":1,"image_count":3)", "image_count", {"generated_images"}},
        {R"("prompt_tokens":1,"characters":300)",
         "characters",
         {"input_characters", "character_count", "processedCharactersCount"}},
        {R"("prompt_tokens":1,"service_tier":"flex")",
         "service_tier",
         {"serviceTier", "trafficType", "traffic_type"}},
    };
    for (const Spellings& spellings : all) {
        const ReadFacts expected = read(spellings.usage);
        ASSERT_EQ(expected.state, UsageState::present) << spellings.usage;
        // The name is read at all: without it the record says something else.
        const ReadFacts without = read(with_name(spellings.usage, spellings.name, "of_no_meaning"));
        EXPECT_TRUE(without.state != UsageState::present || without.usage != expected.usage ||
                    without.units != expected.units || without.tier != expected.tier)
            << spellings.name;
        for (const char* other : spellings.others) {
            const ReadFacts facts = read(with_name(spellings.usage, spellings.name, other));
            EXPECT_EQ(facts.state, UsageState::present) << other;
            EXPECT_TRUE(facts.usage == expected.usage && facts.units == expected.units &&
                        facts.tier == expected.tier)
                << other << " for " << spellings.name << " in " << spellings.usage;
        }
    }
}

TEST(UsageNames, GeminisCountsLandInTheirBuckets) {
    EXPECT_EQ(read(kGemini).usage, (TokenUsage{.input_text = 70 - 55 + 6,
                                               .cache_read = 55,
                                               .input_audio = 30 - 5,
                                               .input_video = 3,
                                               .cache_read_audio = 5,
                                               .output_text = 40,
                                               .reasoning = 20,
                                               .output_image = 10}));
}

/// What OpenAI's followers report includes what is cached and what is reasoned, whatever else they add to it.
struct Follower {
    const char* provider;
    const char* usage;
};

TEST(UsageNames, FollowersOfOpenAiIncludeCacheAndReasoning) {
    const Follower followers[] = {
        {"groq",
         R"("queue_time":0.04,"prompt_tokens":100,"prompt_time":0.01,"completion_tokens":50,"completion_time":0.2,"total_tokens":150,
                    "total_time":0.21,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":20})"},
        {"mistral", R"("prompt_tokens":100,"total_tokens":150,"completion_tokens":50,"num_cached_tokens":60,
                       "completion_tokens_details":{"reasoning_tokens":20})"},
        {"moonshot", R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"cached_tokens":60,
                        "completion_tokens_details":{"reasoning_tokens":20})"},
        {"fireworks_ai",
         R"("prompt_tokens":100,"total_tokens":150,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":60},
                            "reasoning_tokens":20)"},
        {"openrouter",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,
                          "audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20,"image_tokens":0},"is_byok":false)"},
        {"deepseek",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_cache_hit_tokens":60,
                        "prompt_cache_miss_tokens":40,"completion_tokens_details":{"reasoning_tokens":20})"},
    };
    for (const Follower& follower : followers) {
        const ReadFacts facts = read_members(R"("provider":")" + std::string(follower.provider) +
                                             R"(","usage":{)" + follower.usage + "}");
        EXPECT_EQ(facts.state, UsageState::present) << follower.provider;
        EXPECT_EQ(facts.usage,
                  (TokenUsage{.input_text = 40, .cache_read = 60, .output_text = 30, .reasoning = 20}))
            << follower.provider;
    }
}

}  // namespace
}  // namespace respand
