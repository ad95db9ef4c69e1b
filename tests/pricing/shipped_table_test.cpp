// conf/pricing.json, the table that comes with respand: that it is whole, and that its names lead where they
// should. shipped_prices_test.cpp holds its figures against the vendors'.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/rfc3339.hpp"
#include "pricing/provider.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using nlohmann::json;
using test::cost;
using test::facts_of;
using test::found;

constexpr const char* kFile = RESPAND_SOURCE_DIR "/conf/pricing.json";

class ShippedTable : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        std::vector<LoadWarning> warnings;
        auto table = PriceTable::load({kFile, ""}, &warnings);
        ASSERT_TRUE(table) << table.error().message;
        for (const LoadWarning& warning : warnings) ADD_FAILURE() << warning.key << ": " << warning.message;
        table_ = *table;
        std::ifstream in(kFile);
        file_ = json::parse(in);
    }
    static void TearDownTestSuite() { table_.reset(); }
    static WallTime midnight(const std::string& date) { return *parse_rfc3339(date + "T00:00:00Z"); }
    static WallTime version() { return midnight(table_->version()); }
    static inline std::shared_ptr<const PriceTable> table_;
    static inline json file_;
};

TEST_F(ShippedTable, is_dated_and_wide_enough) {
    EXPECT_GE(table_->size(), 350U);
    EXPECT_THAT(table_->version(), testing::MatchesRegex("20..-..-.."));
}

TEST_F(ShippedTable, sells_the_models_of_every_vendor_it_promises) {
    std::map<std::string, int> models;
    for (const PriceEntry& entry : table_->entries()) ++models[entry.provider];
    const std::map<std::string, int> promised = {
        {"anthropic", 20}, {"bedrock", 50}, {"deepseek", 4},   {"gemini", 30},      {"groq", 10},
        {"mistral", 30},   {"openai", 80},  {"replicate", 90}, {"together_ai", 20}, {"xai", 15}};
    for (const auto& [provider, least] : promised) EXPECT_GE(models[provider], least) << provider;
    for (const auto& [provider, count] : models) {
        EXPECT_THAT(found(*table_, "no-such-model", provider), "none");
        EXPECT_GT(count, 0) << provider;
    }
}

TEST_F(ShippedTable, leads_from_every_name_to_its_model_and_to_no_other) {
    for (const auto& [key, model] : file_["models"].items()) {
        EXPECT_EQ(found(*table_, key), key + " (exact)");
        for (const std::string alias : model.value("aliases", json::array())) {
            const std::optional<Match> match = table_->find(alias, "");
            ASSERT_TRUE(match) << alias;
            // "openai/gpt-oss-20b" is what Replicate sells under that name; "gpt-…" alone is OpenAI's own.
            EXPECT_EQ(match->entry->key, key) << alias;
            EXPECT_TRUE(table_->find(alias, match->entry->provider)) << alias;
            // An owner at Replicate may be called like a provider, who takes other prices.
            const std::string owner = alias.substr(0, alias.find('/'));
            if (match->entry->provider != "replicate" || owner == "replicate") continue;
            const std::optional<Match> by_owner = table_->find(alias, owner);
            EXPECT_TRUE(!by_owner || by_owner->entry->provider != "replicate" ||
                        !is_well_known_provider(owner))
                << alias;
        }
    }
}

TEST_F(ShippedTable, gives_the_vendors_figure_under_every_name_of_the_model) {
    for (const char* model :
         {"replicate/meta/llama-3-70b-instruct", "meta/meta-llama-3-70b-instruct",
          "meta/llama-3-70b-instruct", "replicate/meta/meta-llama-3-70b-instruct",
          "meta/"
          "meta-llama-3-70b-instruct:fbfb20b472b2f3bdd101412a9f70a0ed4fc0ced78a77ff00970ee7a2383c575d"}) {
        EXPECT_EQ(cost(*table_, facts_of(model, {.input_text = 18, .output_text = 502})), "0.0013922")
            << model;
    }
}

TEST_F(ShippedTable, knows_the_models_of_the_examples) {
    EXPECT_EQ(found(*table_, "openai/gpt-5.5"), "gpt-5.5 (without_provider)");
    EXPECT_EQ(found(*table_, "anthropic/claude-sonnet-4-5"), "claude-sonnet-4-5 (without_provider)");
    EXPECT_EQ(found(*table_, "claude-sonnet-4-5-20250929"), "claude-sonnet-4-5 (without_date)");
    EXPECT_EQ(found(*table_, "gpt-4o-2024-11-20"), "gpt-4o (without_date)");
    EXPECT_EQ(found(*table_, "gpt-4o-2024-05-13"), "gpt-4o-2024-05-13 (exact)") << "it has other prices";
    EXPECT_EQ(found(*table_, "meta/meta-llama-3-8b-instruct"), "replicate/meta/llama-3-8b-instruct (alias)");
    EXPECT_EQ(found(*table_, "meta/llama-2-70b-chat"), "replicate/meta/llama-2-70b-chat (alias)");
    EXPECT_EQ(found(*table_, "google/gemini-2.5-pro"), "gemini/gemini-2.5-pro (alias)");
    EXPECT_EQ(found(*table_, "gemini-2.5-pro"), "gemini/gemini-2.5-pro (alias)");
    EXPECT_EQ(found(*table_, "anthropic/claude-4.5-sonnet"), "replicate/anthropic/claude-4.5-sonnet (alias)");
    EXPECT_EQ(found(*table_, "openai/gpt-4o"), "gpt-4o (without_provider)")
        << "OpenAI's own, unless Replicate is named";
    EXPECT_EQ(found(*table_, "openai/gpt-4o", "replicate"), "replicate/openai/gpt-4o (with_provider)");
    EXPECT_EQ(found(*table_, "openai/gpt-oss-20b", "groq"), "groq/openai/gpt-oss-20b (with_provider)");
    EXPECT_EQ(found(*table_, "us.meta.llama3-3-70b-instruct-v1:0", "bedrock"),
              "bedrock/meta.llama3-3-70b-instruct-v1:0 (alias)");
    EXPECT_EQ(found(*table_, "black-forest-labs/flux-schnell"),
              "replicate/black-forest-labs/flux-schnell (alias)");
    EXPECT_EQ(found(*table_, "acme/mystery-1"), "none");
}

TEST_F(ShippedTable, prices_a_fine_tuned_model_by_what_it_was_made_of) {
    EXPECT_EQ(found(*table_, "ft:gpt-4o-mini-2024-07-18:acme:support:9xYz", "openai"),
              "ft:gpt-4o-mini-2024-07-18 (prefix_rule)");
    for (const json& rule : file_["prefix_rules"]) {
        const std::string made = rule["prefix"].get<std::string>() + "acme::1";
        EXPECT_EQ(found(*table_, made), rule["model"].get<std::string>() + " (prefix_rule)");
    }
}

TEST_F(ShippedTable, has_prices_that_hold_today_but_for_these) {
    std::set<std::string> ended;
    for (const PriceEntry& entry : table_->entries()) {
        EXPECT_GT(entry.periods.front().from, WallTime::min()) << entry.key << " does not say since when";
        EXPECT_LE(entry.periods.front().from, version())
            << entry.key << ": the table is of " << table_->version() << ", its prices begin later";
        if (entry.at(version()) == nullptr) ended.insert(entry.key);
    }
    EXPECT_THAT(ended, testing::ElementsAre("bedrock/meta.llama3-1-405b-instruct-v1:0",  // no longer sold
                                            "deepseek/deepseek-chat",
                                            "deepseek/deepseek-reasoner",  // no longer answered
                                            "gpt-5.6-sol",  // promised to 21 November, and nothing said since
                                            "mistral/mistral-large-4"))  // readings since 29 October differ
        << "a price that has ended is one that its users miss";
    for (const PriceEntry& hardware : table_->hardware_entries()) {
        EXPECT_GT(hardware.periods.front().from, WallTime::min()) << hardware.key;
        EXPECT_NE(hardware.at(version()), nullptr) << hardware.key;
    }
}

TEST_F(ShippedTable, announces_only_these_prices_of_times_to_come) {
    std::set<std::string> announced;
    for (const PriceEntry& entry : table_->entries())
        if (entry.periods.back().from > version()) announced.insert(entry.key);
    EXPECT_THAT(announced, testing::ElementsAre("gemini/gemini-3.6-flash", "gemini/gemini-3.7-flash",
                                                "gemini/gemini-3.8-flash", "gemini/gemini-4-argon",
                                                "gemini/gemini-4-carbon"));
}

TEST_F(ShippedTable, knows_every_language_model_of_replicate_that_has_a_known_price) {
    // By the names that Replicate gives them: what its collections of language models list as billed by
    // token. conf/README.md names those whose price could not be read.
    for (const char* model : {"anthropic/claude-3.5-haiku",
                              "anthropic/claude-3.5-sonnet",
                              "anthropic/claude-3.7-sonnet",
                              "anthropic/claude-4-sonnet",
                              "anthropic/claude-4.5-haiku",
                              "anthropic/claude-4.5-sonnet",
                              "anthropic/claude-opus-4.6",
                              "deepseek-ai/deepseek-r1",
                              "deepseek-ai/deepseek-v3",
                              "deepseek-ai/deepseek-v3.1",
                              "google/gemini-2.5-flash",
                              "google/gemini-3-flash",
                              "google/gemini-3-pro",
                              "google/gemini-3.1-pro",
                              "ibm-granite/granite-3.3-8b-instruct",
                              "meta/llama-2-13b",
                              "meta/llama-2-13b-chat",
                              "meta/llama-2-70b",
                              "meta/llama-2-70b-chat",
                              "meta/llama-2-7b",
                              "meta/llama-2-7b-chat",
                              "meta/meta-llama-3-70b",
                              "meta/meta-llama-3-70b-instruct",
                              "meta/meta-llama-3-8b",
                              "meta/meta-llama-3-8b-instruct",
                              "meta/meta-llama-3.1-405b-instruct",
                              "meta/llama-4-scout-instruct",
                              "mistralai/mistral-7b-instruct-v0.2",
                              "mistralai/mistral-7b-v0.1",
                              "mistralai/mixtral-8x7b-instruct-v0.1",
                              "moonshotai/kimi-k2.5",
                              "openai/gpt-4.1",
                              "openai/gpt-4.1-mini",
                              "openai/gpt-4.1-nano",
                              "openai/gpt-4o",
                              "openai/gpt-4o-mini",
                              "openai/gpt-5",
                              "openai/gpt-5-mini",
                              "openai/gpt-5-nano",
                              "openai/gpt-5-structured",
                              "openai/gpt-5.1",
                              "openai/gpt-5.2",
                              "openai/gpt-5.6-terra",
                              "openai/gpt-oss-120b",
                              "openai/gpt-oss-20b",
                              "openai/o1",
                              "openai/o1-mini",
                              "openai/o4-mini",
                              "qwen/qwen3-235b-a22b-instruct-2507",
                              "qwen/qwen3-7-plus",
                              "xai/grok-4"}) {
        for (const std::string& name : {std::string(model), std::string("replicate/") + model}) {
            const std::optional<Match> match = table_->find(name, "replicate");
            ASSERT_TRUE(match) << name;
            EXPECT_EQ(match->entry->provider, "replicate") << name;
            const PricePeriod* prices = match->entry->at(version());
            ASSERT_NE(prices, nullptr) << name;
            EXPECT_TRUE(prices->base().has(Meter::input) && prices->base().has(Meter::output)) << name;
        }
    }
}

TEST_F(ShippedTable, discounts_what_is_read_from_a_cache_wherever_flex_and_priority_do_something) {
    for (const PriceEntry& entry : table_->entries()) {
        if (!entry.key.starts_with("gemini/gemini-3.") && !entry.key.starts_with("gemini/gemini-4")) continue;
        for (const PricePeriod& period : entry.periods)
            for (const ServiceTier tier : {ServiceTier::flex, ServiceTier::priority})
                EXPECT_TRUE(period.sheet(tier).empty() || !period.base().has(Meter::cache_read) ||
                            period.sheet(tier).base.has(Meter::cache_read))
                    << entry.key << ' ' << name(tier);
    }
}

TEST_F(ShippedTable, doubles_the_price_of_a_peak_hour_in_every_part) {
    int models = 0;
    for (const PriceEntry& entry : table_->entries()) {
        for (const PricePeriod& period : entry.periods) {
            if (period.hours.empty()) continue;
            ++models;
            ASSERT_EQ(period.hours.size(), 1U) << entry.key;
            ASSERT_EQ(period.hours[0].mask(), period.mask()) << entry.key;
            for (const MeterInfo& meter : all_meters()) {
                const Money* usual = period.base().find(meter.meter);
                if (usual == nullptr) continue;
                EXPECT_EQ(*period.hours[0].base().find(meter.meter), *usual->times(2)) << entry.key;
            }
        }
    }
    EXPECT_EQ(models, 9) << "periods of DeepSeek's four models";
}

/// Where both prices are stated, `dear` is not the lower one.
void expect_not_below(const Money* dear, const Money* cheap, const std::string& what) {
    if (dear == nullptr || cheap == nullptr) return;
    EXPECT_GE(*dear, *cheap) << what;
}

TEST_F(ShippedTable, nowhere_sells_output_for_less_than_input) {
    for (const PriceEntry& entry : table_->entries()) {
        for (const PricePeriod& period : entry.periods) {
            for (const RateSheet& sheet : period.sheets) {
                const Money* input = sheet.base.find(Meter::input);
                expect_not_below(sheet.base.find(Meter::output), input, entry.key);
                expect_not_below(input, sheet.base.find(Meter::cache_read), entry.key + ": cache_read");
                expect_not_below(sheet.base.find(Meter::cache_write), input, entry.key + ": cache_write");
            }
        }
    }
}

TEST_F(ShippedTable, sells_no_service_tier_on_the_wrong_side_of_the_standard_price) {
    for (const PriceEntry& entry : table_->entries()) {
        for (const PricePeriod& period : entry.periods) {
            for (const MeterInfo& meter : all_meters()) {
                const auto price = [&](ServiceTier tier) {
                    return period.sheet(tier).base.find(meter.meter);
                };
                const std::string what = entry.key + ": " + std::string(meter.name);
                const Money* standard = price(ServiceTier::standard);
                expect_not_below(standard, price(ServiceTier::flex), what);
                expect_not_below(standard, price(ServiceTier::batch), what);
                expect_not_below(price(ServiceTier::priority), standard, what);
            }
        }
    }
}

std::vector<std::uint64_t> thresholds(const RateSheet& sheet) {
    std::vector<std::uint64_t> result;
    for (const ContextTier& tier : sheet.context) result.push_back(tier.first_input_tokens);
    return result;
}

TEST_F(ShippedTable, discounts_large_requests_wherever_it_discounts_small_ones) {
    int discounts = 0;
    for (const PriceEntry& entry : table_->entries()) {
        for (const PricePeriod& period : entry.periods) {
            const RateSheet& standard = period.sheet(ServiceTier::standard);
            for (const ServiceTier tier : {ServiceTier::flex, ServiceTier::batch}) {
                const RateSheet& sheet = period.sheet(tier);
                if (sheet.base.empty() || standard.context.empty()) continue;
                ++discounts;
                EXPECT_EQ(thresholds(sheet), thresholds(standard))
                    << entry.key << ": a large request by " << name(tier) << " costs the standard price";
                for (const ContextTier& large : sheet.context)
                    EXPECT_TRUE(large.rates.has(Meter::input) && large.rates.has(Meter::output)) << entry.key;
            }
        }
    }
    EXPECT_GT(discounts, 20);
}

TEST_F(ShippedTable, has_no_entry_for_a_dated_name_that_costs_what_the_undated_one_does) {
    const std::regex date(R"((.*)[-@](\d{8}|\d{4}-\d\d-\d\d))");
    std::map<std::string, const PriceEntry*> by_key;
    for (const PriceEntry& entry : table_->entries()) by_key[entry.key] = &entry;
    for (const auto& [key, entry] : by_key) {
        std::smatch parts;
        if (!std::regex_match(key, parts, date)) continue;
        const auto undated = by_key.find(parts[1].str());
        if (undated == by_key.end()) continue;
        EXPECT_NE(entry->periods, undated->second->periods) << key;
    }
}

/// Every price of `value`, wherever it stands, with where that is.
void each_price(const json& value, const std::string& where, const auto& visit) {
    for (const auto& [name, member] : value.items()) {
        const std::string path = where + "/" + name;
        if (member.is_structured()) {
            each_price(member, path, visit);
        } else if (name.find("per_") != std::string::npos || where.ends_with("/per_search")) {
            visit(path, member);
        }
    }
}

TEST_F(ShippedTable, writes_its_prices_as_strings_without_noise) {
    const std::regex plain(R"((0|[1-9]\d*)(\.\d*[1-9])?)");
    int prices = 0;
    each_price(file_["models"], "", [&](const std::string& path, const json& price) {
        ++prices;
        ASSERT_TRUE(price.is_string()) << path;
        EXPECT_TRUE(std::regex_match(price.get<std::string>(), plain)) << path << " is " << price;
    });
    EXPECT_GT(prices, 1'000);
}

}  // namespace
}  // namespace respand::pricing
