#include <gtest/gtest.h>

#include <string>

#include "record/padded.hpp"
#include "record/record_parser.hpp"
#include "record/usage_reader.hpp"

namespace respand {
namespace {

using test::Padded;

struct Read {
    UsageState state;
    TokenUsage usage;
};

Read read(const std::string& members) {
    RecordParser parser;
    const Padded text(R"({"model":"m",)" + members + "}");
    const auto record = parser.parse(text.view());
    EXPECT_TRUE(record) << members;
    return {record->facts.usage_state, record->facts.usage};
}

TokenUsage expect_usage(const std::string& members) {
    const Read result = read(members);
    EXPECT_EQ(result.state, UsageState::present) << members;
    return result.usage;
}

TEST(Usage, OpenAiChatTotalsIncludeCacheAndReasoning) {
    const auto u = expect_usage(
        R"("usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
            "prompt_tokens_details":{"cached_tokens":60,"audio_tokens":10},
            "completion_tokens_details":{"reasoning_tokens":30,"audio_tokens":5,"accepted_prediction_tokens":9}})");
    EXPECT_EQ(u, (TokenUsage{.input_text = 30,
                             .cache_read = 60,
                             .input_audio = 10,
                             .output_text = 15,
                             .reasoning = 30,
                             .output_audio = 5}));
}

TEST(Usage, OpenAiResponsesTotalsIncludeCacheAndReasoning) {
    const auto u = expect_usage(
        R"("usage":{"input_tokens":100,"output_tokens":50,"input_tokens_details":{"cached_tokens":60},
            "output_tokens_details":{"reasoning_tokens":30}})");
    EXPECT_EQ(u, (TokenUsage{.input_text = 40, .cache_read = 60, .output_text = 20, .reasoning = 30}));
}

TEST(Usage, AnthropicTotalsLeaveTheCacheOut) {
    const auto u = expect_usage(
        R"("usage":{"input_tokens":10,"output_tokens":50,"cache_creation_input_tokens":40,"cache_read_input_tokens":60,
            "cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":10}})");
    EXPECT_EQ(u, (TokenUsage{.input_text = 10,
                             .cache_read = 60,
                             .cache_write_5m = 30,
                             .cache_write_1h = 10,
                             .output_text = 50}));
}

TEST(Usage, LiteLlmsNormalisedFormIncludesTheCache) {
    const auto u = expect_usage(
        R"("usage":{"prompt_tokens":110,"completion_tokens":5,"cache_creation_input_tokens":40,"cache_read_input_tokens":60})");
    EXPECT_EQ(u, (TokenUsage{.input_text = 10, .cache_read = 60, .cache_write_5m = 40, .output_text = 5}));
}

TEST(Usage, BedrockTotalsLeaveTheCacheOut) {
    const auto u = expect_usage(
        R"("usage":{"inputTokens":1,"outputTokens":2,"cacheReadInputTokens":3,"cacheWriteInputTokens":4})");
    EXPECT_EQ(u, (TokenUsage{.input_text = 1, .cache_read = 3, .cache_write_5m = 4, .output_text = 2}));
}

TEST(Usage, GeminiAddsToolPromptsAndThoughts) {
    const auto u = expect_usage(
        R"("usage":{"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":7,"thoughtsTokenCount":3,
            "toolUsePromptTokenCount":5})");
    EXPECT_EQ(u, (TokenUsage{.input_text = 65, .cache_read = 40, .output_text = 7, .reasoning = 3}));
}

TEST(Usage, XaiCountsReasoningBesideTheCompletion) {
    const auto u = expect_usage(
        R"("provider":"xai","usage":{"prompt_tokens":1,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":30}})");
    EXPECT_EQ(u, (TokenUsage{.input_text = 1, .output_text = 2, .reasoning = 30}));
}

TEST(Usage, XaiIsKnownByEverySpellingOfItsModels) {
    for (const char* members :
         {R"("model":"grok-4",)", R"("model":"XAI/grok-4",)", R"("model":"m","provider":"xAI",)",
          R"("model":"m","provider":"x-ai",)", R"("model":"x-ai/grok-4",)"}) {
        RecordParser parser;
        const Padded text(
            std::string("{") + members +
            R"("usage":{"prompt_tokens":1,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":30}}})");
        const auto record = parser.parse(text.view());
        ASSERT_TRUE(record) << members;
        EXPECT_EQ(record->facts.usage.reasoning, 30U) << members;
        EXPECT_EQ(record->facts.usage.output_text, 2U) << members;
    }
}

TEST(Usage, TheServiceTierOfTheAnswerCountsBeforeThatOfTheRequest) {
    const auto tier = [](const std::string& members) {
        RecordParser parser;
        const Padded text(R"({"model":"m",)" + members + "}");
        return parser.parse(text.view())->facts.service_tier;
    };
    EXPECT_EQ(tier(R"("service_tier":"flex")"), ServiceTier::flex);
    EXPECT_EQ(tier(R"("service_tier":"scale")"), ServiceTier::other);
    EXPECT_EQ(tier(R"("usage":{"prompt_tokens":1,"service_tier":"batch"})"), ServiceTier::batch);
    EXPECT_EQ(tier(R"("service_tier":"priority","usage":{"prompt_tokens":1,"service_tier":"standard"})"),
              ServiceTier::standard);
    EXPECT_EQ(tier(R"("service_tier":null)"), ServiceTier::standard);
}

TEST(Usage, FlatFieldsAreReadWhenThereIsNoUsageObject) {
    const auto u = expect_usage(
        R"("prompt_tokens":18,"completion_tokens":502,"prompt_cache_hit_tokens":8,"reasoning_tokens":2)");
    EXPECT_EQ(u, (TokenUsage{.input_text = 10, .cache_read = 8, .output_text = 500, .reasoning = 2}));
    EXPECT_EQ(expect_usage(R"("usage":{},"prompt_tokens":18)"), (TokenUsage{.input_text = 18}));
}

TEST(Usage, ReplicateMetricsCountOnceThePredictionHasEnded) {
    EXPECT_EQ(
        expect_usage(R"("status":"succeeded","metrics":{"input_token_count":3,"output_token_count":4})"),
        (TokenUsage{.input_text = 3, .output_text = 4}));
    EXPECT_EQ(read(R"("status":"processing","metrics":{"input_token_count":3})").state,
              UsageState::not_terminal);
    EXPECT_EQ(read(R"("metrics":null)").state, UsageState::absent);
}

TEST(Usage, WhatIsNoCountIsInconsistentAndNeverZero) {
    for (const char* bad :
         {"-1", "1.5", "1e30", "\"18\"", "true", "{}", "9007199254740993", "123456789012345678901234567890"})
        EXPECT_EQ(read(std::string(R"("usage":{"prompt_tokens":)") + bad + "}").state,
                  UsageState::inconsistent)
            << bad;
    EXPECT_EQ(read(R"("usage":7)").state, UsageState::inconsistent);
    EXPECT_EQ(
        read(
            R"("usage":{"prompt_tokens":10,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":2}})")
            .state,
        UsageState::inconsistent);
}

TEST(Usage, AWholeNumberIsACountHoweverItIsSpelled) {
    EXPECT_EQ(expect_usage(R"("usage":{"prompt_tokens":18.0,"completion_tokens":5e1})"),
              (TokenUsage{.input_text = 18, .output_text = 50}));
}

TEST(Usage, NullAndAbsentAreTheSame) {
    EXPECT_EQ(read(R"("usage":null)").state, UsageState::absent);
    EXPECT_EQ(read(R"("usage":{"prompt_tokens":null,"completion_tokens":null})").state, UsageState::absent);
    EXPECT_EQ(
        expect_usage(R"("usage":{"prompt_tokens":4,"completion_tokens":null,"prompt_tokens_details":null})"),
        (TokenUsage{.input_text = 4}));
}

TEST(Usage, WhenMoreIsCachedThanThereWasInputTheTotalsWereExclusive) {
    EXPECT_EQ(
        expect_usage(
            R"("usage":{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":60}})"),
        (TokenUsage{.input_text = 10, .cache_read = 60, .output_text = 1}));
}

// Whatever is reported, every token lands in exactly one bucket.
TEST(Usage, BucketsAddUpToTheTotals) {
    for (std::uint64_t cached = 0; cached <= 40; cached += 10)
        for (std::uint64_t write = 0; write <= 30; write += 10)
            for (std::uint64_t reasoning = 0; reasoning <= 20; reasoning += 5) {
                ReportedUsage r;
                r.input = Count::of(100);
                r.output = Count::of(20);
                r.cache_read = Count::of(cached);
                r.cache_write = Count::of(write);
                r.reasoning = Count::of(reasoning);
                const auto n = normalise(r);
                ASSERT_EQ(n.state, UsageState::present);
                EXPECT_EQ(n.usage.input_total(), 100U);
                EXPECT_EQ(n.usage.output_text + n.usage.reasoning, 20U);
            }
}

}  // namespace
}  // namespace respand
