// conf/pricing.json against what vendors print on their price pages and in their worked examples. The figures
// here are theirs, not computed from the table.
#include <gtest/gtest.h>

#include "base/rfc3339.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::cost;
using test::facts_of;
using test::found;

constexpr std::uint64_t kMillion = 1'000'000;

class ShippedPrices : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        auto table = PriceTable::load({RESPAND_SOURCE_DIR "/conf/pricing.json", ""}, nullptr);
        ASSERT_TRUE(table) << table.error().message;
        table_ = *table;
    }
    static void TearDownTestSuite() { table_.reset(); }

    static std::string tokens(std::string_view model, TokenUsage usage,
                              ServiceTier tier = ServiceTier::standard,
                              const char* time = "2026-11-01T00:00:00Z") {
        RecordFacts facts = facts_of(model, usage);
        facts.service_tier = tier;
        facts.time = parse_rfc3339(time);
        return cost(*table_, facts);
    }
    static std::string units(std::string_view model, Quantity UnitUsage::* unit, std::uint64_t count,
                             std::string_view hardware = {}) {
        RecordFacts facts = facts_of(model, {});
        facts.units.*unit = Quantity::of(count);
        facts.hardware = hardware;
        facts.time = parse_rfc3339("2026-11-01T00:00:00Z");
        return cost(*table_, facts);
    }
    static inline std::shared_ptr<const PriceTable> table_;
};

TEST_F(ShippedPrices, cached_input_and_writes_for_an_hour) {
    EXPECT_EQ(tokens("anthropic/claude-sonnet-4-5", {.input_text = 100,
                                                     .cache_read = 1'000,
                                                     .cache_write_5m = 200,
                                                     .cache_write_1h = 300,
                                                     .output_text = 50}),
              "0.0039");
    // Anthropic's example of an hour with Opus: $5 and $25 a million, 40,000 of 50,000 read from the cache.
    EXPECT_EQ(tokens("claude-opus-5", {.input_text = 10'000, .cache_read = 40'000, .output_text = 15'000}),
              "0.445");
    EXPECT_EQ(tokens("claude-opus-5-5", {.cache_read = kMillion}), "0.2") << "a twentieth, not a tenth";
    EXPECT_EQ(tokens("claude-sonnet-5-5", {.cache_read = kMillion}), "0.1") << "a twentieth as well";
    EXPECT_EQ(
        tokens("claude-sonnet-5-5", {.cache_read = kMillion}, ServiceTier::standard, "2026-10-06T23:59:59Z"),
        "0.2")
        << "before the price was halved";
}

TEST_F(ShippedPrices, a_large_request_is_dearer_as_a_whole) {
    EXPECT_EQ(tokens("gemini-2.5-pro", {.input_text = 200'000, .output_text = 1'000}), "0.26");
    EXPECT_EQ(tokens("gemini-2.5-pro", {.input_text = 200'001, .output_text = 1'000}), "0.5150025");
    EXPECT_EQ(tokens("claude-sonnet-4-5", {.input_text = 300'000, .output_text = 1'000}), "1.8225");
    EXPECT_EQ(tokens("claude-sonnet-4-6", {.input_text = 300'000, .output_text = 1'000}), "0.915")
        << "a million tokens of context at the standard price";
    EXPECT_EQ(tokens("gpt-5.5", {.input_text = 272'000}), "1.36");
    EXPECT_EQ(tokens("gpt-5.5", {.input_text = 272'001}), "2.72001");
    EXPECT_EQ(tokens("claude-haiku-5-5", {.input_text = 100'000}), "0.01");
    EXPECT_EQ(tokens("claude-haiku-5-5", {.input_text = 100'001}), "0.0500005");
}

TEST_F(ShippedPrices, a_large_request_to_grok_begins_at_the_threshold) {
    EXPECT_EQ(tokens("grok-4.5", {.input_text = 199'999}), "0.399998");
    EXPECT_EQ(tokens("grok-4.5", {.input_text = 200'000}), "0.8");
    EXPECT_EQ(tokens("grok-4-1-fast-reasoning", {.input_text = 128'000}), "0.0512");
}

TEST_F(ShippedPrices, service_tiers) {
    const TokenUsage each{.input_text = kMillion / 10, .output_text = kMillion / 10};
    EXPECT_EQ(tokens("gpt-5", each), "1.125");
    EXPECT_EQ(tokens("gpt-5", each, ServiceTier::flex), "0.5625");
    EXPECT_EQ(tokens("gpt-5", each, ServiceTier::priority), "2.25");
    EXPECT_EQ(tokens("gpt-5", each, ServiceTier::batch), "0.5625");
    EXPECT_EQ(tokens("gpt-6.1-sol", each, ServiceTier::priority), "2.4");
    EXPECT_EQ(tokens("claude-haiku-4-5", each, ServiceTier::batch), "0.3");
    EXPECT_EQ(tokens("gemini-3.1-flash-lite", each, ServiceTier::batch), "0.0875");
    EXPECT_EQ(tokens("bedrock/us.meta.llama4-scout-17b-instruct-v1:0", each, ServiceTier::batch), "0.0415");
}

TEST_F(ShippedPrices, a_large_request_by_a_discounted_service_is_half_a_large_one) {
    const TokenUsage large{.input_text = 300'000, .cache_read = 100'000, .output_text = 10'000};
    EXPECT_EQ(tokens("gpt-5.4", large), "1.775");
    EXPECT_EQ(tokens("gpt-5.4", large, ServiceTier::flex), "0.8875");
    EXPECT_EQ(tokens("gpt-5.4", large, ServiceTier::batch), "0.8875");
    EXPECT_EQ(tokens("gpt-5.5", large, ServiceTier::batch), "1.775");
    EXPECT_EQ(tokens("gpt-5.4-pro", {.input_text = 300'000}, ServiceTier::flex), "9");
    EXPECT_EQ(tokens("gpt-5.6-terra", large, ServiceTier::batch), "0.71");
    EXPECT_EQ(tokens("gpt-5.6-sol", large, ServiceTier::batch, "2026-08-01T00:00:00Z"), "1.775");
    EXPECT_EQ(
        tokens("gemini-3.1-pro-preview", {.input_text = 300'000, .output_text = 10'000}, ServiceTier::batch),
        "0.69");
    EXPECT_EQ(tokens("global.anthropic.claude-sonnet-4-5-20250929-v1:0",
                     {.input_text = 300'000, .output_text = 10'000}, ServiceTier::batch),
              "1.0125");
}

TEST_F(ShippedPrices, what_a_discounted_service_reads_from_a_cache_or_hears) {
    EXPECT_EQ(tokens("gpt-5.4-mini", {.cache_read = kMillion / 10}, ServiceTier::batch), "0.00375");
    EXPECT_EQ(tokens("gpt-5.5", {.cache_read = kMillion / 10}, ServiceTier::batch), "0.025");
    EXPECT_EQ(tokens("gpt-4.1", {.cache_read = kMillion / 10}, ServiceTier::batch), "0.05")
        << "cached input has no price of its own there";
    EXPECT_EQ(tokens("gemini-3.1-flash-lite", {.input_audio = kMillion}), "0.5");
    EXPECT_EQ(tokens("gemini-3.1-flash-lite", {.input_audio = kMillion}, ServiceTier::batch), "0.25");
    EXPECT_EQ(tokens("gemini-3.1-flash-lite", {.cache_read_audio = kMillion}), "0.05");
}

TEST_F(ShippedPrices, pictures_of_gemini_at_once_and_in_batch) {
    const TokenUsage picture{.input_text = 1'000, .output_image = 1'120};
    EXPECT_EQ(tokens("gemini-3.1-flash-image-preview", picture), "0.0677");
    EXPECT_EQ(tokens("gemini-3.1-flash-image-preview", picture, ServiceTier::batch), "0.03385");
    EXPECT_EQ(tokens("gemini-3-pro-image-preview", picture), "0.1364");
    EXPECT_EQ(tokens("gemini-3-pro-image-preview", picture, ServiceTier::batch), "0.0682");
}

TEST_F(ShippedPrices, the_price_of_the_day_counts) {
    const TokenUsage each{.input_text = 200'000, .output_text = 200'000};
    const auto then = [&](std::string_view model, const char* day) {
        return tokens(model, each, ServiceTier::standard, day);
    };
    EXPECT_EQ(then("o3", "2025-06-09T23:59:59Z"), "10");
    EXPECT_EQ(then("o3", "2025-06-10T00:00:00Z"), "2");
    EXPECT_EQ(then("gpt-4o", "2024-06-01T00:00:00Z"), "4");
    EXPECT_EQ(then("gpt-4o", "2024-11-01T00:00:00Z"), "2.5");
    EXPECT_EQ(then("gpt-4o-2024-05-13", "2024-11-01T00:00:00Z"), "4");
    EXPECT_EQ(then("gpt-5.6-sol", "2026-08-20T23:59:59Z"), "7");
    EXPECT_EQ(then("gpt-5.6-sol", "2026-08-21T00:00:00Z"), "4.8");
    EXPECT_EQ(then("gpt-5.6-sol", "2026-11-21T23:59:59Z"), "4.8");
    EXPECT_EQ(then("gpt-5.6-sol", "2026-11-22T00:00:00Z"), "no_rate") << "promised no longer";
    EXPECT_EQ(then("mistral-large-4", "2026-10-19T23:59:59Z"), "0.554");
    EXPECT_EQ(then("mistral-large-4", "2026-10-20T00:00:00Z"), "1.108") << "that was a launch price";
    EXPECT_EQ(then("mistral-large-4-0", "2026-10-29T00:00:00Z"), "no_rate") << "readings differ since";
    EXPECT_EQ(then("mistral-small-latest", "2026-03-15T23:59:59Z"), "0.08");
    EXPECT_EQ(then("mistral-small-latest", "2026-03-16T00:00:00Z"), "0.15");
    EXPECT_EQ(then("gemini-4-argon", "2026-11-30T23:59:59Z"), "2.4") << "introductory, as announced";
    EXPECT_EQ(then("gemini-4-argon", "2026-12-01T00:00:00Z"), "4.8");
    EXPECT_EQ(then("mistral-medium-latest", "2026-06-15T00:00:00Z"), "0.48");
    EXPECT_EQ(then("mistral-medium-latest", "2026-06-16T00:00:00Z"), "1.8");
    EXPECT_EQ(then("gemini-3.8-flash", "2026-12-31T23:59:59Z"), "0.9") << "introductory, as announced";
    EXPECT_EQ(then("gemini-3.8-flash", "2027-01-01T00:00:00Z"), "1.8");
    EXPECT_EQ(then("deepseek-v4-pro", "2026-08-16T15:59:59Z"), "0.261");
    EXPECT_EQ(then("deepseek-v4-pro", "2026-08-16T16:00:00Z"), "0.528");
    EXPECT_EQ(then("gpt-6-astra", "2026-09-02T00:00:00Z"), "no_rate") << "there was none yet";
}

TEST_F(ShippedPrices, of_deepseek_are_twice_as_high_in_its_peak_hours) {
    const TokenUsage each{.input_text = kMillion, .cache_read = kMillion, .output_text = kMillion};
    const auto then = [&](std::string_view model, const char* time) {
        return tokens(model, each, ServiceTier::standard, time);
    };
    EXPECT_EQ(then("deepseek-v4-pro", "2026-11-27T00:59:59Z"), "2.662") << "0.022 + 0.66 + 1.98";
    EXPECT_EQ(then("deepseek-v4-pro", "2026-11-27T01:00:00Z"), "5.324");
    EXPECT_EQ(then("deepseek-v4-pro", "2026-11-27T04:00:00Z"), "2.662");
    EXPECT_EQ(then("deepseek-v4-pro", "2026-11-27T09:59:59Z"), "5.324");
    EXPECT_EQ(then("deepseek-v4-pro", "2026-11-28T09:00:00Z"), "2.662") << "a Saturday";
    EXPECT_EQ(then("deepseek-v4-pro", "2026-08-22T09:00:00Z"), "5.324")
        << "a Saturday before weekends were left out";
    EXPECT_EQ(then("deepseek-v4-pro", "2026-08-23T09:00:00Z"), "2.662") << "the first Sunday";
    EXPECT_EQ(then("deepseek-v4-pro", "2026-09-25T09:00:00Z"), "2.662") << "Mid-Autumn, a Friday";
    EXPECT_EQ(then("deepseek-v4-pro", "2026-10-07T09:00:00Z"), "2.662") << "National Day's last, a Wednesday";
    EXPECT_EQ(then("deepseek-v4-pro", "2026-10-08T09:00:00Z"), "5.324");
    EXPECT_EQ(then("deepseek-v4-pro", "2027-02-01T09:00:00Z"), "no_rate")
        << "that year's holidays are not known";
    EXPECT_EQ(then("deepseek-flash", "2026-11-27T12:00:00Z"), "0.753") << "0.003 + 0.15 + 0.6";
    EXPECT_EQ(then("deepseek-flash", "2026-11-27T02:00:00Z"), "1.506");
    for (const char* former : {"deepseek-v4-flash", "deepseek/deepseek-v4-flash-vision-exp"}) {
        EXPECT_EQ(then(former, "2026-09-09T12:00:00Z"), "0.887") << "0.007 + 0.22 + 0.66";
        EXPECT_EQ(then(former, "2026-09-09T08:00:00Z"), "1.774");
        EXPECT_EQ(then(former, "2026-09-10T12:00:00Z"), "0.753") << "served and billed as Flash";
    }
    EXPECT_EQ(then("deepseek-v4-flash", "2026-08-16T15:00:00Z"), "0.4228") << "before there were such hours";
    EXPECT_EQ(then("deepseek-chat", "2026-09-09T12:00:00Z"), "no_rate") << "no longer answered";
}

TEST_F(ShippedPrices, sound_and_pictures_have_prices_of_their_own) {
    EXPECT_EQ(tokens("gpt-realtime", {.input_audio = kMillion / 10, .output_audio = kMillion / 10}), "9.6");
    EXPECT_EQ(tokens("gpt-realtime", {.cache_read_audio = kMillion / 10}), "0.04");
    EXPECT_EQ(tokens("gemini-2.5-flash", {.input_audio = kMillion}), "1");
    // The price page: one picture of 1290 tokens is $0.039; a high one of gpt-image-1, 4160 tokens, $0.167.
    EXPECT_EQ(tokens("gemini-2.5-flash-image", {.output_image = 1'290}), "0.0387");
    EXPECT_EQ(tokens("gemini-2.5-flash-image", {.output_text = 1'290}), "no_rate")
        << "whether these were a picture is not said";
    EXPECT_EQ(tokens("gpt-image-1", {.output_image = 4'160}), "0.1664");
    EXPECT_EQ(tokens("text-embedding-3-small", {.input_text = kMillion}), "0.02");
    EXPECT_EQ(tokens("omni-moderation-latest", {.input_text = kMillion}), "0");
}

TEST_F(ShippedPrices, other_units) {
    EXPECT_EQ(units("whisper-1", &UnitUsage::audio_seconds_in, 60), "0.006") << "a minute";
    EXPECT_EQ(units("tts-1", &UnitUsage::characters_in, 1'000), "0.015");
    EXPECT_EQ(units("mistral/mistral-ocr-4-0", &UnitUsage::pages, 1'000), "4");
    EXPECT_EQ(units("imagen-4.0-ultra-generate-001", &UnitUsage::images, 1), "0.06");
    EXPECT_EQ(units("gemini/veo-2.0-generate-001", &UnitUsage::video_seconds_out, 8), "2.8");
    EXPECT_EQ(units("sora-2", &UnitUsage::video_seconds_out, 10), "1");
    RecordFacts asked = facts_of("claude-opus-5", {.input_text = 1'000});
    asked.units.searches = Quantity::of(1'000);
    EXPECT_EQ(cost(*table_, asked), "10.005") << "$10 for 1,000 searches";
}

TEST_F(ShippedPrices, pictures_films_and_speech_of_replicate) {
    EXPECT_EQ(units("black-forest-labs/flux-schnell", &UnitUsage::images, 1'000), "3");
    EXPECT_EQ(units("black-forest-labs/flux-pro", &UnitUsage::images, 1), "0.055");
    EXPECT_EQ(units("replicate/black-forest-labs/flux-1.1-pro-ultra", &UnitUsage::images, 1), "0.06");
    EXPECT_EQ(units("recraft-ai/recraft-v3-svg", &UnitUsage::images, 1), "0.08");
    EXPECT_EQ(units("stability-ai/stable-diffusion-3.5-large", &UnitUsage::images, 2), "0.13");
    EXPECT_EQ(units("kwaivgi/kling-v2.5-turbo-pro", &UnitUsage::video_seconds_out, 5), "0.35");
    EXPECT_EQ(units("luma/ray-2-720p", &UnitUsage::video_seconds_out, 5), "0.9");
    EXPECT_EQ(units("resemble-ai/chatterbox", &UnitUsage::characters_in, 1'000), "0.025");
    EXPECT_EQ(tokens("replicate/google/gemini-2.5-flash", {.input_text = kMillion, .output_text = kMillion}),
              "2.8");
}

TEST_F(ShippedPrices, an_hour_of_hardware) {
    struct Rate {
        const char* hardware;
        const char* hour;
        const char* second;
    };
    // Replicate's price page, by the second and by the hour.
    for (const Rate& rate : std::initializer_list<Rate>{
             {"cpu", "0.36", "0.0001"},
             {"gpu-t4", "0.81", "0.000225"},
             {"gpu-a40-small", "2.07", "0.000575"},
             {"gpu-a40-large", "2.61", "0.000725"},
             {"gpu-a40-large-2x", "5.22", "0.00145"},
             {"gpu-a40-large-4x", "10.44", "0.0029"},
             {"gpu-a40-large-8x", "20.88", "0.0058"},
             {"gpu-l40s", "3.51", "0.000975"},
             {"gpu-l40s-2x", "7.02", "0.00195"},
             {"gpu-l40s-4x", "14.04", "0.0039"},
             {"gpu-l40s-8x", "28.08", "0.0078"},
             {"gpu-2x-l40s", "7.02", "0.00195"},
             {"gpu-4x-l40s", "14.04", "0.0039"},
             {"gpu-8x-l40s", "28.08", "0.0078"},
             {"gpu-a100-large", "5.04", "0.0014"},
             {"gpu-a100-large-2x", "10.08", "0.0028"},
             {"gpu-a100-large-4x", "20.16", "0.0056"},
             {"gpu-a100-large-8x", "40.32", "0.0112"},
             {"gpu-h100", "5.49", "0.001525"},
             {"gpu-h100-2x", "10.98", "0.00305"},
             {"gpu-h100-4x", "21.96", "0.0061"},
             {"gpu-h100-8x", "43.92", "0.0122"},
         }) {
        EXPECT_EQ(units("acme/own-model", &UnitUsage::run_seconds, 3'600, rate.hardware), rate.hour)
            << rate.hardware;
        EXPECT_EQ(units("acme/own-model", &UnitUsage::run_seconds, 1, rate.hardware), rate.second)
            << rate.hardware;
    }
    EXPECT_EQ(table_->hardware_entries().size(), 22U) << "each of them stands above";
    EXPECT_EQ(units("vaibhavs10/incredibly-fast-whisper", &UnitUsage::run_seconds, 4), "0.0039");
}

TEST_F(ShippedPrices, of_gemini_2_flash_are_higher_on_vertex) {
    const TokenUsage each{.input_text = kMillion, .output_text = kMillion};
    EXPECT_EQ(tokens("gemini-2.0-flash-001", each), "0.5");
    EXPECT_EQ(tokens("google/gemini-2.0-flash", each), "0.5");
    for (const char* model : {"gemini-2.0-flash", "gemini-2.0-flash-001"}) {
        EXPECT_EQ(tokens("vertex_ai/" + std::string(model), each), "0.75");
        EXPECT_EQ(found(*table_, model, "vertex_ai").substr(0, 26), "vertex_ai/gemini-2.0-flash");
        EXPECT_EQ(found(*table_, model, "google").substr(0, 23), "gemini/gemini-2.0-flash");
    }
}

TEST_F(ShippedPrices, bedrock_is_dearer_within_a_region_where_its_page_says_so) {
    const TokenUsage each{.input_text = kMillion / 10, .output_text = kMillion / 10};
    EXPECT_EQ(tokens("bedrock/anthropic.claude-haiku-4-5-20251001-v1:0", each), "0.6");
    EXPECT_EQ(tokens("bedrock/global.anthropic.claude-haiku-4-5-20251001-v1:0", each), "0.6");
    EXPECT_EQ(tokens("us.anthropic.claude-haiku-4-5-20251001-v1:0", each), "0.66");
    EXPECT_EQ(tokens("us.meta.llama3-3-70b-instruct-v1:0", each), "0.144");
    EXPECT_EQ(tokens("bedrock/eu-central-1/meta.llama3-2-1b-instruct-v1:0", each), "0.026");
    EXPECT_EQ(tokens("eu.meta.llama3-2-1b-instruct-v1:0", each), "unknown_model")
        << "which region is not said";
    EXPECT_EQ(tokens("bedrock/sa-east-1/meta.llama3-8b-instruct-v1:0", each), "0.151");
    EXPECT_EQ(tokens("bedrock/us-east-1/meta.llama3-8b-instruct-v1:0", each), "0.09");
}

}  // namespace
}  // namespace respand::pricing
