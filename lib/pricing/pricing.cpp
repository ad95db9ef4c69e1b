#include "pricing/pricing.hpp"

#include "pricing/decide.hpp"
#include "pricing/sum.hpp"

namespace respand::pricing {
namespace {

constexpr std::uint64_t kRunTime = bit(Meter::run_second);

Priced unknown(UnknownReason reason, RateGap gap = RateGap::none) {
    Priced priced;
    priced.reason = reason;
    priced.gap = gap;
    return priced;
}

Priced no_rate(RateGap gap) { return unknown(UnknownReason::no_rate, gap); }

Priced known(Money cost, const Match& match) {
    Priced priced;
    priced.source = CostSource::table;
    priced.cost = cost;
    priced.entry = match.entry;
    priced.rule = match.rule;
    return priced;
}

/// A call that never ran costs nothing, whatever the model.
Priced never_ran() {
    static const PriceEntry kNeverRan{.key = "aborted before it ran", .periods = {PricePeriod{}}};
    return known(Money{}, {&kNeverRan, MatchRule::never_ran});
}

/// The model; else, for a run of some time on hardware that is named, that hardware.
std::optional<Match> match_of(const RecordFacts& facts, const PriceTable& table) {
    if (std::optional<Match> match = table.find(facts.model, facts.provider)) return match;
    const PriceEntry* hardware = facts.units.run_seconds.any() ? table.hardware(facts.hardware) : nullptr;
    return hardware != nullptr ? std::optional(Match{hardware, MatchRule::hardware}) : std::nullopt;
}

/// What a second on the model's hardware costs; nullptr when it is not billed so, or has no rate.
const Money* second_of_hardware(std::string_view hardware, const PriceTable& table, WallTime time) {
    const PriceEntry* entry = table.hardware(hardware);
    const PricePeriod* period = entry != nullptr ? entry->at(time) : nullptr;
    return period != nullptr ? period->base().find(Meter::run_second) : nullptr;
}

/// Of a failed call nothing but the run time is sure to be billed.
bool is_billed_though_failed(const PriceEntry& entry, const Sum& sum) {
    return entry.bill_failed || (sum.billed != 0 && (sum.billed & ~kRunTime) == 0);
}

Priced by_table(const RecordFacts& facts, const PriceTable& table, WallTime time, DecisionDetail& detail,
                std::vector<SumLine>* lines) {
    detail.match = match_of(facts, table);
    if (!detail.match) return unknown(UnknownReason::unknown_model);
    if (facts.service_tier == ServiceTier::other) return no_rate(RateGap::service_tier);
    const PriceEntry& entry = *detail.match->entry;
    const PricePeriod* period = entry.at(time);
    if (period == nullptr)
        return no_rate(entry.periods.front().from > time ? RateGap::not_yet : RateGap::ended);
    detail.period = period;
    const PriceSet& prices = period->at(time);
    const std::uint64_t input = facts.usage.input_total();
    if (prices.holds_up_to_input_tokens.value_or(input) < input) return no_rate(RateGap::over_limit);
    if (entry.mixed_output && facts.usage.output_text > 0 && facts.usage.output_image == 0)
        return no_rate(RateGap::mixed_output);
    // The record knows better than the table what it ran on.
    if (!entry.hardware.empty()) detail.hardware = facts.hardware.empty() ? entry.hardware : facts.hardware;
    const RateStack rates(prices, facts.service_tier, input,
                          second_of_hardware(detail.hardware, table, time));
    const bool timed = facts.units.run_seconds.any() && !detail.hardware.empty();
    if (timed && (rates.mask() & kRunTime) == 0) return no_rate(RateGap::hardware);
    const auto sum = sum_usage(facts.usage, facts.units, rates, lines);
    if (!sum) {
        detail.failed_at = sum.error().meter;
        return unknown(sum.error().reason, sum.error().gap);
    }
    if (facts.end == CallEnd::failed && !is_billed_though_failed(entry, *sum)) {
        return no_rate(RateGap::failed_call);
    }
    return known(sum->total, *detail.match);
}

}  // namespace

Priced decide(const RecordFacts& facts, const PriceTable& table, WallTime arrival, DecisionDetail* detail) {
    DecisionDetail unseen;
    DecisionDetail& seen = detail != nullptr ? *detail : unseen;
    seen.time = facts.time.value_or(arrival);
    Priced priced;
    if (facts.has_cost) {
        priced.source = CostSource::app;
        return priced;
    }
    if (!facts.provider_cost.empty()) {
        priced.cost = Money::parse(facts.provider_cost);
        if (priced.cost) {
            priced.source = CostSource::provider;
            return priced;
        }
    }
    if (facts.end == CallEnd::aborted) return never_ran();
    // The usage first: a price for the model would not help a record that says nothing of tokens.
    switch (facts.usage_state) {
        case UsageState::absent:
            return unknown(UnknownReason::no_usage);
        case UsageState::inconsistent:
            return unknown(UnknownReason::inconsistent_usage);
        case UsageState::not_terminal:
            return unknown(UnknownReason::not_terminal);
        case UsageState::present:
            break;
    }
    return by_table(facts, table, seen.time, seen, detail != nullptr ? &seen.lines : nullptr);
}

Priced price(const RecordFacts& facts, const PriceTable& table, WallTime arrival) {
    return decide(facts, table, arrival, nullptr);
}

std::string_view name(CostSource source) {
    switch (source) {
        case CostSource::none:
            return "none";
        case CostSource::app:
            return "app";
        case CostSource::provider:
            return "provider";
        case CostSource::table:
            return "table";
    }
    return "unknown";
}

std::string_view name(UnknownReason reason) {
    switch (reason) {
        case UnknownReason::unknown_model:
            return "unknown_model";
        case UnknownReason::no_usage:
            return "no_usage";
        case UnknownReason::no_rate:
            return "no_rate";
        case UnknownReason::inconsistent_usage:
            return "inconsistent_usage";
        case UnknownReason::not_terminal:
            return "not_terminal";
    }
    return "unknown";
}

}  // namespace respand::pricing
