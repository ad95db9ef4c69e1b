#include "pricing/rates.hpp"

#include <algorithm>
#include <ranges>

namespace respand::pricing {

void Rates::set(Meter meter, Money price) {
    const auto at = prices_.begin() + static_cast<std::ptrdiff_t>(rank(meter));
    if (has(meter)) {
        *at = price;
        return;
    }
    prices_.insert(at, price);
    mask_ |= bit(meter);
}

void Rates::erase(Meter meter) {
    if (!has(meter)) return;
    prices_.erase(prices_.begin() + static_cast<std::ptrdiff_t>(rank(meter)));
    mask_ &= ~bit(meter);
}

std::uint64_t RateSheet::mask() const {
    std::uint64_t mask = base.mask();
    for (const ContextTier& tier : context) mask |= tier.rates.mask();
    return mask;
}

std::string_view name(ServiceTier tier) {
    switch (tier) {
        case ServiceTier::standard:
            return "standard";
        case ServiceTier::flex:
            return "flex";
        case ServiceTier::priority:
            return "priority";
        case ServiceTier::batch:
            return "batch";
        case ServiceTier::other:
            break;
    }
    return "other";
}

std::uint64_t PriceSet::mask() const {
    std::uint64_t mask = 0;
    for (const RateSheet& sheet : sheets) mask |= sheet.mask();
    return mask;
}

const HourlyPrices* PricePeriod::of_hour(WallTime time) const {
    const auto found =
        std::ranges::find_if(hours, [time](const HourlyPrices& prices) { return prices.when.contain(time); });
    return found != hours.end() ? &*found : nullptr;
}

const PriceSet& PricePeriod::at(WallTime time) const {
    const HourlyPrices* hour = of_hour(time);
    return hour != nullptr ? static_cast<const PriceSet&>(*hour) : *this;
}

const PricePeriod* PriceEntry::at(WallTime time) const {
    for (const PricePeriod& period : periods | std::views::reverse) {
        if (period.from > time) continue;
        return !period.until || time < *period.until ? &period : nullptr;
    }
    return nullptr;
}

RateStack::RateStack(const PriceSet& prices, ServiceTier tier, std::uint64_t input_total,
                     const Money* second_of_hardware)
    : second_of_hardware_(second_of_hardware) {
    const bool special = tier != ServiceTier::standard;
    if (special) push_reached(prices.sheet(tier), tier, input_total);
    push_reached(prices.sheet(ServiceTier::standard), ServiceTier::standard, input_total);
    if (special) push(prices.sheet(tier).base, tier, 0);
    push(prices.base(), ServiceTier::standard, 0);
    if (second_of_hardware_ != nullptr) mask_ |= bit(Meter::run_second);
}

void RateStack::push(const Rates& rates, ServiceTier service, std::uint64_t first_input_tokens) {
    if (rates.empty()) return;
    layers_[size_++] = {&rates, service, first_input_tokens};
    mask_ |= rates.mask();
}

void RateStack::push_reached(const RateSheet& sheet, ServiceTier service, std::uint64_t input_total) {
    const auto largest_first = sheet.context | std::views::reverse;
    const auto reached = std::ranges::find_if(
        largest_first, [&](const ContextTier& tier) { return tier.first_input_tokens <= input_total; });
    if (reached != largest_first.end()) push(reached->rates, service, reached->first_input_tokens);
}

/// The price that is stated for this meter; it has one.
Applied RateStack::stated(Meter meter) const {
    for (std::size_t i = 0; i < size_; ++i) {
        const Layer& layer = layers_[i];
        if (const Money* price = layer.rates->find(meter)) {
            return {price, meter, layer.service, layer.first_input_tokens, false};
        }
    }
    return {second_of_hardware_, meter, ServiceTier::standard, 0, true};
}

std::optional<Applied> RateStack::find(Meter meter) const {
    if ((mask_ & bit(meter)) != 0) return stated(meter);
    for (const Meter stand_in : info(meter).stand_ins) {
        if ((mask_ & bit(stand_in)) != 0) return stated(stand_in);
    }
    return std::nullopt;
}

}  // namespace respand::pricing
