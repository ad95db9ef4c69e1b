// A table written in our own format is read back as the same table.
#include "pricing/own_writer.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pricing/table_diff.hpp"
#include "table_helper.hpp"

namespace respand::pricing::test {
namespace {

std::vector<const PriceEntry*> all(const PriceTable& table) {
    std::vector<const PriceEntry*> entries;
    for (const auto part : {table.entries(), table.hardware_entries()})
        for (const PriceEntry& entry : part) entries.push_back(&entry);
    return entries;
}

constexpr const char* kEverything = R"({
  "format": "respand-pricing-1", "version": "2026-11-01",
  "hardware": {"gpu-t4": [{"per_second": "0.00025", "from": "2026-10-01T12:00:00Z"}, {"per_second": "0.000225"}],
               "cpu": {"per_second": "0.0001"}},
  "prefix_rules": [{"prefix": "eu/", "replace_with": ""}, {"prefix": "ft:gpt", "model": "a/text"}],
  "models": {
    "a/text": {"provider": "a", "aliases": ["text", "older-text"], "from": "2026-05-01",
      "input_per_million": "3", "output_per_million": "15.000000000000000001", "cache_read_per_million": 0,
      "context_tiers": [{"above_input_tokens": 200000, "input_per_million": "6"},
                        {"from_input_tokens": 500000, "input_per_million": "9"}],
      "batch": {"input_per_million": "1.5", "context_tiers": [{"from_input_tokens": 128000, "output_per_million": "7"}]},
      "flex": {"output_per_million": "1"}, "holds_up_to_input_tokens": 900000,
      "earlier": [{"input_per_million": "4", "output_per_million": "16", "until": "2025-06-01"},
                  {"from": "2026-01-01", "input_per_million": "3.5", "output_per_million": "16"}]},
    "a/Painter": {"hardware": "GPU-T4", "bill_failed": true, "mixed_output": true},
    "a/poster": {"per_image": "0.04", "per_search": {"low": "0.01", "medium": "0.02", "high": "0.03"},
                 "characters_in_per_million": "15", "per_request": "0.001"},
    "a/searcher": {"input_per_million": "1", "per_search": "0.005"},
    "a/by-hours": {"from": "2026-08-22T16:00:00Z", "input_per_million": "1", "output_per_million": "2",
      "hours": [{"utc": ["06:00-10:00", "01:00-04:30"], "days": ["fri", "mon"], "not_on": ["2026-10-02", "2026-09-25"],
                 "input_per_million": "2", "output_per_million": "4", "batch": {"input_per_million": "1"}, "holds_up_to_input_tokens": 9,
                 "context_tiers": [{"from_input_tokens": 5, "input_per_million": "3"}]},
                {"utc": ["20:00-24:00"], "input_per_million": "0.5"}],
      "earlier": [{"input_per_million": "1", "hours": [{"utc": ["00:00-24:00"], "days": ["sun"], "input_per_million": "0"}]}]}
  }})";

TEST(OwnWriter, ATableIsReadBackAsItWasToTheLastDecimal) {
    std::vector<LoadWarning> warnings;
    const auto before = table_of(kEverything, &warnings);
    ASSERT_TRUE(warnings.empty()) << warnings.front().message;
    const std::string text = write_own_format(*before, all(*before), true);
    const auto after = table_of(text, &warnings);
    EXPECT_TRUE(warnings.empty()) << warnings.front().message << "\n" << text;
    EXPECT_EQ(after->version(), before->version());
    EXPECT_EQ(after->other_names(), before->other_names());
    ASSERT_EQ(after->entries().size(), before->entries().size());
    for (const PriceEntry& entry : before->entries()) {
        const auto match = after->find(entry.key, {});
        ASSERT_TRUE(match) << entry.key;
        EXPECT_EQ(match->entry->key, entry.key);
        EXPECT_EQ(match->entry->provider, entry.provider);
        EXPECT_EQ(match->entry->hardware, entry.hardware);
        EXPECT_EQ(match->entry->bill_failed, entry.bill_failed);
        EXPECT_EQ(match->entry->mixed_output, entry.mixed_output);
        EXPECT_TRUE(match->entry->periods == entry.periods) << entry.key << "\n" << text;
    }
    for (const PriceEntry& entry : before->hardware_entries()) {
        ASSERT_NE(after->hardware(entry.hardware), nullptr);
        EXPECT_TRUE(after->hardware(entry.hardware)->periods == entry.periods) << entry.hardware;
    }
}

TEST(OwnWriter, TheShippedTableIsReadBackAsItWas) {
    const auto before = PriceTable::load({RESPAND_SOURCE_DIR "/conf/pricing.json", "", false}, nullptr);
    ASSERT_TRUE(before) << before.error().message;
    const auto after = table_of(write_own_format(**before, all(**before), true));
    EXPECT_GT(after->size(), 100U);
    EXPECT_TRUE(diff_tables(**before, *after, kArrival).empty());
}

TEST(OwnWriter, APartOfATableHoldsOnlyThatAndTheAliasesOfIt) {
    const auto table = table_of(kEverything);
    const auto json =
        nlohmann::json::parse(write_own_format(*table, {table->find("text", {})->entry}, false));
    EXPECT_EQ(json["models"].size(), 1U);
    EXPECT_EQ(json["models"]["a/text"]["aliases"], (nlohmann::json{"older-text", "text"}));
    EXPECT_FALSE(json.contains("hardware"));
    EXPECT_FALSE(json.contains("prefix_rules"));
}

TEST(SinceText, IsADateWhereThatIsEnough) {
    EXPECT_EQ(since_text(WallTime::min()), "");
    EXPECT_EQ(since_text(WallTime{std::chrono::sys_days{std::chrono::year{2026} / 5 / 1}}), "2026-05-01");
    EXPECT_EQ(
        since_text(WallTime{std::chrono::sys_days{std::chrono::year{2026} / 5 / 1} + std::chrono::hours{12}}),
        "2026-05-01T12:00:00.000000Z");
}

}  // namespace
}  // namespace respand::pricing::test
