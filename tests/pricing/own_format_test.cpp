// Our own format, read into prices; what is wrong with a file, and where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rfc3339.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::cost;
using test::facts_of;
using test::found;
using test::own;
using test::table_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto warning(const std::string& key, const std::string& message) {
    return AllOf(Field(&LoadWarning::file, "test.json"), Field(&LoadWarning::key, key),
                 Field(&LoadWarning::message, HasSubstr(message)));
}

std::string price_of(const Rates& rates, Meter meter) {
    const Money* price = rates.find(meter);
    return price == nullptr ? "none" : price->exact_text();
}

TEST(OwnFormat, reads_every_component_from_the_text_of_the_number) {
    std::vector<LoadWarning> warnings;
    const auto table = table_of(own(R"("m": {"input_per_million": 0.1, "output_per_million": "0.2",
        "cache_read_per_million": 3e-1, "cache_write_per_million": 4, "cache_write_1h_per_million": 5.0,
        "input_audio_per_million": "6", "input_image_per_million": 7, "output_audio_per_million": 8,
        "reasoning_per_million": 0, "holds_up_to_input_tokens": 200000, "provider": "OpenAI", "comment": "c"})"),
                                &warnings);
    EXPECT_THAT(warnings, IsEmpty());
    const PriceEntry& entry = *table->find("m", "")->entry;
    EXPECT_EQ(entry.provider, "openai");
    EXPECT_EQ(entry.origin, "test.json");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::input), "0.0000001");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::output), "0.0000002");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::cache_read), "0.0000003");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::cache_write), "0.000004");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::cache_write_1h), "0.000005");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::input_audio), "0.000006");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::input_image), "0.000007");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::output_audio), "0.000008");
    EXPECT_EQ(price_of(entry.periods.front().base(), Meter::reasoning), "0");
    EXPECT_EQ(entry.periods.front().holds_up_to_input_tokens, 200'000U);
    EXPECT_EQ(table->version(), "2026-10-31");
    EXPECT_EQ(table->size(), 1U);
}

TEST(OwnFormat, keeps_digits_that_a_double_would_lose) {
    const auto table = table_of(own(
        R"("m": {"input_per_million": 0.123456789012345678, "output_per_million": 12345678901.0000001})"));
    EXPECT_EQ(price_of(table->find("m", "")->entry->periods.front().base(), Meter::input),
              "0.000000123456789012345678");
    EXPECT_EQ(price_of(table->find("m", "")->entry->periods.front().base(), Meter::output),
              "12345.6789010000001");
}

TEST(OwnFormat, a_bad_entry_costs_only_itself_and_is_named) {
    std::vector<LoadWarning> warnings;
    const auto table = table_of(own(R"("good": {"input_per_million": 1},
        "negative": {"input_per_million": -1},
        "text": {"input_per_million": 1, "output_per_million": "cheap"},
        "null": {"input_per_million": null},
        "list": [],
        "limit": {"input_per_million": 1, "holds_up_to_input_tokens": 0},
        "whose": {"input_per_million": 1, "provider": 5},
        "": {"input_per_million": 1},
        "empty": {})"),
                                &warnings);
    EXPECT_EQ(table->size(), 1U);
    EXPECT_EQ(found(*table, "good"), "good (exact)");
    EXPECT_EQ(found(*table, "text"), "none") << "half an entry would be priced too low";
    EXPECT_THAT(warnings, ElementsAre(warning("negative", "\"input_per_million\" is -1"),
                                      warning("text", "\"output_per_million\" is \"cheap\""),
                                      warning("null", "\"input_per_million\" is null"),
                                      warning("list", "the entry is a list"),
                                      warning("limit", "\"holds_up_to_input_tokens\" is 0"),
                                      warning("whose", "\"provider\" is 5"), warning("", "1 to 256 bytes"),
                                      warning("empty", "has no price")));
}

TEST(OwnFormat, a_key_that_is_not_known_is_named_and_the_rest_of_the_entry_counts) {
    std::vector<LoadWarning> warnings;
    const auto table = table_of(
        R"({"format": "respand-pricing-1", "models": {"m": {"input_per_million": 1, "output_per_milion": 2}}, "modells": {}})",
        &warnings);
    EXPECT_THAT(warnings, ElementsAre(warning("", "\"modells\""), warning("m", "\"output_per_milion\"")));
    EXPECT_EQ(cost(*table, facts_of("m", {.input_text = 1})), "0.000001");
    EXPECT_EQ(cost(*table, facts_of("m", {.input_text = 1, .output_text = 1})), "no_rate");
}

TEST(OwnFormat, a_model_or_alias_that_stands_twice_is_named) {
    std::vector<LoadWarning> warnings;
    const auto table = table_of(own(R"("m": {"input_per_million": 1}, "M": {"input_per_million": 2},
        "a": {"input_per_million": 3, "aliases": ["x", "m", 5, "", "a"]},
        "b": {"input_per_million": 4, "aliases": ["x"]}, "c": {"input_per_million": 4, "aliases": "y"})"),
                                &warnings);
    EXPECT_EQ(cost(*table, facts_of("m", {.input_text = 1})), "0.000002");
    EXPECT_EQ(found(*table, "x"), "b (alias)");
    EXPECT_EQ(found(*table, "a"), "a (exact)");
    EXPECT_THAT(warnings, ElementsAre(warning("a", "alias 5"), warning("a", "alias \"\""),
                                      warning("c", "\"aliases\" is \"y\""), warning("M", "stands twice"),
                                      warning("a", "alias \"m\" is the name of another model"),
                                      warning("b", "declared for another model too")));
}

TEST(OwnFormat, reads_every_price_there_is_as_what_it_is_for) {
    std::string members;
    for (const MeterInfo& meter : all_meters()) {
        const bool context = meter.meter == Meter::search_low || meter.meter == Meter::search_medium ||
                             meter.meter == Meter::search_high;
        // Each its own number, so that none is taken for another.
        if (!context) {
            members += ", \"" + std::string(meter.key) + "\": \"" +
                       std::to_string(1 + static_cast<int>(meter.meter)) + "\"";
        }
    }
    const auto table = table_of(own("\"m\": {\"comment\": \"all\"" + members + "}"));
    const Rates& rates = table->entries().front().periods.front().base();
    for (const MeterInfo& meter : all_meters()) {
        if (members.find("\"" + std::string(meter.key) + "\"") == std::string::npos) continue;
        const auto number = static_cast<std::uint64_t>(1 + static_cast<int>(meter.meter));
        ASSERT_TRUE(rates.has(meter.meter)) << meter.key;
        EXPECT_EQ(rates.find(meter.meter)->times(meter.per), Money::parse(std::to_string(number)))
            << meter.key;
    }
}

TEST(OwnFormat, reads_tiers_and_dates) {
    const auto table = table_of(own(R"("m": {
        "from": "2026-05-01T02:00:00+02:00", "until": "2026-12-01", "input_per_million": 1,
        "context_tiers": [{"from_input_tokens": 300, "input_per_million": 3}, {"above_input_tokens": 100, "output_per_million": 2}],
        "priority": {"input_per_million": 5, "context_tiers": [{"above_input_tokens": 7, "input_per_million": 6}]},
        "earlier": [{"batch": {"per_image": "0.5"}, "holds_up_to_input_tokens": 9}]})"));
    const PriceEntry& entry = table->entries().front();
    ASSERT_EQ(entry.periods.size(), 2U);
    const PricePeriod& former = entry.periods[0];
    EXPECT_EQ(former.from, WallTime::min());
    EXPECT_EQ(price_of(former.sheet(ServiceTier::batch).base, Meter::image), "0.5");
    EXPECT_EQ(former.holds_up_to_input_tokens, 9U);
    const PricePeriod& now = entry.periods[1];
    EXPECT_EQ(now.from, parse_rfc3339("2026-05-01T00:00:00Z"));
    EXPECT_EQ(now.until, parse_rfc3339("2026-12-01T00:00:00Z"));
    const auto& tiers = now.sheet(ServiceTier::standard).context;
    ASSERT_EQ(tiers.size(), 2U);
    EXPECT_EQ(tiers[0].first_input_tokens, 101U);
    EXPECT_EQ(price_of(tiers[0].rates, Meter::output), "0.000002");
    EXPECT_EQ(tiers[1].first_input_tokens, 300U);
    EXPECT_EQ(now.sheet(ServiceTier::priority).context.front().first_input_tokens, 8U);
}

TEST(OwnFormat, tells_the_line_of_each_fault) {
    std::vector<LoadWarning> warnings;
    table_of(R"({
  "format": "respand-pricing-1",
  "models": {
    "good": {"input_per_million": 1},
    "price": {
      "provider": "p",
      "input_per_million":
        "much"
    },
    "tier": {"input_per_million": 1, "context_tiers": [
      {"above_input_tokens": 5, "input_per_million": 2},
      {"above_input_tokens": 9,
       "output_per_million": []}
    ]},
    "service": {"batch": {
      "input_per_million": -1}},
    "former": {"from": "2026-05-01", "input_per_million": 1, "earlier": [
      {"from": "2026-01-01",
       "input_per_million": true}]},
    "typo": {"input_per_million": 1,
      "imput_per_million": 2}
  },
  "hardware": {
    "gpu": {"per_second": "fast"}
  },
  "prefix_rules": [
    {"prefix": "a", "model": "good"},
    {"prefix": "b"}
  ],
  "extra": 1
})",
             &warnings);
    const auto at = [](std::size_t line, const char* key, const char* message) {
        return AllOf(Field(&LoadWarning::line, line), warning(key, message));
    };
    EXPECT_THAT(warnings, testing::UnorderedElementsAre(
                              at(7, "price", "\"input_per_million\" is \"much\""),
                              at(13, "tier", "\"context_tiers\": \"output_per_million\" is a list"),
                              at(16, "service", "\"batch\": \"input_per_million\" is -1"),
                              at(19, "former", "\"earlier\": \"input_per_million\" is true"),
                              at(21, "typo", "key \"imput_per_million\" is not known"),
                              at(24, "hardware/gpu", "\"per_second\" is \"fast\""),
                              at(28, "prefix_rules", "takes \"model\" or \"replace_with\""),
                              at(30, "", "key \"extra\" is not known")));
}

TEST(OwnFormat, tells_the_line_of_what_makes_it_unreadable) {
    const auto error = [](const std::string& text) {
        const auto table = PriceTable::parse(text, "test.json", nullptr);
        return table ? "loaded" : table.error().message;
    };
    EXPECT_THAT(error("{\n\"format\": \"respand-pricing-9\", \"models\": {}}"),
                AllOf(HasSubstr("test.json:2: key \"format\""), HasSubstr("reads \"respand-pricing-1\"")));
    EXPECT_THAT(error("{\"format\": \"respand-pricing-1\",\n\n\"models\": 5}"),
                HasSubstr("test.json:3: key \"models\""));
    EXPECT_THAT(error("{\"format\": \"respand-pricing-1\",\n\"models\": {},\n\"models\": {}}"),
                HasSubstr("key \"models\" stands twice"));
    EXPECT_THAT(
        error("{\"format\": \"respand-pricing-1\",\n\"models\": {\"m\":\n{\"input_per_million\": \"x\"}}}"),
        HasSubstr("the first fault: line 3, key \"m\""));
}

}  // namespace
}  // namespace respand::pricing
