// Replicate's predictions: what ran, how it ended, and what is no prediction.
#include "base/rfc3339.hpp"
#include "record/read_facts.hpp"

namespace respand {
namespace {

using test::read_members;
using test::read_record;

TEST(Replicate, RunTimeIsPredictTimeAndNotTheTimeInTheQueue) {
    const auto facts =
        read_members(R"("status":"succeeded","metrics":{"predict_time":0.012683,"total_time":25.3})");
    EXPECT_EQ(facts.state, UsageState::present);
    EXPECT_EQ(facts.units, (UnitUsage{.run_seconds = {12'683'000}}));
    EXPECT_EQ(facts.end, CallEnd::succeeded);
}

TEST(Replicate, ARunOfNoTimeIsUsageAsWell) {
    const auto facts = read_members(R"("status":"succeeded","metrics":{"predict_time":0})");
    EXPECT_EQ(facts.state, UsageState::present);
    EXPECT_FALSE(facts.units.any());
}

TEST(Replicate, WhatIsBilledCountsBeforeWhatWasMeasured) {
    const auto facts = read_members(
        R"("status":"succeeded","metrics":{"input_token_count":18,"output_token_count":502,"token_input_count":20,
        "token_output_count":500,"image_count":3,"image_output_count":2,"character_input_count":7,
        "character_output_count":8,"audio_output_duration_seconds":1.5,"video_output_duration_seconds":10})");
    EXPECT_EQ(facts.usage, (TokenUsage{.input_text = 20, .output_text = 500}));
    EXPECT_EQ(facts.units, (UnitUsage{.images = Quantity::of(2),
                                      .characters_in = Quantity::of(7),
                                      .characters_out = Quantity::of(8),
                                      .audio_seconds_out = {1'500'000'000},
                                      .video_seconds_out = Quantity::of(10)}));
}

TEST(Replicate, EveryEndIsTold) {
    const auto end = [](const std::string& status) {
        const auto facts = read_members(R"("status":")" + status +
                                        R"(","metrics":{"predict_time":1.5,"input_token_count":3})");
        EXPECT_EQ(facts.state, UsageState::present) << status;
        return facts.end;
    };
    EXPECT_EQ(end("succeeded"), CallEnd::succeeded);
    EXPECT_EQ(end("failed"), CallEnd::failed);
    EXPECT_EQ(end("canceled"), CallEnd::canceled);
    EXPECT_EQ(end("aborted"), CallEnd::aborted);
    EXPECT_EQ(end("success"), CallEnd::succeeded);
    EXPECT_EQ(end("error"), CallEnd::failed);
}

TEST(Replicate, WhatStillRunsOrIsInAnUnknownStateIsNotBilled) {
    for (const char* status : {"starting", "processing", "queued", "cancelled", "SUCCEEDED"})
        EXPECT_EQ(
            read_members(R"("status":")" + std::string(status) + R"(","metrics":{"predict_time":1.5})").state,
            UsageState::not_terminal)
            << status;
    for (const char* metrics : {"", R"(,"metrics":null)", R"(,"metrics":{})", R"(,"metrics":"none")"})
        EXPECT_EQ(
            read_members(R"("provider":"replicate","status":"processing")" + std::string(metrics)).state,
            UsageState::not_terminal)
            << metrics;
}

TEST(Replicate, WhatNeverRanNeedsNoMetrics) {
    const auto facts = read_members(R"("provider":"replicate","status":"aborted")");
    EXPECT_EQ(facts.state, UsageState::present);
    EXPECT_EQ(facts.end, CallEnd::aborted);
    EXPECT_EQ(facts.usage, TokenUsage{});
    EXPECT_FALSE(facts.units.any());
}

TEST(Replicate, WithoutMetricsItsUsageIsUnknown) {
    for (const char* metrics : {"", R"(,"metrics":null)", R"(,"metrics":{})", R"(,"metrics":[1.5])",
                                R"(,"metrics":{"total_time":3})"})
        EXPECT_EQ(read_members(R"("provider":"replicate","status":"succeeded")" + std::string(metrics)).state,
                  UsageState::absent)
            << metrics;
}

TEST(Replicate, MetricsThatAreNoNumbersAreNotGuessed) {
    for (const char* metrics : {R"("predict_time":"1.5")", R"("predict_time":-1)", R"("predict_time":1e11)",
                                R"("image_output_count":1.5)", R"("predict_time":1,"predict_time":1)"})
        EXPECT_EQ(read_members(R"("status":"succeeded","metrics":{)" + std::string(metrics) + "}").state,
                  UsageState::inconsistent)
            << metrics;
}

TEST(Replicate, ThePlatformsOwnStatusSaysNothingOfAnOrdinaryRecord) {
    for (const char* status : {"success", "error", "failed", "queued"}) {
        const auto facts = read_members(R"("prompt_tokens":3,"metrics":{"latency":2},"status":")" +
                                        std::string(status) + "\"");
        EXPECT_EQ(facts.state, UsageState::present) << status;
        EXPECT_EQ(facts.end, CallEnd::succeeded) << status;
    }
    for (const char* status : {"success", "error", "failed", "processing", "aborted", "queued"}) {
        const auto facts = read_members(R"("prompt_tokens":3,"status":")" + std::string(status) + "\"");
        EXPECT_EQ(facts.state, UsageState::present) << status;
        EXPECT_EQ(facts.end, CallEnd::succeeded) << status;
    }
    for (const char* status : {"success", "error"}) {
        const auto facts = read_record(R"({"model":"replicate/meta/llama","prompt_tokens":3,"status":")" +
                                       std::string(status) + "\"}");
        EXPECT_EQ(facts.state, UsageState::present) << status;
        EXPECT_EQ(facts.end, CallEnd::succeeded) << status;
    }
}

TEST(Replicate, TokensOfTheRecordItselfCountBeforeTheMetrics) {
    const auto facts = read_members(
        R"("status":"succeeded","prompt_tokens":5,"metrics":{"predict_time":2,"input_token_count":3})");
    EXPECT_EQ(facts.usage, (TokenUsage{.input_text = 5}));
    EXPECT_EQ(facts.units, (UnitUsage{.run_seconds = Quantity::of(2)}));
}

TEST(Replicate, PicturesInTheOutputAreCountedWhereTheMetricsDoNot) {
    const auto images = [](const std::string& output, const std::string& metrics = R"("predict_time":1)") {
        return read_members(R"("status":"succeeded","metrics":{)" + metrics + R"(},"output":)" + output)
            .units.images;
    };
    EXPECT_EQ(
        images(R"(["https://replicate.delivery/a/out-0.webp","https://replicate.delivery/a/out-1.png?x=1"])"),
        Quantity::of(2));
    EXPECT_EQ(images(R"("https://replicate.delivery/a/out.jpg")"), Quantity::of(1));
    EXPECT_EQ(images(R"(["https://replicate.delivery/a/out-0.webp"])", R"("image_output_count":4)"),
              Quantity::of(4));
    EXPECT_EQ(images(R"("https://replicate.delivery/a/out.mp4")"), Quantity{});
    EXPECT_EQ(images(R"(["Once"," upon"," a.png"])"), Quantity{});
    EXPECT_EQ(read_members(R"("prompt_tokens":1,"output":["https://x/a.png"])").units.images, Quantity{});
}

TEST(Replicate, TheHardwareIsReadWhereTheRecordNamesIt) {
    EXPECT_EQ(read_members(R"("hardware":"gpu-t4","metrics":{"predict_time":1})").hardware, "gpu-t4");
    EXPECT_EQ(read_members(R"("hardware":{"sku":"gpu-t4"})").hardware, "");
}

TEST(Replicate, ItsOwnTimesCountWhereTheRecordHasNone) {
    const std::string own =
        R"("metrics":{"predict_time":1},"created_at":"2026-01-01T00:00:00Z","completed_at":"2026-01-02T00:00:00Z")";
    EXPECT_EQ(read_members(own).time, parse_rfc3339("2026-01-02T00:00:00Z"));
    EXPECT_EQ(read_members(own + R"(,"start_time":"2026-01-03T00:00:00Z")").time,
              parse_rfc3339("2026-01-03T00:00:00Z"));
    EXPECT_EQ(read_members(R"("prompt_tokens":1,"created_at":"2026-01-01T00:00:00Z")").time, std::nullopt);
}

TEST(RecordTime, ATimeThatCannotBeReadGivesWayToTheNext) {
    EXPECT_EQ(read_members(R"("timestamp":"yesterday","start_time":"2026-01-03T00:00:00Z")").time,
              parse_rfc3339("2026-01-03T00:00:00Z"));
    EXPECT_EQ(read_members(R"("timestamp":"2026-01-04T00:00:00Z","start_time":"2026-01-03T00:00:00Z")").time,
              parse_rfc3339("2026-01-04T00:00:00Z"));
    EXPECT_EQ(read_members(R"("timestamp":1767225600)").time, parse_rfc3339("2026-01-01T00:00:00Z"));
}

TEST(RecordProvider, IsReadByEitherName) {
    EXPECT_EQ(read_members(R"("provider_id":"groq")").provider, "groq");
    EXPECT_EQ(read_members(R"("provider_id":"groq","provider":"xai")").provider, "xai");
}

}  // namespace
}  // namespace respand
