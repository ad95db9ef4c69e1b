// The prices that an entry states, and which of them hold for a request.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "pricing/meter.hpp"
#include "pricing/money.hpp"
#include "pricing/week_hours.hpp"

namespace respand::pricing {

/// Prices of some meters, US dollars for one unit. Looked up often, filled once: the stated prices stand
/// packed in the order of the meters, a mask says which those are.
class Rates {
  public:
    /// nullptr: no price is stated.
    const Money* find(Meter meter) const {
        if ((mask_ & bit(meter)) == 0) return nullptr;
        return &prices_[rank(meter)];
    }
    bool has(Meter meter) const { return (mask_ & bit(meter)) != 0; }
    bool empty() const { return mask_ == 0; }
    /// bit(meter) of all that are stated.
    std::uint64_t mask() const { return mask_; }

    void set(Meter meter, Money price);
    void erase(Meter meter);

    bool operator==(const Rates&) const = default;

  private:
    std::size_t rank(Meter meter) const {
        return static_cast<std::size_t>(std::popcount(mask_ & (bit(meter) - 1)));
    }
    std::uint64_t mask_ = 0;
    std::vector<Money> prices_;
};

/// Prices of requests with a large input. A cliff: they hold for the whole request.
struct ContextTier {
    /// Smallest input of a request, cache included, that these prices are for.
    std::uint64_t first_input_tokens = 0;
    Rates rates;
    bool operator==(const ContextTier&) const = default;
};

/// One price list: what holds for any request, and what large ones cost.
struct RateSheet {
    Rates base;
    std::vector<ContextTier> context;  ///< by first_input_tokens, ascending; at most kMaxContextTiers

    bool empty() const { return base.empty() && context.empty(); }
    std::uint64_t mask() const;
    bool operator==(const RateSheet&) const = default;
};
/// The longest list in use has 4.
inline constexpr std::size_t kMaxContextTiers = 16;

/// Service tiers that can have prices: standard, flex, priority, batch, in the order of ServiceTier.
inline constexpr std::size_t kServiceTiers = 4;
/// "standard", "flex", …: the key of its prices in our own format.
std::string_view name(ServiceTier tier);

/// Everything that a model costs at one time.
struct PriceSet {
    std::array<RateSheet, kServiceTiers> sheets;
    /// Largest input (cache included) of a request that these prices hold for; absent: any. A larger request
    /// is billed by prices that this table does not know, so its cost is unknown.
    std::optional<std::uint64_t> holds_up_to_input_tokens;

    /// `tier` is not ServiceTier::other, which has no prices.
    RateSheet& sheet(ServiceTier tier) { return sheets[static_cast<std::size_t>(tier)]; }
    const RateSheet& sheet(ServiceTier tier) const { return sheets[static_cast<std::size_t>(tier)]; }
    Rates& base() { return sheets.front().base; }
    const Rates& base() const { return sheets.front().base; }
    /// Every meter that has a price here, whatever the request.
    std::uint64_t mask() const;
    bool operator==(const PriceSet&) const = default;
};

/// Prices of certain hours: a whole set, which takes nothing from the others.
struct HourlyPrices : PriceSet {
    WeekHours when;
    bool operator==(const HourlyPrices&) const = default;
};

/// The prices of one model from a point in time on.
struct PricePeriod : PriceSet {
    WallTime from = WallTime::min();  ///< min: always
    /// When these prices end without any others being known, not included; absent: when the next ones begin.
    std::optional<WallTime> until;
    /// Prices of certain hours, instead of the set's own; the first that fits counts. At most
    /// kMaxHourlyPrices.
    std::vector<HourlyPrices> hours;

    /// The prices of that hour; nullptr: the set's own hold.
    const HourlyPrices* of_hour(WallTime time) const;
    /// The prices that hold then, of the hour or else the set's own. `time` lies within the period.
    const PriceSet& at(WallTime time) const;
    bool operator==(const PricePeriod&) const = default;
};
/// One for every hour of a week.
inline constexpr std::size_t kMaxHourlyPrices = 168;

/// One model of a table.
struct PriceEntry {
    std::string key{};       ///< the table's own spelling of the model
    std::string provider{};  ///< whose prices these are, in lower case, canonical; empty: not stated
    std::string origin{};    ///< file it came from
    std::vector<PricePeriod> periods{};  ///< by `from`, ascending, no two alike
    std::string hardware{};              ///< what it runs on, lower case; empty: it is not billed by hardware
    bool bill_failed = false;            ///< tokens and other units of a failed call are billed like any
    /// Its output is text and images at different prices: a record that does not tell them apart has no cost.
    bool mixed_output = false;

    /// The prices in force at a time; nullptr when there were none yet, or none any more.
    const PricePeriod* at(WallTime time) const;
};

/// A price and where it stands. Lives as long as the entry.
struct Applied {
    const Money* price = nullptr;
    Meter stated_for{};  ///< itself, or its stand-in
    ServiceTier service = ServiceTier::standard;
    std::uint64_t first_input_tokens = 0;  ///< of the context tier; 0: none
    bool of_hardware = false;
};

/// The price lists that hold for one request, the most specific first: the largest context tier reached of
/// its service tier, the largest standard one, the service tier's own prices, the standard ones. A price of
/// the meter itself in any of them comes before one of its stand-ins.
class RateStack {
  public:
    /// `second_of_hardware` may be null; it is what a second costs where the lists say nothing of run time.
    RateStack(const PriceSet& prices, ServiceTier tier, std::uint64_t input_total,
              const Money* second_of_hardware);

    /// Empty: no price, and no stand-in has one.
    std::optional<Applied> find(Meter meter) const;
    /// bit(meter) of all that have a price of their own.
    std::uint64_t mask() const { return mask_; }

  private:
    struct Layer {
        const Rates* rates;
        ServiceTier service;
        std::uint64_t first_input_tokens;
    };
    void push(const Rates& rates, ServiceTier service, std::uint64_t first_input_tokens);
    void push_reached(const RateSheet& sheet, ServiceTier service, std::uint64_t input_total);
    Applied stated(Meter meter) const;

    std::array<Layer, 4> layers_;  // only the first size_ are ever read
    std::size_t size_ = 0;
    std::uint64_t mask_ = 0;
    const Money* second_of_hardware_;
};

}  // namespace respand::pricing
