// What the intake notes of prices: labels, coverage, sources, annotations, and models without a price.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "pipeline/model_label.hpp"
#include "pipeline/pricer.hpp"
#include "record/compose.hpp"
#include "support/log_capture.hpp"

namespace respand::pipeline {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kDay = 20717;
constexpr WallTime kArrival{std::chrono::days{kDay}};

std::shared_ptr<const pricing::PriceTable> table_of(const std::string& models,
                                                    const std::string& version = "2026-11-01") {
    auto table = pricing::PriceTable::parse(
        R"({"format":"respand-pricing-1","version":")" + version + R"(","models":{)" + models + "}}", "test",
        nullptr);
    EXPECT_TRUE(table) << table.error().message;
    return *table;
}
const std::string kModels =
    R"("a/model":{"aliases":["other"],"input_per_million":1,"output_per_million":2},"b":{"input_per_million":1})";

RecordFacts facts(std::string_view model, std::uint64_t input = 3) {
    RecordFacts facts;
    facts.model = model;
    facts.usage_state = UsageState::present;
    facts.usage.input_text = input;
    return facts;
}

TEST(ModelLabel, IsShortWholeAndHarmless) {
    EXPECT_EQ(model_label("openai/gpt-4o"), "openai/gpt-4o");
    EXPECT_EQ(model_label("a\nb\x1b[31m\x7f"), "a?b?[31m?");
    EXPECT_EQ(model_label("a\xc2\x9b"
                          "31m\xc2\xa0z"),
              "a?31m\xc2\xa0z")
        << "U+009B is a control character too";
    const std::string at_limit(kMaxModelLabel, 'x');
    EXPECT_EQ(model_label(at_limit), at_limit);
    for (std::size_t lead = 0; lead < 4; ++lead) {
        std::string name(lead, 'x');
        for (int i = 0; i < 100; ++i) name += "ä";
        const std::string label = model_label(name);
        EXPECT_LE(label.size(), kMaxModelLabel);
        EXPECT_TRUE(label.ends_with("ä...")) << label;
        EXPECT_TRUE(Json(label).dump().size() > 0) << "valid UTF-8";
    }
}

TEST(Outcome, HasANameForEverySourceAndReason) {
    EXPECT_EQ(name(outcome_of(pricing::CostSource::app)), "app");
    EXPECT_EQ(name(outcome_of(pricing::CostSource::table)), "table");
    EXPECT_EQ(name(outcome_of(pricing::UnknownReason::unknown_model)), "unknown_model");
    EXPECT_EQ(name(outcome_of(pricing::UnknownReason::not_terminal)), "not_terminal");
    EXPECT_TRUE(is_priced("provider"));
    EXPECT_FALSE(is_priced("no_rate"));
    EXPECT_FALSE(is_priced("none"));
}

using Key = std::tuple<std::int64_t, std::string, std::string>;
std::map<Key, std::uint64_t> summed(const std::vector<spool::Coverage>& rows) {
    std::map<Key, std::uint64_t> all;
    for (const spool::Coverage& row : rows) all[{row.day, row.model, row.outcome}] += row.records;
    return all;
}

TEST(CoverageCounts, AreThoseOfAMapWhateverComes) {
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round) {
        CoverageCounts counts;
        std::map<Key, std::uint64_t> expected;
        const std::size_t models = 1 + random() % CoverageCounts::kMaxModels / 2;  // two days each
        for (int i = 0; i < 3000; ++i) {
            const std::string model = "model-" + std::to_string(random() % models);
            const auto outcome = static_cast<Outcome>(random() % kOutcomes);
            const std::int64_t day = kDay + static_cast<std::int64_t>(random() % 2);
            counts.count(model, outcome, day);
            ++expected[{day, model, std::string(name(outcome))}];
        }
        EXPECT_EQ(summed(counts.peek()), expected);
        EXPECT_EQ(summed(counts.take()), expected);
        EXPECT_TRUE(counts.take().empty());
    }
}

TEST(CoverageCounts, AreBoundedWhateverNamesComeAndLoseNoRecord) {
    CoverageCounts counts;
    constexpr std::uint64_t kNames = 5000;
    for (std::uint64_t i = 0; i < kNames; ++i)
        counts.count("made-up-" + std::to_string(i), outcome_of(pricing::UnknownReason::unknown_model), kDay);
    const auto rows = counts.take();
    EXPECT_EQ(rows.size(), CoverageCounts::kMaxModels + 1);
    EXPECT_EQ(rows.back().model, "(others)");
    EXPECT_EQ(rows.back().records, kNames - CoverageCounts::kMaxModels);
    counts.count("made-up-1", outcome_of(pricing::CostSource::table), kDay);
    EXPECT_EQ(counts.take().front().model, "made-up-1") << "there is room again";
}

TEST(CoverageCounts, KeepLabelsOfLongNames) {
    CoverageCounts counts;
    counts.count(std::string(1'000'000, 'x'), outcome_of(pricing::CostSource::app), kDay);
    counts.count(std::string(2'000'000, 'x'), outcome_of(pricing::CostSource::app), kDay);
    const auto rows = counts.take();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].model, model_label(std::string(500, 'x')));
    EXPECT_EQ(rows[0].records, 2U);
}

TEST(Sources, AreNumberedOnceForEachEntryAndRule) {
    ManualClock clock;
    Pricer pricer(table_of(kModels), clock);
    const auto first = pricer.price(facts("a/model"), kArrival).source;
    const auto by_alias = pricer.price(facts("other"), kArrival).source;
    EXPECT_NE(first, spool::kNoSource);
    EXPECT_NE(first, by_alias) << "the rule is part of it";
    EXPECT_EQ(pricer.price(facts("a/model"), kArrival).source, first);
    EXPECT_EQ(pricer.price(facts("nobody"), kArrival).source, spool::kNoSource);
    const auto fresh = pricer.take_new_sources();
    ASSERT_EQ(fresh.size(), 2U);
    EXPECT_EQ(fresh[0], (spool::Source{first, pricer.table().id(), "2026-11-01", "a/model", "exact"}));
    EXPECT_EQ(fresh[1], (spool::Source{by_alias, pricer.table().id(), "2026-11-01", "a/model", "alias"}));
    EXPECT_TRUE(pricer.take_new_sources().empty());
}

TEST(Sources, GoOnAfterARestartAndAReloadOfTheSameTableAndAreNewForAnother) {
    ManualClock clock;
    const auto table = table_of(kModels);
    Pricer pricer(table, clock);
    pricer.resume(
        {{41, table->id(), table->version(), "a/model", "exact"}, {42, "sha256:other", "", "b", "exact"}},
        43);
    EXPECT_EQ(pricer.price(facts("a/model"), kArrival).source, 41U);
    EXPECT_EQ(pricer.price(facts("b"), kArrival).source, 43U) << "42 is of another table";
    EXPECT_EQ(pricer.take_new_sources().size(), 1U);
    pricer.set_table(table_of(kModels));
    EXPECT_EQ(pricer.price(facts("a/model"), kArrival).source, 41U);
    EXPECT_EQ(pricer.price(facts("b"), kArrival).source, 43U);
    EXPECT_TRUE(pricer.take_new_sources().empty());
    pricer.set_table(table_of(kModels, "2026-12-01"));
    EXPECT_EQ(pricer.price(facts("a/model"), kArrival).source, 44U);
    EXPECT_EQ(pricer.take_new_sources().at(0).table_version, "2026-12-01");
}

TEST(Sources, LeaveTheTableThatGoesToItsLastHolderToFree) {
    ManualClock clock;
    std::weak_ptr<const pricing::PriceTable> old;
    auto table = table_of(kModels);
    old = table;
    Pricer pricer(std::move(table), clock);
    pricer.price(facts("a/model"), kArrival);
    auto gone = pricer.set_table(table_of(kModels, "2026-12-01"));
    EXPECT_EQ(gone.use_count(), 1) << "freed where the caller lets go of it, and nowhere else";
    gone.reset();
    EXPECT_TRUE(old.expired());
}

TEST(Sources, OfATableThatGoesAreNotMistakenForThoseOfTheNext) {
    ManualClock clock;
    auto table = table_of(R"("a":{"input_per_million":1})");
    Pricer pricer(table, clock);
    for (int i = 0; i < 50; ++i) {  // freed entries' memory is used again by the next table
        const std::string key = "model-" + std::to_string(i);
        pricer.set_table(table_of("\"" + key + "\":{\"input_per_million\":1}"));
        table.reset();
        pricer.price(facts(key), kArrival);
        const auto fresh = pricer.take_new_sources();
        ASSERT_EQ(fresh.size(), 1U);
        EXPECT_EQ(fresh[0].key, key);
    }
}

Json annotation_of(Pricer& pricer, const RecordFacts& record) {
    return Json::parse("{" + std::string(pricer.price(record, kArrival).metadata) + "}");
}

TEST(Annotation, SaysWhereACostCameFromOrWhyThereIsNone) {
    ManualClock clock;
    Pricer pricer(table_of(kModels), clock);
    EXPECT_EQ(annotation_of(pricer, facts("a/model")), Json::object()) << "off unless asked for";
    pricer.set_annotate(true);
    EXPECT_EQ(annotation_of(pricer, facts("other")), Json({{"respand_cost_source", "table"},
                                                           {"respand_price_table", pricer.table().id()},
                                                           {"respand_price_version", "2026-11-01"},
                                                           {"respand_price_key", "a/model"},
                                                           {"respand_price_rule", "alias"}}));
    EXPECT_EQ(annotation_of(pricer, facts("nobody")), Json({{"respand_cost_source", "unknown_model"}}));
    RecordFacts own = facts("a/model");
    own.has_cost = true;
    EXPECT_EQ(annotation_of(pricer, own), Json({{"respand_cost_source", "app"}}));
}

TEST(Annotation, StaysWithinItsReserveWhateverTheTableHolds) {
    ManualClock clock;
    const std::string key = std::string(80, '\x01') + std::string(170, 'x');
    Pricer pricer(table_of(Json(key).dump() + R"(:{"input_per_million":1})", std::string(3000, '9')), clock);
    pricer.set_annotate(true);
    const Json json = annotation_of(pricer, facts(key));
    EXPECT_EQ(json["respand_price_version"], std::string(64, '9'));
    EXPECT_TRUE(key.starts_with(json["respand_price_key"].get<std::string>()));
    std::string out;
    append_record(out, R"({"model":"m","metadata":{}})",
                  {.timestamp = "2026-09-21T14:13:20.000000Z",
                   .custom_identifier = "01a2033e-c8a3-7052-852a-78667edecb52",
                   .cost = "123456789012345.123456789012",
                   .metadata = pricer.price(facts(key), kArrival).metadata});
    EXPECT_LE(out.size(), std::string_view(R"({"model":"m","metadata":{}})").size() + kAddedFieldsReserve);
}

TEST(UnknownModels, AreNamedOnceUntilThereIsAnotherTable) {
    ManualClock clock;
    const test::LogCapture log;
    Pricer pricer(table_of(kModels), clock);
    for (int i = 0; i < 1000; ++i) {
        pricer.price(facts("our/finetune"), kArrival);
        clock.advance(std::chrono::minutes{1});
    }
    EXPECT_EQ(log.count("no price for model 'our/finetune'"), 1U);
    pricer.set_table(table_of(kModels));
    pricer.price(facts("our/finetune"), kArrival);
    EXPECT_EQ(log.count("no price for model 'our/finetune'"), 2U);
}

TEST(UnknownModels, AreNamedWithTheProviderThatTheRecordStates) {
    ManualClock clock;
    const test::LogCapture log;
    UnknownModels unknown;
    unknown.seen("gpt-x", "azure\n", clock.steady());
    EXPECT_EQ(log.count("no price for model 'gpt-x' of provider 'azure?': its records"), 1U);
}

TEST(UnknownModels, ThatTheRateLimitHeldBackAreNamedByALaterRecord) {
    ManualClock clock;
    const test::LogCapture log;
    UnknownModels unknown;
    constexpr int kModelsSent = 30;
    for (int round = 0; round < kModelsSent; ++round) {
        for (int i = 0; i < kModelsSent; ++i) unknown.seen("m" + std::to_string(i) + "!", "", clock.steady());
        clock.advance(LogLimiter::kInterval);
    }
    for (int i = 0; i < kModelsSent; ++i) EXPECT_EQ(log.count("'m" + std::to_string(i) + "!'"), 1U) << i;
}

TEST(UnknownModels, AreRememberedUpToABoundAndThatIsSaid) {
    ManualClock clock;
    const test::LogCapture log;
    UnknownModels unknown;
    for (std::size_t i = 0; i < UnknownModels::kMaxNames + 100; ++i) {
        unknown.seen("made-up-" + std::to_string(i), "", clock.steady());
        clock.advance(LogLimiter::kInterval);
    }
    EXPECT_EQ(unknown.named(), UnknownModels::kMaxNames);
    EXPECT_EQ(log.count("no price for model"), UnknownModels::kMaxNames);
    EXPECT_EQ(log.count("respanctl price coverage lists them"), 1U);
}

}  // namespace
}  // namespace respand::pipeline
