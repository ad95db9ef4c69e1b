// Every shape in which a provider reports usage, and what happens where two could be meant.
#include "record/read_facts.hpp"

namespace respand {
namespace {

using test::read_members;
using test::read_usage;
using test::state_of_usage;

TEST(UsageShapes, WithoutCacheCountsAnthropicAndOpenAiResponsesAreTheSame) {
    const TokenUsage expected{.input_text = 100, .output_text = 50};
    EXPECT_EQ(read_usage(R"("input_tokens":100,"output_tokens":50)"), expected);
    EXPECT_EQ(read_usage(R"("input_tokens":100,"output_tokens":50,"input_tokens_details":null)"), expected);
    EXPECT_EQ(
        read_usage(R"("input_tokens":100,"output_tokens":50,"input_tokens_details":{"cached_tokens":0})"),
        expected);
}

TEST(UsageShapes, ACacheCountInTheDetailsIsPartOfTheTotal) {
    EXPECT_EQ(read_usage(R"("input_tokens":100,"output_tokens":1,"cache_read_input_tokens":60,
                            "input_tokens_details":{"cached_tokens":60})"),
              (TokenUsage{.input_text = 40, .cache_read = 60, .output_text = 1}));
}

TEST(UsageShapes, DetailsThatCountNoCacheLeaveAnthropicsTotalExclusive) {
    EXPECT_EQ(read_usage(R"("input_tokens":100,"output_tokens":1,"cache_read_input_tokens":60,
                            "input_tokens_details":{"text_tokens":100})"),
              (TokenUsage{.input_text = 100, .cache_read = 60, .output_text = 1}));
}

TEST(UsageShapes, AnthropicsThinkingIsPartOfItsOutput) {
    EXPECT_EQ(
        read_usage(R"("input_tokens":0,"output_tokens":136,"output_tokens_details":{"thinking_tokens":31})"),
        (TokenUsage{.output_text = 105, .reasoning = 31}));
}

TEST(UsageShapes, AnthropicsSplitAloneSaysWhatWasWritten) {
    EXPECT_EQ(read_usage(R"("input_tokens":10,"output_tokens":0,
                            "cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4})"),
              (TokenUsage{.input_text = 10, .cache_write_5m = 3, .cache_write_1h = 4}));
}

TEST(UsageShapes, ChatWithAnthropicsCacheCountsIsLiteLlmsFormAndIncludesThem) {
    EXPECT_EQ(read_usage(R"("prompt_tokens":110,"completion_tokens":5,"cache_creation_input_tokens":40,
                            "cache_read_input_tokens":60,"prompt_tokens_details":{"cached_tokens":60,
                            "cache_creation_tokens":40,"cache_creation_token_details":
                            {"ephemeral_5m_input_tokens":15,"ephemeral_1h_input_tokens":25}})"),
              (TokenUsage{.input_text = 10,
                          .cache_read = 60,
                          .cache_write_5m = 15,
                          .cache_write_1h = 25,
                          .output_text = 5}));
}

TEST(UsageShapes, OneCountUnderTwoNamesMustAgreeUnlessOneIsZero) {
    EXPECT_EQ(read_usage(R"("prompt_tokens":100,"cache_read_input_tokens":0,
                            "prompt_tokens_details":{"cached_tokens":60})"),
              (TokenUsage{.input_text = 40, .cache_read = 60}));
    EXPECT_EQ(state_of_usage(R"("prompt_tokens":100,"cache_read_input_tokens":50,
                                "prompt_tokens_details":{"cached_tokens":60})"),
              UsageState::inconsistent);
}

TEST(UsageShapes, ChatTotalsCountBeforeThoseOfMessages) {
    EXPECT_EQ(read_usage(R"("input_tokens":7,"output_tokens":8,"prompt_tokens":5,"completion_tokens":6)"),
              (TokenUsage{.input_text = 5, .output_text = 6}));
    EXPECT_EQ(read_usage(R"("input_tokens":7,"output_tokens":8,"prompt_tokens":0,"completion_tokens":0)"),
              (TokenUsage{.input_text = 7, .output_text = 8}));
}

TEST(UsageShapes, BedrockTellsItsWritesByLifetime) {
    EXPECT_EQ(
        read_usage(R"("inputTokens":1,"outputTokens":2,"totalTokens":38,"cacheReadInputTokens":5,
        "cacheWriteInputTokens":30,"cacheDetails":[{"ttl":"1h","inputTokens":10},{"ttl":"5m","inputTokens":20}])"),
        (TokenUsage{
            .input_text = 1, .cache_read = 5, .cache_write_5m = 20, .cache_write_1h = 10, .output_text = 2}));
}

TEST(UsageShapes, CamelCaseWithoutBedrocksCacheCountsIncludesTheCache) {
    EXPECT_EQ(read_usage(R"("inputTokens":100,"outputTokens":20,"cachedInputTokens":60,"reasoningTokens":5)"),
              (TokenUsage{.input_text = 40, .cache_read = 60, .output_text = 15, .reasoning = 5}));
}

TEST(UsageShapes, GeminiTellsCachedAudioAndVideoApart) {
    const char* const wire =
        R"("promptTokenCount":3297,"cachedContentTokenCount":2918,"candidatesTokenCount":55,"thoughtsTokenCount":95,
        "promptTokensDetails":[{"modality":"TEXT","tokenCount":83},{"modality":"VIDEO","tokenCount":2893},
        {"modality":"AUDIO","tokenCount":321}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":284},
        {"modality":"TEXT","tokenCount":73},{"modality":"VIDEO","tokenCount":2561}])";
    const char* const python =
        R"("prompt_token_count":3297,"cached_content_token_count":2918,"candidates_token_count":55,
        "thoughts_token_count":95,"tool_use_prompt_token_count":null,
        "prompt_tokens_details":[{"modality":"TEXT","token_count":83},{"modality":"VIDEO","token_count":2893},
        {"modality":"AUDIO","token_count":321}],"cache_tokens_details":[{"modality":"AUDIO","token_count":284},
        {"modality":"TEXT","token_count":73},{"modality":"VIDEO","token_count":2561}])";
    for (const char* counts : {wire, python})
        EXPECT_EQ(read_usage(counts), (TokenUsage{.input_text = 10,
                                                  .cache_read = 73,
                                                  .input_audio = 37,
                                                  .input_video = 332,
                                                  .cache_read_audio = 284,
                                                  .cache_read_video = 2561,
                                                  .output_text = 55,
                                                  .reasoning = 95}));
}

TEST(UsageShapes, GeminiBillsPagesAsImagesAndToolPromptsByTheirKind) {
    EXPECT_EQ(
        read_usage(R"("promptTokenCount":300,"promptTokensDetails":[{"modality":"DOCUMENT","tokenCount":258}],
        "toolUsePromptTokenCount":9,"toolUsePromptTokensDetails":[{"modality":"IMAGE","tokenCount":4}],
        "candidatesTokenCount":1295,"candidatesTokensDetails":[{"modality":"TEXT","tokenCount":5},
        {"modality":"IMAGE","tokenCount":1290}])"),
        (TokenUsage{.input_text = 47, .input_image = 262, .output_text = 5, .output_image = 1290}));
}

TEST(UsageShapes, GeminisOwnNameOfTheObjectIsReadToo) {
    const auto facts = read_members(R"("usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":5})");
    EXPECT_EQ(facts.usage, (TokenUsage{.input_text = 4, .output_text = 5}));
}

TEST(UsageShapes, AKindOfContentThatNobodyHereKnowsHasNoKnownPrice) {
    EXPECT_EQ(
        state_of_usage(R"("promptTokenCount":4,"promptTokensDetails":[{"modality":"SMELL","tokenCount":1}])"),
        UsageState::inconsistent);
}

TEST(UsageShapes, XaiGatewaysThatFoldReasoningInSaySoByTheirTotal) {
    const std::string xai = R"("model":"grok-4","provider":"xai")";
    const std::string counts =
        R"("prompt_tokens":32,"completion_tokens":103,"completion_tokens_details":{"reasoning_tokens":94})";
    EXPECT_EQ(read_usage(counts + R"(,"total_tokens":229)", xai),
              (TokenUsage{.input_text = 32, .output_text = 103, .reasoning = 94}));
    EXPECT_EQ(read_usage(counts + R"(,"total_tokens":135)", xai),
              (TokenUsage{.input_text = 32, .output_text = 9, .reasoning = 94}));
}

TEST(UsageShapes, OnlyXaiCountsReasoningBesideTheCompletion) {
    EXPECT_EQ(
        read_usage(
            R"("prompt_tokens":1,"completion_tokens":50,"completion_tokens_details":{"reasoning_tokens":30})",
            R"("model":"x-ai/grok-4","provider":"openrouter")"),
        (TokenUsage{.input_text = 1, .output_text = 20, .reasoning = 30}));
    EXPECT_EQ(
        read_usage(R"("input_tokens":1,"output_tokens":50,"output_tokens_details":{"reasoning_tokens":30})",
                   R"("model":"grok-4","provider":"xai")"),
        (TokenUsage{.input_text = 1, .output_text = 20, .reasoning = 30}));
}

TEST(UsageShapes, DeepSeeksHitsAndMissesAreThePrompt) {
    const TokenUsage expected{.input_text = 80, .cache_read = 896, .output_text = 36, .reasoning = 25};
    const std::string rest =
        R"(,"completion_tokens":61,"completion_tokens_details":{"reasoning_tokens":25},"prompt_cache_hit_tokens":896,
           "prompt_cache_miss_tokens":80)";
    EXPECT_EQ(read_usage(R"("prompt_tokens":976,"prompt_tokens_details":{"cached_tokens":896})" + rest),
              expected);
    EXPECT_EQ(read_usage(R"("total_tokens":1037)" + rest), expected);
    EXPECT_EQ(state_of_usage(R"("prompt_tokens":975)" + rest), UsageState::inconsistent);
}

TEST(UsageShapes, PerplexityCountsCitationsAndReasoningBesideTheTotals) {
    const auto facts = read_members(
        R"("usage":{"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,"citation_tokens":19028,
        "num_search_queries":18,"reasoning_tokens":193543,"search_context_size":"high"})");
    EXPECT_EQ(facts.state, UsageState::present);
    EXPECT_EQ(facts.usage,
              (TokenUsage{.input_text = 33, .output_text = 7163, .reasoning = 193543, .citation = 19028}));
    EXPECT_EQ(facts.units, (UnitUsage{.searches = Quantity::of(18), .search_context = SearchContext::high}));
}

TEST(UsageShapes, ASearchSizeWithoutACountIsOneSearch) {
    const auto facts = read_members(
        R"("usage":{"prompt_tokens":14,"completion_tokens":181,"total_tokens":195,"search_context_size":"low"})");
    EXPECT_EQ(facts.units, (UnitUsage{.searches = Quantity::of(1), .search_context = SearchContext::low}));
}

TEST(UsageShapes, WebSearchesAreCountedWhereverTheyStand) {
    for (const char* counts :
         {R"("input_tokens":5,"server_tool_use":{"web_search_requests":2,"web_fetch_requests":7})",
          R"("prompt_tokens":5,"prompt_tokens_details":{"web_search_requests":2})",
          R"("prompt_tokens":5,"num_sources_used":2)"})
        EXPECT_EQ(read_members(R"("usage":{)" + std::string(counts) + "}").units,
                  (UnitUsage{.searches = Quantity::of(2)}))
            << counts;
    EXPECT_EQ(state_of_usage(R"("server_tool_use":{"web_search_requests":0})"), UsageState::absent);
}

TEST(UsageShapes, CachedAudioIsNeitherPlainAudioNorPlainCache) {
    EXPECT_EQ(read_usage(R"("input_tokens":100,"output_tokens":30,"input_token_details":{"text_tokens":30,
        "audio_tokens":70,"cached_tokens":50,"cached_tokens_details":{"text_tokens":10,"audio_tokens":40,
        "image_tokens":0}},"output_token_details":{"text_tokens":10,"audio_tokens":20})"),
              (TokenUsage{.input_text = 20,
                          .cache_read = 10,
                          .input_audio = 30,
                          .cache_read_audio = 40,
                          .output_text = 10,
                          .output_audio = 20}));
}

TEST(UsageShapes, WhatAnImageModelPutsOutIsImageTokens) {
    const std::string counts =
        R"("input_tokens":50,"output_tokens":4160,"total_tokens":4210,"input_tokens_details":{"text_tokens":10,"image_tokens":40})";
    EXPECT_EQ(read_usage(counts, R"("model":"openai/gpt-image-1")"),
              (TokenUsage{.input_text = 10, .input_image = 40, .output_image = 4160}));
    EXPECT_EQ(read_usage(counts + R"(,"output_tokens_details":{"text_tokens":60,"image_tokens":4100})",
                         R"("model":"gpt-image-1")"),
              (TokenUsage{.input_text = 10, .input_image = 40, .output_text = 60, .output_image = 4100}));
    EXPECT_EQ(read_usage(counts, R"("model":"gpt-5")"),
              (TokenUsage{.input_text = 10, .input_image = 40, .output_text = 4160}));
}

TEST(UsageShapes, WhatASpeechModelPutsOutIsAudioTokens) {
    EXPECT_EQ(read_usage(R"("input_tokens":14,"output_tokens":101)", R"("model":"gpt-4o-mini-tts")"),
              (TokenUsage{.input_text = 14, .output_audio = 101}));
}

TEST(UsageShapes, OtherUnitsThanTokensAreUsageAsWell) {
    const auto units = [](const std::string& members) {
        const auto facts = read_members(members);
        EXPECT_EQ(facts.state, UsageState::present) << members;
        return facts.units;
    };
    EXPECT_EQ(units(R"("usage":{"type":"duration","seconds":3.25})"),
              (UnitUsage{.audio_seconds_in = {3'250'000'000}}));
    EXPECT_EQ(units(R"("usage":{"prompt_audio_seconds":30,"prompt_tokens":1})").audio_seconds_in,
              Quantity::of(30));
    EXPECT_EQ(units(R"("usage_info":{"pages_processed":7,"doc_size_bytes":1000})"),
              (UnitUsage{.pages = Quantity::of(7)}));
    EXPECT_EQ(units(R"("usage":{"image_count":2,"height":1024})"), (UnitUsage{.images = Quantity::of(2)}));
    EXPECT_EQ(units(R"("usage":{"characters":120})"), (UnitUsage{.characters_in = Quantity::of(120)}));
    EXPECT_EQ(
        units(R"("usage":{"prompt_tokens":1,"prompt_tokens_details":{"character_count":5,"image_count":1,
        "video_length_seconds":2.5}})"),
        (UnitUsage{.images_in = Quantity::of(1),
                   .characters_in = Quantity::of(5),
                   .video_seconds_in = {2'500'000'000}}));
}

TEST(UsageShapes, TheUsageObjectCountsBeforeTheFlatFields) {
    EXPECT_EQ(read_members(R"("prompt_tokens":1,"completion_tokens":2,"prompt_cache_hit_tokens":1,
        "usage":{"prompt_tokens":10,"completion_tokens":20})")
                  .usage,
              (TokenUsage{.input_text = 10, .output_text = 20}));
}

TEST(UsageShapes, AUsageObjectThatSaysNothingGivesWayToTheFlatFields) {
    for (const char* usage :
         {"{}", "null", R"({"total_tokens":12})", R"({"prompt_tokens":0,"completion_tokens":0})",
          R"({"server_tool_use":{"web_search_requests":0}})"})
        EXPECT_EQ(
            read_members(R"("prompt_tokens":10,"completion_tokens":2,"usage":)" + std::string(usage)).usage,
            (TokenUsage{.input_text = 10, .output_text = 2}))
            << usage;
}

TEST(UsageShapes, FlatTotalsCompleteAUsageObjectThatHoldsPartsOnly) {
    EXPECT_EQ(read_members(R"("prompt_tokens":100,"completion_tokens":20,
        "usage":{"prompt_tokens_details":{"cached_tokens":60}})")
                  .usage,
              (TokenUsage{.input_text = 40, .cache_read = 60, .output_text = 20}));
    EXPECT_EQ(state_of_usage(R"("prompt_tokens_details":{"cached_tokens":60})"), UsageState::inconsistent);
}

TEST(UsageShapes, ANameThatStandsTwiceInOneObjectIsNotGuessed) {
    for (const char* counts :
         {R"("prompt_tokens":10,"prompt_tokens":10)",
          R"("prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":1,"cached_tokens":2})"})
        EXPECT_EQ(state_of_usage(counts), UsageState::inconsistent) << counts;
    EXPECT_EQ(read_usage(R"("prompt_tokens":10,"note":1,"note":2)"), (TokenUsage{.input_text = 10}));
}

TEST(UsageShapes, DetailsOfAWrongTypeLeaveThePartsUnknown) {
    for (const char* counts : {R"("prompt_tokens":10,"prompt_tokens_details":7)",
                               R"("prompt_tokens":10,"prompt_tokens_details":"x")",
                               R"("promptTokenCount":10,"cacheTokensDetails":{"AUDIO":1})",
                               R"("promptTokenCount":10,"cacheTokensDetails":[1])",
                               R"("inputTokens":1,"cacheDetails":[{"ttl":"2h","inputTokens":1}])"})
        EXPECT_EQ(state_of_usage(counts), UsageState::inconsistent) << counts;
}

TEST(UsageShapes, PredictionsOfTextAreInsideTheCompletion) {
    EXPECT_EQ(read_usage(R"("prompt_tokens":1,"completion_tokens":10,"completion_tokens_details":
                            {"accepted_prediction_tokens":4,"rejected_prediction_tokens":3})"),
              (TokenUsage{.input_text = 1, .output_text = 10}));
}

TEST(UsageShapes, TheTierIsReadByEveryProvidersName) {
    const auto tier = [](const std::string& counts) {
        return read_members(R"("usage":{)" + counts + "}").tier;
    };
    EXPECT_EQ(tier(R"("serviceTier":"FLEX")"), ServiceTier::flex);
    EXPECT_EQ(tier(R"("trafficType":"ON_DEMAND")"), ServiceTier::standard);
    EXPECT_EQ(tier(R"("traffic_type":"ON_DEMAND_PRIORITY")"), ServiceTier::priority);
    EXPECT_EQ(tier(R"("trafficType":"PROVISIONED_THROUGHPUT")"), ServiceTier::other);
    EXPECT_EQ(tier(R"("service_tier":"standard","speed":"fast")"), ServiceTier::other);
    EXPECT_EQ(tier(R"("inference_geo":"us","service_tier":"standard")"), ServiceTier::other);
    EXPECT_EQ(tier(R"("inference_geo":"not_available","service_tier":"batch")"), ServiceTier::batch);
}

TEST(UsageShapes, ACostThatIsOnlyTheGatewaysShareIsNotTheCost) {
    EXPECT_EQ(read_members(R"("usage":{"prompt_tokens":1,"cost":0.5,"is_byok":false})").provider_cost, "0.5");
    EXPECT_EQ(read_members(R"("usage":{"prompt_tokens":1,"cost":0,"is_byok":true})").provider_cost, "");
}

}  // namespace
}  // namespace respand
