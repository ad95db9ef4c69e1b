// Random buckets, written down as each provider would, come back unchanged.
#include <functional>
#include <ostream>
#include <random>

#include "record/read_facts.hpp"

namespace respand {
namespace {

using test::read_record;

/// Counts of every size, often 0.
class Random {
  public:
    std::uint64_t count() {
        if (engine_() % 3 == 0) return 0;
        return engine_() % (1ULL << (1 + engine_() % 40));
    }

  private:
    std::mt19937_64 engine_{20261122};
};

std::string n(std::uint64_t value) { return std::to_string(value); }

/// One shape: which buckets it can tell, and how it writes them.
struct Shape {
    const char* name;
    std::function<TokenUsage(Random&)> buckets;
    std::function<std::string(const TokenUsage&)> encode;  ///< members of the record
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

std::uint64_t cache_of(const TokenUsage& u) {
    return u.cache_read + u.cache_write_5m + u.cache_write_1h + u.cache_read_audio + u.cache_read_image +
           u.cache_read_video;
}

std::uint64_t output_of(const TokenUsage& u) {
    return u.output_text + u.reasoning + u.output_audio + u.output_image + u.output_video;
}

TokenUsage text_with_cache(Random& r) {
    return {.input_text = r.count(),
            .cache_read = r.count(),
            .cache_write_5m = r.count(),
            .cache_write_1h = r.count(),
            .output_text = r.count()};
}

TokenUsage text_with_reasoning(Random& r) {
    return {
        .input_text = r.count(), .cache_read = r.count(), .output_text = r.count(), .reasoning = r.count()};
}

TokenUsage every_medium(Random& r) {
    return {.input_text = r.count(),
            .cache_read = r.count(),
            .input_audio = r.count(),
            .input_image = r.count(),
            .input_video = r.count(),
            .cache_read_audio = r.count(),
            .cache_read_image = r.count(),
            .cache_read_video = r.count(),
            .output_text = r.count(),
            .reasoning = r.count(),
            .output_audio = r.count(),
            .output_image = r.count(),
            .output_video = r.count()};
}

/// OpenAI's details, under the two names of its two interfaces.
std::string openai(const TokenUsage& u, const std::string& input, const std::string& output) {
    return R"("usage":{")" + input + R"(":)" + n(u.input_total()) + ",\"" + output + R"(":)" +
           n(output_of(u)) + ",\"" + input + R"(_details":{"cached_tokens":)" +
           n(u.cache_read + u.cache_read_audio + u.cache_read_image + u.cache_read_video) +
           R"(,"cache_write_tokens":)" + n(u.cache_write_5m) + R"(,"audio_tokens":)" +
           n(u.input_audio + u.cache_read_audio) + R"(,"image_tokens":)" +
           n(u.input_image + u.cache_read_image) + R"(,"video_tokens":)" +
           n(u.input_video + u.cache_read_video) + R"(,"cached_tokens_details":{"audio_tokens":)" +
           n(u.cache_read_audio) + R"(,"image_tokens":)" + n(u.cache_read_image) + R"(,"video_tokens":)" +
           n(u.cache_read_video) + R"(}},")" + output + R"(_details":{"reasoning_tokens":)" + n(u.reasoning) +
           R"(,"audio_tokens":)" + n(u.output_audio) + R"(,"image_tokens":)" + n(u.output_image) +
           R"(,"video_tokens":)" + n(u.output_video) + "}}";
}

std::string modalities(const std::string& name, std::uint64_t audio, std::uint64_t image,
                       std::uint64_t video) {
    return ",\"" + name + R"(":[{"modality":"AUDIO","tokenCount":)" + n(audio) +
           R"(},{"modality":"IMAGE","tokenCount":)" + n(image) + R"(},{"modality":"VIDEO","tokenCount":)" +
           n(video) + "}]";
}

std::string gemini(const TokenUsage& u) {
    const std::uint64_t cached = cache_of(u);
    return R"("usage":{"promptTokenCount":)" + n(u.input_total()) + R"(,"cachedContentTokenCount":)" +
           n(cached) + R"(,"candidatesTokenCount":)" + n(output_of(u) - u.reasoning) +
           R"(,"thoughtsTokenCount":)" + n(u.reasoning) +
           modalities("promptTokensDetails", u.input_audio + u.cache_read_audio,
                      u.input_image + u.cache_read_image, u.input_video + u.cache_read_video) +
           modalities("cacheTokensDetails", u.cache_read_audio, u.cache_read_image, u.cache_read_video) +
           modalities("candidatesTokensDetails", u.output_audio, u.output_image, u.output_video) + "}";
}

std::string anthropic(const TokenUsage& u) {
    return R"("usage":{"input_tokens":)" + n(u.input_text) + R"(,"output_tokens":)" + n(output_of(u)) +
           R"(,"cache_read_input_tokens":)" + n(u.cache_read) + R"(,"cache_creation_input_tokens":)" +
           n(u.cache_write_5m + u.cache_write_1h) + R"(,"cache_creation":{"ephemeral_5m_input_tokens":)" +
           n(u.cache_write_5m) + R"(,"ephemeral_1h_input_tokens":)" + n(u.cache_write_1h) + "}}";
}

std::string bedrock(const TokenUsage& u) {
    return R"("usage":{"inputTokens":)" + n(u.input_text) + R"(,"outputTokens":)" + n(output_of(u)) +
           R"(,"cacheReadInputTokens":)" + n(u.cache_read) + R"(,"cacheWriteInputTokens":)" +
           n(u.cache_write_5m + u.cache_write_1h) + R"(,"cacheDetails":[{"ttl":"1h","inputTokens":)" +
           n(u.cache_write_1h) + "}]}";
}

std::string litellm(const TokenUsage& u) {
    return R"("usage":{"prompt_tokens":)" + n(u.input_total()) + R"(,"completion_tokens":)" +
           n(output_of(u)) + R"(,"cache_read_input_tokens":)" + n(u.cache_read) +
           R"(,"prompt_tokens_details":{"cache_creation_tokens":)" + n(u.cache_write_5m + u.cache_write_1h) +
           R"(,"cache_creation_token_details":{"ephemeral_5m_input_tokens":)" + n(u.cache_write_5m) +
           R"(,"ephemeral_1h_input_tokens":)" + n(u.cache_write_1h) + "}}}";
}

std::string flat(const TokenUsage& u) {
    return R"("prompt_tokens":)" + n(u.input_total()) + R"(,"completion_tokens":)" + n(output_of(u)) +
           R"(,"prompt_cache_hit_tokens":)" + n(u.cache_read) + R"(,"reasoning_tokens":)" + n(u.reasoning);
}

std::string xai(const TokenUsage& u) {
    return R"("provider":"xai","usage":{"prompt_tokens":)" + n(u.input_total()) + R"(,"completion_tokens":)" +
           n(u.output_text) + R"(,"total_tokens":)" + n(u.input_total() + output_of(u)) +
           R"(,"prompt_tokens_details":{"cached_tokens":)" + n(u.cache_read) +
           R"(},"completion_tokens_details":{"reasoning_tokens":)" + n(u.reasoning) + "}}";
}

std::string replicate(const TokenUsage& u) {
    return R"("status":"succeeded","metrics":{"input_token_count":)" + n(u.input_text) +
           R"(,"output_token_count":)" + n(u.output_text) + "}";
}

class EveryShape : public testing::TestWithParam<Shape> {};

TEST_P(EveryShape, GivesBackTheBucketsThatWentIn) {
    Random random;
    for (int round = 0; round < 500; ++round) {
        const TokenUsage expected = GetParam().buckets(random);
        const std::string record = R"({"model":"m",)" + GetParam().encode(expected) + "}";
        const auto facts = read_record(record);
        ASSERT_EQ(facts.state, UsageState::present) << record;
        ASSERT_EQ(facts.usage, expected) << record;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Usage, EveryShape,
    testing::Values(
        Shape{"OpenAiChat", every_medium,
              [](const TokenUsage& u) { return openai(u, "prompt_tokens", "completion_tokens"); }},
        Shape{"OpenAiResponses", every_medium,
              [](const TokenUsage& u) { return openai(u, "input_tokens", "output_tokens"); }},
        Shape{"Gemini", every_medium, gemini}, Shape{"Anthropic", text_with_cache, anthropic},
        Shape{"Bedrock", text_with_cache, bedrock}, Shape{"LiteLlm", text_with_cache, litellm},
        Shape{"Flat", text_with_reasoning, flat}, Shape{"Xai", text_with_reasoning, xai},
        Shape{"Replicate",
              [](Random& r) { return TokenUsage{.input_text = r.count(), .output_text = r.count()}; },
              replicate}),
    [](const auto& shape) { return std::string(shape.param.name); });

}  // namespace
}  // namespace respand
