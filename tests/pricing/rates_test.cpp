// Which price of a model holds for a request.
#include "pricing/rates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <set>

namespace respand::pricing {
namespace {

Money usd(std::uint64_t units) { return *Money::parse(std::to_string(units)); }

TEST(Meters, have_names_keys_and_stand_ins_of_their_own_kind) {
    std::set<std::string_view> names;
    std::set<std::string_view> keys;
    for (const MeterInfo& meter : all_meters()) {
        EXPECT_TRUE(names.insert(meter.name).second) << meter.name;
        EXPECT_TRUE(keys.insert(meter.key).second) << meter.key;
        EXPECT_FALSE(meter.unit.empty()) << meter.name;
        for (const Meter stand_in : meter.stand_ins) {
            EXPECT_NE(stand_in, meter.meter);
            EXPECT_EQ(info(stand_in).unit, meter.unit) << meter.name;
            EXPECT_EQ(info(stand_in).per, meter.per) << meter.name;
        }
    }
}

TEST(Meters, cover_every_count_of_a_usage_exactly_once) {
    // A bucket that no meter reads would be free of charge.
    TokenUsage tokens;
    UnitUsage units;
    std::uint64_t each = 1;
    for (const MeterInfo& meter : all_meters()) {
        if (meter.tokens != nullptr) tokens.*(meter.tokens) = each;
        if (meter.units != nullptr) units.*(meter.units) = Quantity::of(each);
    }
    units.searches = Quantity::of(each);
    constexpr std::size_t kTokenBuckets = sizeof(TokenUsage) / sizeof(std::uint64_t);
    const auto count = [](auto which) {
        return static_cast<std::size_t>(std::ranges::count_if(all_meters(), which));
    };
    EXPECT_EQ(count([](const MeterInfo& meter) { return meter.tokens != nullptr; }), kTokenBuckets);
    constexpr std::size_t kQuantities = offsetof(UnitUsage, search_context) / sizeof(Quantity);
    EXPECT_EQ(count([](const MeterInfo& meter) { return meter.units != nullptr; }) + 1, kQuantities);
    EXPECT_EQ(tokens.input_total() + tokens.output_text + tokens.reasoning + tokens.output_audio +
                  tokens.output_image + tokens.output_video + tokens.citation,
              kTokenBuckets);
}

TEST(Rates, are_a_map_from_meter_to_price) {
    std::mt19937_64 random(20'261'115);
    for (int round = 0; round < 200; ++round) {
        Rates rates;
        std::map<Meter, Money> model;
        for (int step = 0; step < 60; ++step) {
            const auto meter = static_cast<Meter>(random() % kMeters);
            if (random() % 4 == 0) {
                rates.erase(meter);
                model.erase(meter);
            } else {
                const Money price = usd(random() % 1'000);
                rates.set(meter, price);
                model[meter] = price;
            }
            std::uint64_t mask = 0;
            for (const MeterInfo& any : all_meters()) {
                const auto found = model.find(any.meter);
                const Money* price = rates.find(any.meter);
                ASSERT_EQ(price != nullptr, found != model.end());
                ASSERT_EQ(rates.has(any.meter), found != model.end());
                if (price == nullptr) continue;
                ASSERT_EQ(*price, found->second);
                mask |= bit(any.meter);
            }
            ASSERT_EQ(rates.mask(), mask);
            ASSERT_EQ(rates.empty(), model.empty());
        }
    }
}

class Stack : public testing::Test {
  protected:
    /// The price of a meter in whole dollars, and where it stands: "7", "7 flex", "7 from 100", "7 as input".
    std::string price(Meter meter, ServiceTier tier, std::uint64_t input) const {
        const std::optional<Applied> applied =
            RateStack(period_, tier, input, hardware_ ? &*hardware_ : nullptr).find(meter);
        if (!applied) return "none";
        std::string text = applied->price->exact_text();
        if (applied->service != ServiceTier::standard) text += " " + std::string(name(applied->service));
        if (applied->first_input_tokens != 0) text += " from " + std::to_string(applied->first_input_tokens);
        if (applied->stated_for != meter) text += " as " + std::string(name(applied->stated_for));
        if (applied->of_hardware) text += " of hardware";
        return text;
    }
    std::string price(Meter meter, std::uint64_t input = 0) const {
        return price(meter, ServiceTier::standard, input);
    }
    static Rates rates(std::initializer_list<std::pair<Meter, std::uint64_t>> prices) {
        Rates rates;
        for (const auto& [meter, units] : prices) rates.set(meter, usd(units));
        return rates;
    }

    PricePeriod period_;
    std::optional<Money> hardware_;
};

TEST_F(Stack, takes_the_first_stand_in_that_has_a_price) {
    period_.base() = rates({{Meter::input, 1}, {Meter::output, 2}});
    EXPECT_EQ(price(Meter::cache_write_1h), "1 as input");
    EXPECT_EQ(price(Meter::cache_read_audio), "1 as input");
    EXPECT_EQ(price(Meter::output_video), "2 as output");
    EXPECT_EQ(price(Meter::citation), "none");
    EXPECT_EQ(price(Meter::run_second), "none");
    period_.base().set(Meter::cache_write, usd(3));
    period_.base().set(Meter::input_audio, usd(4));
    EXPECT_EQ(price(Meter::cache_write_1h), "3 as cache_write");
    EXPECT_EQ(price(Meter::cache_read_audio), "4 as input_audio")
        << "without a price for cached input it is audio like any";
    period_.base().set(Meter::cache_read, usd(5));
    EXPECT_EQ(price(Meter::cache_read_audio), "5 as cache_read");
    EXPECT_EQ(price(Meter::cache_read_image), "5 as cache_read");
}

TEST_F(Stack, prices_a_search_whose_context_is_not_stated_as_a_medium_one) {
    period_.base() = rates({{Meter::search_low, 1}, {Meter::search_medium, 2}, {Meter::search_high, 3}});
    EXPECT_EQ(price(Meter::search), "2 as search_medium");
    EXPECT_EQ(price(Meter::search_high), "3");
    period_.base() = rates({{Meter::search, 4}});
    EXPECT_EQ(price(Meter::search_low), "4 as search");
}

TEST_F(Stack, lets_a_context_tier_replace_what_it_names_for_requests_that_reach_it) {
    period_.base() = rates({{Meter::input, 1}, {Meter::output, 2}, {Meter::cache_read, 3}});
    auto& context = period_.sheet(ServiceTier::standard).context;
    context.push_back({100, rates({{Meter::input, 10}, {Meter::output, 20}})});
    context.push_back({200, rates({{Meter::input, 100}})});
    EXPECT_EQ(price(Meter::input, 99), "1");
    EXPECT_EQ(price(Meter::input, 100), "10 from 100");
    EXPECT_EQ(price(Meter::input, 199), "10 from 100");
    EXPECT_EQ(price(Meter::input, 200), "100 from 200");
    EXPECT_EQ(price(Meter::output, 200), "2") << "it keeps its base price, not that of the tier below";
    EXPECT_EQ(price(Meter::cache_read, 200), "3");
    EXPECT_EQ(price(Meter::cache_write, 200), "100 from 200 as input");
}

TEST_F(Stack, lets_a_service_tier_replace_what_it_names_below_the_context_tiers) {
    period_.base() = rates({{Meter::input, 1}, {Meter::output, 2}});
    period_.sheet(ServiceTier::standard).context.push_back({100, rates({{Meter::input, 10}})});
    period_.sheet(ServiceTier::flex).base = rates({{Meter::input, 5}});
    EXPECT_EQ(price(Meter::input, ServiceTier::flex, 99), "5 flex");
    EXPECT_EQ(price(Meter::output, ServiceTier::flex, 99), "2");
    EXPECT_EQ(price(Meter::input, ServiceTier::flex, 100), "10 from 100")
        << "a large request is billed as one, whatever its service tier";
    period_.sheet(ServiceTier::flex).context.push_back({50, rates({{Meter::input, 6}})});
    EXPECT_EQ(price(Meter::input, ServiceTier::flex, 50), "6 flex from 50");
    EXPECT_EQ(price(Meter::input, ServiceTier::flex, 100), "6 flex from 50")
        << "unless it has tiers of its own";
    EXPECT_EQ(price(Meter::input, ServiceTier::standard, 50), "1");
    EXPECT_EQ(price(Meter::input, ServiceTier::batch, 50), "1")
        << "one without prices is billed by the standard's";
}

TEST_F(Stack, bills_the_hardware_where_nothing_else_prices_run_time) {
    EXPECT_EQ(price(Meter::run_second), "none");
    hardware_ = usd(7);
    EXPECT_EQ(price(Meter::run_second), "7 of hardware");
    period_.base() = rates({{Meter::run_second, 8}});
    EXPECT_EQ(price(Meter::run_second), "8");
}

TEST_F(Stack, has_room_for_as_many_tiers_as_a_file_may_state) {
    period_.base() = rates({{Meter::input, 1}});
    period_.sheet(ServiceTier::batch).base = rates({{Meter::input, 2}});
    for (std::uint64_t i = 1; i <= kMaxContextTiers; ++i) {
        period_.sheet(ServiceTier::standard).context.push_back({i * 10, rates({{Meter::output, i}})});
        period_.sheet(ServiceTier::batch).context.push_back({i * 10, rates({{Meter::output, 100 + i}})});
    }
    EXPECT_EQ(price(Meter::output, ServiceTier::batch, 1'000), "116 batch from 160");
    EXPECT_EQ(price(Meter::input, ServiceTier::batch, 1'000), "2 batch");
}

TEST(PriceEntry, has_the_prices_of_the_time_asked_for) {
    const WallTime noon{std::chrono::seconds{1'000}};
    const auto second = std::chrono::microseconds{1};
    PriceEntry entry;
    EXPECT_EQ(entry.at(noon), nullptr);
    entry.periods.resize(2);
    entry.periods[0].from = noon;
    entry.periods[1].from = noon + std::chrono::hours{1};
    EXPECT_EQ(entry.at(noon - second), nullptr);
    EXPECT_EQ(entry.at(noon), &entry.periods[0]);
    EXPECT_EQ(entry.at(noon + std::chrono::hours{1} - second), &entry.periods[0]);
    EXPECT_EQ(entry.at(noon + std::chrono::hours{1}), &entry.periods[1]);
    EXPECT_EQ(entry.at(WallTime::max()), &entry.periods[1]);
    entry.periods[0].from = WallTime::min();
    EXPECT_EQ(entry.at(WallTime::min()), &entry.periods[0]);
}

}  // namespace
}  // namespace respand::pricing
