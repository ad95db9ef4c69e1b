// What is counted and kept, and what is shown of it.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "sandbox/server/id_set.hpp"
#include "sandbox/server/latency.hpp"
#include "sandbox/server/lines.hpp"
#include "sandbox/server/tally.hpp"

namespace respand::sandbox {
namespace {

std::string token(std::uint64_t sequence, std::uint64_t sent_ns) {
    char text[64];
    std::snprintf(text, sizeof text, "~bq%012llu.%019llu", static_cast<unsigned long long>(sequence),
                  static_cast<unsigned long long>(sent_ns));
    return text;
}

TEST(IdSet, agrees_with_a_set_of_strings) {
    IdSet ids;
    std::set<std::string> model;
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        const std::string id = "id-" + std::to_string(random() % 8'000);
        const bool fresh = model.insert(id).second;
        ASSERT_EQ(ids.insert(id), fresh ? IdSet::Seen::fresh : IdSet::Seen::duplicate);
    }
    EXPECT_EQ(ids.size(), model.size());
}

TEST(IdSet, when_full_it_still_knows_what_it_holds) {
    IdSet ids(2);
    EXPECT_EQ(ids.insert("a"), IdSet::Seen::fresh);
    EXPECT_EQ(ids.insert("b"), IdSet::Seen::fresh);
    EXPECT_EQ(ids.insert("c"), IdSet::Seen::full);
    EXPECT_EQ(ids.insert("c"), IdSet::Seen::full);
    EXPECT_EQ(ids.insert("a"), IdSet::Seen::duplicate);
    EXPECT_EQ(ids.size(), 2U);
}

TEST(Histogram, percentiles_are_at_most_two_percent_above_the_truth) {
    Histogram histogram;
    std::vector<std::uint64_t> values;
    std::mt19937_64 random(7);
    for (int i = 0; i < 10'000; ++i) values.push_back(random() >> (random() % 60));
    for (const std::uint64_t value : values) histogram.add(value);
    std::ranges::sort(values);
    for (const double percent : {0.0, 10.0, 50.0, 90.0, 99.0, 99.9}) {
        const double truth = static_cast<double>(values[static_cast<std::size_t>(percent / 100 * 10'000)]);
        const double told = static_cast<double>(histogram.percentile(percent));
        EXPECT_GE(told, truth) << percent;
        EXPECT_LE(told, truth * 1.02 + 1) << percent;
    }
    EXPECT_EQ(histogram.max(), values.back());
    EXPECT_EQ(Histogram().percentile(99), 0U);
}

TEST(Tokens, are_found_whatever_stands_around_them) {
    TokenTracker tracker;
    const std::string body =
        "~ ~bq ~bq12.3" + token(0, 100) + "\"},{\"" + token(2, 150) + token(2, 160) + "~bq00000000000";
    const TokenTracker::Scan scan = tracker.scan(body, 1'150);
    EXPECT_EQ(scan.tokens, 3U);
    EXPECT_EQ(scan.fresh, 2U);
    EXPECT_EQ(tracker.unique(), 2U);
    EXPECT_EQ(tracker.missing(), 1U) << "number 1 has not come";
    EXPECT_EQ(tracker.latency().max(), 1'050U);
    EXPECT_EQ(tracker.scan(token(1, 5'000), 100).fresh, 1U);
    EXPECT_EQ(tracker.missing(), 0U);
    EXPECT_EQ(tracker.scan(token(kMaxSequence + 1, 0), 0).untracked, 1U);
}

TEST(LogRing, keeps_the_last_logs_within_both_limits) {
    LogRing ring;
    for (int i = 0; i < 1'500; ++i) ring.push(std::to_string(i));
    EXPECT_EQ(ring.all().size(), LogRing::kMaxLogs);
    EXPECT_EQ(ring.all().front(), "500");
    EXPECT_EQ(ring.json(2), "[1498,\n1499]");
    EXPECT_EQ(ring.json(0), "[]");
    const std::string large(LogRing::kMaxBytes / 3, 'x');
    for (int i = 0; i < 10; ++i) ring.push(large);
    EXPECT_EQ(ring.all().size(), 3U);
}

TEST(Tally, rows_and_ids_add_up) {
    Tally tally;
    tally.accept("{}", "a");
    tally.accept("{}", "a");
    tally.accept("{}", "");
    tally.refuse_row();
    const Stats stats = tally.snapshot();
    EXPECT_EQ(stats.rows_received, 4U);
    EXPECT_EQ(stats.rows_accepted, 3U);
    EXPECT_EQ(stats.rows_refused, 1U);
    EXPECT_EQ(stats.unique_ids + stats.duplicate_ids + stats.rows_without_id, stats.rows_accepted);
    EXPECT_GT(stats.t_first_ns, 0U);
    EXPECT_GE(stats.t_last_ns, stats.t_first_ns);
}

TEST(Tally, counts_unparsed_rows_by_token_or_by_id_key) {
    Tally tally;
    EXPECT_EQ(
        tally.accept_unparsed("{\"logs\":[" + token(0, 1) + "," + token(1, 1) + "," + token(0, 1) + "]}"),
        3U);
    EXPECT_EQ(tally.snapshot().unique_ids, 2U);
    EXPECT_EQ(tally.snapshot().duplicate_ids, 1U);
    EXPECT_EQ(tally.accept_unparsed(R"({"logs":[{"custom_identifier":"x"},{"custom_identifier":"y"}]})"), 2U);
    EXPECT_EQ(tally.snapshot().rows_accepted, 5U);
    EXPECT_EQ(tally.snapshot().untracked_ids, 2U);
}

TEST(StatsJson, is_json_and_spells_the_last_log_as_it_was_sent) {
    Tally tally;
    tally.accept(R"({"model":"m","cost":0.00139220})", "x");
    const std::string text = to_json(tally.snapshot(), 10);
    const auto json = nlohmann::json::parse(text);
    EXPECT_THAT(text, testing::HasSubstr("0.00139220"));
    EXPECT_EQ(json.at("missing_ids"), 9);
    EXPECT_EQ(json.at("last_log").at("model"), "m");
    EXPECT_TRUE(nlohmann::json::parse(to_json(Stats{})).at("last_log").is_null());
}

TEST(Lines, show_what_a_person_looks_for) {
    LogFacts facts{"replicate/meta/llama-3-70b-instruct", "18", "502", "0.0013922", "user_123", "0193-x"};
    const std::string line = accepted_line(WallTime{}, "bulk", facts);
    EXPECT_EQ(line.substr(8),
              " bulk   replicate/meta/llama-3-70b-instruct  18 in / 502 out   cost 0.0013922  "
              "user_123  id 0193-x\n");
    EXPECT_THAT(accepted_line(WallTime{}, "create", {"m", "", "", "", "", ""}),
                testing::ContainsRegex(" create m +- +cost - +- +id -\n"));
    EXPECT_THAT(accepted_line(WallTime{}, "create", {"m", "5", "", "", "", ""}),
                testing::HasSubstr("5 in / - out"));
}

TEST(Lines, input_cannot_steer_the_terminal_nor_flood_it) {
    const std::string evil =
        "a\x1b[31m\n\x7f\xC2\x9b"
        "b";
    EXPECT_THAT(accepted_line(WallTime{}, "bulk", {evil, "", "", "", "", ""}),
                testing::HasSubstr(" a?[31m???b "));
    EXPECT_LT(accepted_line(WallTime{}, "bulk", {std::string(100'000, 'x'), "", "", "", "", ""}).size(),
              400U);
    EXPECT_LT(
        refused_line(WallTime{}, "POST", std::string(60'000, 'x'), 404, std::string(60'000, 'x')).size(),
        900U);
    EXPECT_THAT(body_line("{\"a\":\n1}"), testing::HasSubstr("{\"a\":?1}\n"));
}

}  // namespace
}  // namespace respand::sandbox
