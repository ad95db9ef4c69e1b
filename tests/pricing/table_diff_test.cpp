// What a comparison of two tables says, and that it says nothing when there is nothing to say.
#include "pricing/table_diff.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pricing/explain.hpp"
#include "table_helper.hpp"

namespace respand::pricing::test {
namespace {

TableDiff diff(const std::string& before, const std::string& after, WallTime at = kArrival) {
    return diff_tables(*table_of(own(before)), *table_of(own(after)), at);
}

TEST(TableDiff, SaysWhatGotDearerAndByHowMuch) {
    const TableDiff found =
        diff(R"("gpt": {"input_per_million": "2.5", "output_per_million": "10", "per_image": "0.04"})",
             R"("gpt": {"input_per_million": "2.75", "output_per_million": "9.9964", "per_image": "0.04"})");
    ASSERT_EQ(found.models.size(), 1U);
    const std::string text = render(found);
    EXPECT_NE(text.find("~  gpt    input   2.5 -> 2.75 USD per 1M tokens (+10 %)"), std::string::npos)
        << text;
    EXPECT_NE(text.find("10 -> 9.9964 USD per 1M tokens (-0.036 %)"), std::string::npos) << text;
    EXPECT_EQ(text.find("image"), std::string::npos) << "what did not change is not mentioned\n" << text;
    EXPECT_NE(text.find("0 added, 0 removed, 1 changed, 0 the same"), std::string::npos) << text;
}

TEST(TableDiff, NamesWhatCameAndWhatWent) {
    const TableDiff found = diff(R"("a": {"input_per_million": "1"}, "b": {"input_per_million": "1"})",
                                 R"("B": {"input_per_million": "1.0"}, "c": {"per_page": "0.5"})");
    EXPECT_EQ(found.count(ModelDiff::Kind::added), 1U);
    EXPECT_EQ(found.count(ModelDiff::Kind::removed), 1U);
    EXPECT_EQ(found.count(ModelDiff::Kind::changed), 0U);
    EXPECT_EQ(found.same, 1U) << "case and spelling of a number are no difference";
    const std::string text = render(found);
    EXPECT_NE(text.find("-  a      removed  input 1 USD per 1M tokens"), std::string::npos) << text;
    EXPECT_NE(text.find("+  c      added    page 0.5 USD per page"), std::string::npos) << text;
}

TEST(TableDiff, APriceThatWasFreeOrIsNoLongerStatedHasNoPercent) {
    const TableDiff found =
        diff(R"("a": {"input_per_million": "0", "output_per_million": "1", "per_page": "1"})",
             R"("a": {"input_per_million": "1", "output_per_million": "1", "per_image": "0"})");
    ASSERT_EQ(found.models.size(), 1U);
    ASSERT_EQ(found.models[0].changes.size(), 3U);
    for (const PriceChange& change : found.models[0].changes) EXPECT_FALSE(change.percent) << change.what;
    const std::string text = render(found);
    EXPECT_NE(text.find("0 -> 1 USD per 1M tokens"), std::string::npos) << text;
    EXPECT_NE(text.find("0 USD per image (new)"), std::string::npos) << text;
    EXPECT_NE(text.find("was 1 USD per page, is no longer stated"), std::string::npos) << text;
}

TEST(TableDiff, TiersHardwareAndWhatGoesBesidePricesAreCompared) {
    const TableDiff found = diff(
        R"("a": {"provider": "x", "input_per_million": "1", "batch": {"input_per_million": "0.5"},
                 "context_tiers": [{"above_input_tokens": 200000, "input_per_million": "2"}]})",
        R"("a": {"provider": "y", "input_per_million": "1", "batch": {"input_per_million": "0.6"},
                 "context_tiers": [{"above_input_tokens": 200000, "input_per_million": "3"}], "bill_failed": true})");
    ASSERT_EQ(found.models.size(), 1U);
    std::vector<std::string> what;
    for (const PriceChange& change : found.models[0].changes) what.push_back(change.what);
    EXPECT_EQ(what, (std::vector<std::string>{"provider", "failed calls", "input from 200001 input tokens",
                                              "batch input"}));
}

TEST(TableDiff, GoesByTheTimeThatIsAskedForAndTellsOfOthers) {
    const std::string old_prices = R"("a": {"input_per_million": "1"})";
    const std::string new_prices =
        R"("a": {"from": "2027-01-01", "input_per_million": "2", "earlier": [{"input_per_million": "1"}]})";
    const TableDiff now = diff(old_prices, new_prices);
    ASSERT_EQ(now.models.size(), 1U);
    ASSERT_EQ(now.models[0].changes.size(), 1U);
    EXPECT_EQ(now.models[0].changes[0].what, "prices of other times");
    EXPECT_EQ(now.models[0].changes[0].to, "always, 2027-01-01");
    const TableDiff later =
        diff(old_prices, new_prices, WallTime{std::chrono::sys_days{std::chrono::year{2027} / 2 / 1}});
    EXPECT_EQ(later.models.at(0).changes.at(0).what, "input");
}

TEST(TableDiff, TellsOfFormerAndComingPricesThatChangedWithoutTheirTimes) {
    const auto prices = [](const char* first, const char* second, const char* third) {
        return std::string(R"("a": {"from": "2027-01-01", "input_per_million": ")") + third +
               R"(", "earlier": [{"from": "2026-01-01", "input_per_million": ")" + second +
               R"("}, {"input_per_million": ")" + first + R"("}]})";
    };
    const WallTime then{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
    EXPECT_TRUE(diff(prices("1", "2", "3"), prices("1", "2", "3"), then).empty());
    const std::string former = render(diff(prices("1", "2", "3"), prices("4", "2", "3"), then));
    EXPECT_NE(former.find("input before 2026-01-01  1 -> 4 USD per 1M tokens (+300 %)"), std::string::npos)
        << former;
    const std::string all = render(diff(prices("1", "2", "3"), prices("2", "3", "4"), then));
    EXPECT_NE(all.find("input before 2026-01-01  1 -> 2"), std::string::npos) << all;
    EXPECT_NE(all.find("input                    2 -> 3"), std::string::npos) << all;
    EXPECT_NE(all.find("input since 2027-01-01   3 -> 4"), std::string::npos) << all;
    EXPECT_NE(all.find("1 changed"), std::string::npos) << all;
}

TEST(TableDiff, SaysOnceThatPricesHaveEnded) {
    const std::string open_end =
        R"("a": {"from": "2026-01-01", "input_per_million": "1", "output_per_million": "2"})";
    const std::string ended =
        R"("a": {"from": "2026-01-01", "until": "2026-05-01", "input_per_million": "1", "output_per_million": "2"})";
    const WallTime then{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
    const TableDiff found = diff(open_end, ended, then);
    ASSERT_EQ(found.models.size(), 1U);
    ASSERT_EQ(found.models[0].changes.size(), 2U);
    const std::string text = render(found);
    EXPECT_NE(text.find("in force -> none in force"), std::string::npos) << text;
    EXPECT_NE(text.find("2026-01-01 -> 2026-01-01 until 2026-05-01"), std::string::npos) << text;
    EXPECT_NE(render(diff(ended, open_end, then)).find("1 USD per 1M tokens (new)"), std::string::npos);
}

TEST(TableDiff, OtherNamesAreCompared) {
    const TableDiff found = diff(
        R"("a": {"input_per_million": "1", "aliases": ["x", "y"]}, "b": {"input_per_million": "1"})",
        R"("a": {"input_per_million": "1", "aliases": ["y"]}, "b": {"input_per_million": "1", "aliases": ["x", "z"]})");
    EXPECT_TRUE(found.models.empty());
    EXPECT_FALSE(found.empty());
    const std::string text = render(found);
    EXPECT_NE(text.find("alias x  name  for a -> b"), std::string::npos) << text;
    EXPECT_NE(text.find("alias z  name  for b"), std::string::npos) << text;
    EXPECT_NE(text.find("other names: 2 differ"), std::string::npos) << text;
}

TEST(TableDiff, AsJsonKeepsPricesExact) {
    const auto json = nlohmann::json::parse(diff_json(diff(
        R"("a": {"input_per_million": "0.1"})", R"("a": {"input_per_million": "0.100000000000000001"})")));
    const auto& change = json["models"][0]["changes"][0];
    EXPECT_EQ(change["from"], "0.1");
    EXPECT_EQ(change["to"], "0.100000000000000001");
    EXPECT_EQ(change["per"], 1'000'000);
    EXPECT_EQ(change["unit"], "token");
    EXPECT_EQ(json["changed"], 1);
}

TEST(ExplanationJson, SaysWhatTheTextSaysWithExactAmounts) {
    const auto table = table_of(own(R"("a": {"provider": "p", "aliases": ["b"], "from": "2026-05-01",
        "input_per_million": "0.1", "output_per_million": "2"})"));
    TokenUsage usage;
    usage.input_text = 3;
    usage.reasoning = 1;
    const auto json =
        nlohmann::json::parse(explanation_json(explain(facts_of("B", usage), *table, kArrival)));
    EXPECT_EQ(json["cost"], "0.0000023");
    EXPECT_EQ(json["cost_source"], "table");
    EXPECT_EQ(json["matched"]["key"], "a");
    EXPECT_EQ(json["matched"]["rule"], "alias");
    EXPECT_EQ(json["matched"]["in_force_since"], "2026-05-01");
    EXPECT_EQ(json["sum"][0]["amount"], "0.0000003");
    EXPECT_EQ(json["sum"][1]["meter"], "reasoning");
    EXPECT_EQ(json["sum"][1]["price_of"], "output");
    const auto unknown =
        nlohmann::json::parse(explanation_json(explain(facts_of("no", usage), *table, kArrival)));
    EXPECT_TRUE(unknown["cost"].is_null());
    EXPECT_EQ(unknown["reason"], "unknown_model");
}

}  // namespace
}  // namespace respand::pricing::test
