// Which of a model's many prices holds: random entries with dates, hours, service tiers and context tiers,
// against a search through the entry's JSON that shares nothing with the loader's.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/rfc3339.hpp"
#include "decimal.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using nlohmann::json;

constexpr const char* kTiers[] = {"", "flex", "priority", "batch"};
/// A call of these counts, at this time, of this tier.
struct Call {
    TokenUsage usage;
    ServiceTier tier = ServiceTier::standard;
    std::string time;
    bool former = false;  ///< before the newest prices
    bool night = false;   ///< in the hours with prices of their own
};

class PriceChoice : public testing::Test {
  protected:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    bool rarely() { return below(4) == 0; }

    /// Some of three prices; with `all`, what no call can do without.
    json some_prices(bool all) {
        json prices = json::object();
        for (const char* key : {"input_per_million", "output_per_million", "cache_read_per_million"}) {
            const bool needed = all && std::string_view(key) != "cache_read_per_million";
            if (needed || below(2) == 0)
                prices[key] = std::to_string(below(1'000)) + "." + std::to_string(1 + below(999));
        }
        return prices;
    }
    json with_context_tiers(json prices) {
        for (const std::uint64_t threshold : {std::uint64_t{100}, std::uint64_t{200}}) {
            json tier = some_prices(false);
            if (rarely() || tier.empty()) continue;
            tier[below(2) == 0 ? "above_input_tokens" : "from_input_tokens"] = threshold;
            prices["context_tiers"].push_back(std::move(tier));
        }
        return prices;
    }
    json set_of_prices() {
        json set = with_context_tiers(some_prices(true));
        for (const char* tier : {"flex", "priority", "batch"}) {
            json prices = with_context_tiers(some_prices(false));
            if (!prices.empty()) set[tier] = std::move(prices);
        }
        return set;
    }
    json period() {
        json period = set_of_prices();
        json night = set_of_prices();
        night["utc"] = json::array({"22:00-24:00", "00:00-06:00"});
        period["hours"] = json::array({night});
        return period;
    }
    json entry() {
        json entry = period();
        entry["from"] = "2026-06-01";
        entry["earlier"] = json::array({period()});
        return entry;
    }
    Call call() {
        Call call;
        call.former = below(2) == 0;
        call.night = below(2) == 0;
        call.tier = static_cast<ServiceTier>(below(4));
        const std::uint64_t hour = call.night ? (22 + below(8)) % 24 : 6 + below(16);
        call.time = std::string(call.former ? "2026-05-31T" : "2026-06-01T") + (hour < 10 ? "0" : "") +
                    std::to_string(hour) + ":" + (below(2) == 0 ? "00:00Z" : "59:59Z");
        constexpr std::uint64_t kEdges[] = {0, 99, 100, 101, 199, 200, 201, 1'000};
        call.usage.input_text = kEdges[below(8)];
        if (call.usage.input_text > 50 && below(2) == 0) {
            call.usage.cache_read = 1 + below(50);
            call.usage.input_text -= call.usage.cache_read;
        }
        call.usage.output_text = 1 + below(1'000);
        return call;
    }

    std::mt19937_64 random_{20'261'128};
};

/// The context tier of a list that a request of this size reaches; null: none.
json reached_tier(const json& list, std::uint64_t input) {
    json best;
    std::uint64_t best_from = 0;
    for (const json& tier : list.value("context_tiers", json::array())) {
        const std::uint64_t from = tier.contains("above_input_tokens")
                                       ? tier["above_input_tokens"].get<std::uint64_t>() + 1
                                       : tier["from_input_tokens"].get<std::uint64_t>();
        if (from <= input && from >= best_from) {
            best = tier;
            best_from = from;
        }
    }
    return best;
}

std::string price_for(const json& set, const Call& call, const std::vector<const char*>& keys) {
    const std::uint64_t input = call.usage.input_text + call.usage.cache_read;
    const json own = set.value(kTiers[static_cast<std::size_t>(call.tier)], json::object());
    for (const char* key : keys)
        for (const json& list : {reached_tier(own, input), reached_tier(set, input), own, set})
            if (list.is_object() && list.contains(key)) return list[key];
    throw std::logic_error("every set has these prices");
}

/// Digits of the price in units of 10^-9 dollars a million.
std::string digits_of(const std::string& price) {
    const std::size_t point = price.find('.');
    std::string decimals = price.substr(point + 1);
    decimals.resize(9, '0');
    return test::normal(price.substr(0, point) + decimals);
}

std::string expected_cost(const json& entry, const Call& call) {
    json set = call.former ? entry["earlier"][0] : entry;
    if (call.night) set = json(set["hours"][0]);
    std::string total;
    const auto add = [&](std::uint64_t count, const std::vector<const char*>& keys) {
        if (count == 0) return;
        total =
            test::add(total, test::multiply(digits_of(price_for(set, call, keys)), std::to_string(count)));
    };
    add(call.usage.input_text, {"input_per_million"});
    add(call.usage.cache_read, {"cache_read_per_million", "input_per_million"});
    add(call.usage.output_text, {"output_per_million"});
    constexpr std::size_t kScale = 15;  // 9 decimals of a price per million
    return test::rounded(total, kScale, 12);
}

TEST_F(PriceChoice, takes_the_price_that_is_written_for_the_time_the_tier_and_the_size) {
    for (int round = 0; round < 300; ++round) {
        const json written = entry();
        const auto table = test::table_of(test::own("\"m\": " + written.dump()));
        for (int i = 0; i < 40; ++i) {
            const Call made = call();
            RecordFacts facts = test::facts_of("m", made.usage);
            facts.service_tier = made.tier;
            facts.time = parse_rfc3339(made.time);
            ASSERT_EQ(test::cost(*table, facts), expected_cost(written, made))
                << made.time << ' ' << name(made.tier) << ' ' << made.usage.input_text << '+'
                << made.usage.cache_read << ' ' << written.dump(2);
        }
    }
}

}  // namespace
}  // namespace respand::pricing
