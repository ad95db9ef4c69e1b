// LiteLLM's price file: which key is the price of what, and which of them count in an entry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pricing/litellm_keys.hpp"
#include "pricing/price_table.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::cost;
using test::facts_of;
using test::found;
using test::table_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

auto warning(const std::string& key, const std::string& message) {
    return AllOf(Field(&LoadWarning::file, "test.json"), Field(&LoadWarning::key, key),
                 Field(&LoadWarning::message, HasSubstr(message)));
}

constexpr TokenUsage kOneOfEach{.input_text = 1, .output_text = 1};

/// What one model of a table costs for these tokens and units.
std::string cost_of(const std::string& members, TokenUsage tokens, UnitUsage units = {},
                    ServiceTier tier = ServiceTier::standard) {
    const auto table = table_of(R"({"m": {)" + members +
                                R"(, "litellm_provider": "p"}, "usable": {"input_cost_per_token": 1}})");
    RecordFacts facts = facts_of("m", tokens);
    facts.units = units;
    facts.service_tier = tier;
    return cost(*table, facts);
}

TEST(LiteLlmFormat, is_recognised_and_taken_as_it_is) {
    std::vector<LoadWarning> warnings;
    const auto table = table_of(R"({
        "sample_spec": {"input_cost_per_token": "a price", "litellm_provider": "one of many"},
        "gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": "1e-05",
                  "cache_read_input_token_cost": 1.25e-06, "max_input_tokens": 128000, "supports_vision": true,
                  "search_context_cost_per_query": {"search_context_size_low": 0.03}, "supported_modalities": ["text"]},
        "claude-x": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
                  "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
                  "cache_read_input_token_cost": null},
        "deepseek/coder": {"litellm_provider": "deepseek", "input_cost_per_token": 1.4e-07, "input_cost_per_token_cache_hit": 1.4e-08},
        "replicate/meta/llama-3-70b-instruct": {"litellm_provider": "replicate", "input_cost_per_token": 6.5e-07, "output_cost_per_token": 2.75e-06},
        "vertex_ai/claude-x": {"litellm_provider": "vertex_ai-anthropic_models", "input_cost_per_token": 4e-06},
        "broken": {"litellm_provider": "openai", "input_cost_per_token": [1]},
        "nothing": 7
    })",
                                &warnings);
    EXPECT_THAT(warnings, ElementsAre(warning("broken", "\"input_cost_per_token\" is a list"),
                                      warning("nothing", "left out")));
    EXPECT_EQ(table->size(), 5U);
    EXPECT_EQ(table->version(), "");
    EXPECT_EQ(cost(*table, facts_of("openai/gpt-x", {.input_text = 10, .cache_read = 4, .output_text = 3})),
              "0.00006");
    EXPECT_EQ(cost(*table, facts_of("claude-x", {.cache_read = 1})), "0.000003");
    EXPECT_EQ(cost(*table, facts_of("claude-x", {.cache_write_5m = 1, .cache_write_1h = 1})), "0.00000975");
    EXPECT_EQ(cost(*table, facts_of("deepseek/coder", {.cache_read = 1})), "0.000000014");
    EXPECT_EQ(
        cost(*table, facts_of("meta/meta-llama-3-70b-instruct", {.input_text = 18, .output_text = 502})),
        "0.0013922");
    EXPECT_EQ(cost(*table, facts_of("meta/llama-3-70b-instruct", {.input_text = 18, .output_text = 502})),
              "0.0013922");
    EXPECT_EQ(found(*table, "claude-x", "vertex_ai"), "vertex_ai/claude-x (with_provider)");
    EXPECT_EQ(found(*table, "claude-x", "bedrock"), "none");
}

TEST(LiteLlmFormat, prices_of_units_and_searches_are_read) {
    const Quantity two = Quantity::of(2);
    EXPECT_EQ(cost_of(R"("ocr_cost_per_page": 0.004)", {}, {.pages = two}), "0.008");
    EXPECT_EQ(
        cost_of(R"("mode": "audio_speech", "input_cost_per_character": 1.5e-05)", {}, {.characters_in = two}),
        "0.00003");
    EXPECT_EQ(
        cost_of(
            R"("mode": "audio_transcription", "input_cost_per_second": 1e-04, "output_cost_per_second": 1e-04)",
            {}, {.audio_seconds_in = two}),
        "0.0002");
    EXPECT_EQ(cost_of(R"("mode": "video_generation", "output_cost_per_second": 0.35)", {},
                      {.video_seconds_out = two}),
              "0.7");
    EXPECT_EQ(cost_of(R"("output_cost_per_video_per_second": 0.1)", {}, {.video_seconds_out = two}), "0.2");
    EXPECT_EQ(cost_of(R"("mode": "image_generation", "input_cost_per_image": 0.02)", {}, {.images = two}),
              "0.04");
    EXPECT_EQ(cost_of(R"("mode": "image_edit", "output_cost_per_image": 0.04)", {}, {.images = two}), "0.08");
    EXPECT_EQ(cost_of(R"("mode": "embedding", "input_cost_per_token": 1e-06, "input_cost_per_image": 0.01)",
                      {.input_text = 1}, {.images_in = two}),
              "0.020001");
    EXPECT_EQ(cost_of(R"("mode": "rerank", "input_cost_per_query": 0.002)", {}, {.searches = two}), "0.004");
    EXPECT_EQ(
        cost_of(
            R"("input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "input_cost_per_request": 0.005)",
            kOneOfEach),
        "0.005002");
    const std::string searches =
        R"("input_cost_per_token": 0, "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_medium": 0.02, "search_context_size_high": 0.03})";
    EXPECT_EQ(cost_of(searches, {.input_text = 1}, {.searches = two, .search_context = SearchContext::low}),
              "0.02");
    EXPECT_EQ(cost_of(searches, {.input_text = 1}, {.searches = two, .search_context = SearchContext::high}),
              "0.06");
    EXPECT_EQ(cost_of(searches, {.input_text = 1}, {.searches = two}), "0.04")
        << "medium, where none is stated";
}

TEST(LiteLlmFormat, another_count_of_what_tokens_count_is_not_billed_again) {
    const std::string tokens =
        R"("mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, )";
    const UnitUsage everything{.images = Quantity::of(1),
                               .images_in = Quantity::of(1),
                               .characters_in = Quantity::of(1),
                               .characters_out = Quantity::of(1),
                               .audio_seconds_in = Quantity::of(1),
                               .audio_seconds_out = Quantity::of(1),
                               .video_seconds_in = Quantity::of(1)};
    for (const char* other : {R"("input_cost_per_image": 1)", R"("input_cost_per_character": 1)",
                              R"("output_cost_per_character": 1)", R"("input_cost_per_audio_per_second": 1)",
                              R"("input_cost_per_video_per_second": 1)", R"("input_cost_per_second": 1)",
                              R"("output_cost_per_second": 1)",
                              R"("output_cost_per_image": 1, "output_cost_per_image_token": 1e-06)"}) {
        EXPECT_EQ(cost_of(tokens + other, kOneOfEach, everything), "0.000002") << other;
    }
}

TEST(LiteLlmFormat, what_no_record_can_be_held_against_is_no_price) {
    const Quantity one = Quantity::of(1);
    EXPECT_EQ(cost_of(R"("mode": "chat", "input_cost_per_second": 0.0019, "output_cost_per_second": 0.0019)",
                      kOneOfEach, {.run_seconds = one}),
              "no_rate")
        << "reserved capacity";
    EXPECT_EQ(
        cost_of(
            R"("mode": "video_generation", "output_cost_per_second": 0.05, "output_cost_per_second_1080p": 0.08)",
            {}, {.video_seconds_out = one}),
        "no_rate");
    EXPECT_EQ(
        cost_of(
            R"("mode": "embedding", "input_cost_per_video_per_second": 0.05, "input_cost_per_video_per_second_above_8s_interval": 0.08)",
            {}, {.video_seconds_in = one}),
        "no_rate");
    EXPECT_EQ(cost_of(R"("mode": "image_generation", "input_cost_per_pixel": 1e-08)", {}, {.images = one}),
              "no_rate");
    EXPECT_EQ(
        cost_of(
            R"("mode": "search", "tiered_pricing": [{"input_cost_per_query": 1, "max_results_range": [0, 25]}])",
            {}, {.searches = one}),
        "no_rate");
}

TEST(LiteLlmFormat, a_model_that_tokens_do_not_measure_has_no_token_price) {
    EXPECT_EQ(cost_of(R"("input_cost_per_token": 0, "output_cost_per_token": 0.0)", kOneOfEach), "0")
        << "a price written as 0 is 0";
    EXPECT_EQ(cost_of(R"("output_cost_per_image": 0.04)", kOneOfEach), "no_rate");
    EXPECT_EQ(
        cost_of(R"("input_cost_per_token": 0.0, "output_cost_per_token": 0, "input_cost_per_query": 0.002)",
                kOneOfEach),
        "no_rate");
    EXPECT_EQ(cost_of(R"("input_cost_per_token": 0.0, "input_cost_per_pixel": 1e-08)", {.input_text = 1}),
              "no_rate");
}

TEST(LiteLlmFormat, output_of_images_and_text_must_be_told_apart) {
    const std::string mixed =
        R"("input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "output_cost_per_image_token": 3e-05)";
    EXPECT_EQ(cost_of(mixed, {.input_text = 1}), "0.000001");
    EXPECT_EQ(cost_of(mixed, kOneOfEach), "no_rate");
    EXPECT_EQ(cost_of(mixed, {.output_text = 1, .output_image = 1}), "0.000031");
    EXPECT_EQ(cost_of(R"("input_cost_per_token": 1e-06, "output_cost_per_image_token": 3e-05)", kOneOfEach),
              "0.000031")
        << "a model that makes nothing but images";
}

TEST(LiteLlmFormat, context_tiers_of_any_size_are_cliffs) {
    for (const int thousands : {8, 128, 200, 256, 272, 512, 1000}) {
        const std::string tiered =
            R"("input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "input_cost_per_token_above_)" +
            std::to_string(thousands) + R"(k_tokens": 2e-06)";
        const std::uint64_t threshold = static_cast<std::uint64_t>(thousands) * 1'000;
        EXPECT_EQ(cost_of(tiered, {.input_text = threshold}),
                  Money::parse("1e-6")->times(threshold)->cost_text());
        EXPECT_EQ(cost_of(tiered, {.input_text = threshold - 1, .cache_read = 2}),
                  Money::parse("2e-6")->times(threshold + 1)->cost_text());
    }
    EXPECT_EQ(cost_of(R"("input_cost_per_token": 1e-06, "cache_creation_input_token_cost_above_1hr": 3e-06,
                         "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 4e-06)",
                      {.cache_write_1h = 200'001}),
              "0.800004");
}

TEST(LiteLlmFormat, more_context_tiers_than_any_model_has_cost_the_entry) {
    std::string tiers;
    for (int i = 1; i <= 17; ++i) {
        tiers += ", \"input_cost_per_token_above_" + std::to_string(i) + "k_tokens_priority\": 1e-06";
    }
    std::vector<LoadWarning> warnings;
    const auto table =
        table_of(R"({"m": {"litellm_provider": "openai", "input_cost_per_token": 1e-06)" + tiers +
                     R"(}, "n": {"litellm_provider": "openai", "input_cost_per_token": 1e-06}})",
                 &warnings);
    EXPECT_EQ(table->size(), 1U);
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_THAT(warnings[0].message, testing::HasSubstr("more than 16 context tiers"));
}

TEST(LiteLlmFormat, xais_tiers_begin_at_their_threshold) {
    const auto table = table_of(R"({"xai/grok": {"litellm_provider": "xai", "input_cost_per_token": 1e-06,
                                                 "input_cost_per_token_above_128k_tokens": 2e-06}})");
    EXPECT_EQ(cost(*table, facts_of("xai/grok", {.input_text = 127'999})), "0.127999");
    EXPECT_EQ(cost(*table, facts_of("xai/grok", {.input_text = 128'000})), "0.256");
}

TEST(LiteLlmFormat, lists_of_ranges_are_context_tiers) {
    const std::string ranges = R"("tiered_pricing": [
        {"range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 4e-06},
        {"range": [32000.0, 128000], "input_cost_per_token": 2e-06, "output_cost_per_token": 5e-06},
        {"range": [128000, 1e6], "input_cost_per_token": 3e-06, "output_cost_per_token": 6e-06}])";
    EXPECT_EQ(cost_of(ranges, {.input_text = 32'000, .output_text = 1}), "0.032004");
    EXPECT_EQ(cost_of(ranges, {.input_text = 32'001, .output_text = 1}), "0.064007");
    EXPECT_EQ(cost_of(ranges, {.input_text = 128'001, .output_text = 1}), "0.384009");
}

TEST(LiteLlmFormat, service_tiers_replace_the_prices_that_they_name) {
    const std::string tiers = R"("input_cost_per_token": 4e-06, "output_cost_per_token": 8e-06,
        "input_cost_per_token_flex": 2e-06, "output_cost_per_token_flex": 4e-06,
        "input_cost_per_token_priority": 7e-06, "input_cost_per_token_batches": 1e-06,
        "input_cost_per_token_above_272k_tokens": 5e-06, "input_cost_per_token_above_272k_tokens_priority": 9e-06)";
    EXPECT_EQ(cost_of(tiers, kOneOfEach), "0.000012");
    EXPECT_EQ(cost_of(tiers, kOneOfEach, {}, ServiceTier::flex), "0.000006");
    EXPECT_EQ(cost_of(tiers, kOneOfEach, {}, ServiceTier::priority), "0.000015");
    EXPECT_EQ(cost_of(tiers, kOneOfEach, {}, ServiceTier::batch), "0.000009");
    EXPECT_EQ(cost_of(tiers, {.input_text = 300'000}, {}, ServiceTier::priority), "2.7");
    EXPECT_EQ(cost_of(tiers, kOneOfEach, {}, ServiceTier::other), "no_rate");
}

TEST(LiteLlmFormat, a_bad_price_costs_its_entry_and_an_unknown_one_is_named_once) {
    std::vector<LoadWarning> warnings;
    const auto table = table_of(R"({
        "good": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "input_cost_per_wish": 1},
        "same": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "input_cost_per_wish": 1},
        "negative": {"litellm_provider": "p", "input_cost_per_token": -1},
        "search": {"litellm_provider": "p", "search_context_cost_per_query": {"search_context_size_low": "much"}},
        "ranges": {"litellm_provider": "p", "tiered_pricing": [{"range": [0], "input_cost_per_token": 1}]},
        "none": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "output_cost_per_token": null}
    })",
                                &warnings);
    EXPECT_EQ(table->size(), 3U);
    EXPECT_THAT(warnings,
                ElementsAre(warning("good", "\"input_cost_per_wish\""), warning("negative", "is -1"),
                            warning("search", "\"search_context_size_low\" is \"much\""),
                            warning("ranges", "two numbers of tokens")));
}

TEST(LiteLlmKeys, that_are_left_out_are_listed_in_the_readme_with_the_reason) {
    std::ifstream file(RESPAND_SOURCE_DIR "/lib/pricing/README.md");
    const std::string readme(std::istreambuf_iterator<char>(file), {});
    for (const UnusedKey& unused : litellm_unused_keys()) {
        EXPECT_THAT(readme,
                    HasSubstr("| `" + std::string(unused.key) + "` | " + std::string(unused.reason) + " |"));
        EXPECT_EQ(litellm_key(unused.key)->price, LitellmPrice::unused);
    }
}

TEST(LiteLlmKeys, are_taken_apart) {
    const auto key = litellm_key("cache_creation_input_token_cost_above_1hr_above_200k_tokens_priority");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->meter, Meter::cache_write_1h);
    EXPECT_EQ(key->above_input_tokens, 200'000U);
    EXPECT_EQ(key->service, ServiceTier::priority);
    for (const char* none :
         {"max_tokens", "input_cost_per_token_above_k_tokens", "input_cost_per_token_above_0k_tokens",
          "input_cost_per_token_above_1x8k_tokens", "mode", "", "_priority"})
        EXPECT_FALSE(litellm_key(none)) << none;
}

}  // namespace
}  // namespace respand::pricing
