#include "pricing/sum.hpp"

#include <algorithm>

#include "pricing/amount.hpp"
#include "pricing/meter_table.hpp"

namespace respand::pricing {
namespace {

/// The meters of one kind with the place of their quantity: small enough to go through for every record.
template <auto Place, std::size_t kCount>
constexpr auto meters_with() {
    using Pointer = std::remove_cvref_t<decltype(MeterInfo{}.*Place)>;
    std::array<std::pair<Meter, Pointer>, kCount> result{};
    std::size_t size = 0;
    for (const MeterInfo& meter : meter_table::kTable) {
        if (meter.*Place != nullptr) result.at(size++) = {meter.meter, meter.*Place};
    }
    return result;
}
constexpr auto count_with(auto place) {
    return static_cast<std::size_t>(std::ranges::count_if(
        meter_table::kTable, [place](const MeterInfo& meter) { return meter.*place != nullptr; }));
}
constexpr auto kTokens = meters_with<&MeterInfo::tokens, count_with(&MeterInfo::tokens)>();
constexpr auto kUnits = meters_with<&MeterInfo::units, count_with(&MeterInfo::units)>();

constexpr std::uint64_t kRequestBit = bit(Meter::request);
/// A model is billed by these even when a record states 0 of them: 0 tokens, 0 seconds.
constexpr std::uint64_t kMayBeNothing = kTokenMeters | bit(Meter::run_second) | kRequestBit;

class Adder {
  public:
    Adder(const RateStack& rates, std::vector<SumLine>* lines) : rates_(rates), lines_(lines) {}

    bool add(Meter meter, std::uint64_t count) { return count == 0 || add_used(meter, count, count, 0); }
    bool add(Meter meter, Quantity quantity) {
        return !quantity.any() || add_used(meter, quantity, quantity.billionths / Quantity::kOne,
                                           static_cast<std::uint32_t>(quantity.billionths % Quantity::kOne));
    }

    std::expected<Sum, SumFault> result() const {
        if (fault_) return std::unexpected(*fault_);
        if (!enough_is_priced()) {
            return std::unexpected(SumFault{UnknownReason::no_rate, RateGap::nothing_billed, std::nullopt});
        }
        return Sum{total_.money(), billed_};
    }

  private:
    template <class Count>
    bool add_used(Meter meter, Count quantity, std::uint64_t whole, std::uint32_t billionths) {
        if (meter != Meter::request) used_ |= bit(meter);
        const std::optional<Applied> applied = rates_.find(meter);
        if (!applied) {
            if (is_token(meter) && (rates_.mask() & kTokenMeters) != 0) {
                return fail(UnknownReason::no_rate, RateGap::no_price, meter);
            }
            if (lines_ != nullptr) {
                SumLine& line = lines_->emplace_back();
                line.meter = meter;
                line.count = whole;
                line.billionths = billionths;
            }
            return true;
        }
        const std::optional<Amount> amount = Amount::of(*applied->price, quantity);
        const std::optional<Amount> sum = amount ? total_.plus(*amount) : std::nullopt;
        if (!sum) return fail(UnknownReason::inconsistent_usage, RateGap::none, meter);
        if (lines_ != nullptr) {
            lines_->push_back({meter, whole, billionths, true, applied->stated_for, *applied->price,
                               applied->service, applied->first_input_tokens, applied->of_hardware,
                               amount->money()});
        }
        total_ = *sum;
        billed_ |= bit(meter);
        return true;
    }

    bool fail(UnknownReason reason, RateGap gap, Meter meter) {
        fault_ = SumFault{reason, gap, meter};
        return false;
    }

    /// A cost is known when something that was used has a price. A fee per request alone is enough only for a
    /// model that has no other price.
    bool enough_is_priced() const {
        if ((billed_ & ~kRequestBit) != 0) return true;
        if (used_ == 0) return (rates_.mask() & kMayBeNothing) != 0;
        return billed_ != 0 && (rates_.mask() & ~kRequestBit) == 0;
    }

    const RateStack& rates_;
    std::vector<SumLine>* lines_;
    Amount total_;
    std::uint64_t used_ = 0;
    std::uint64_t billed_ = 0;
    std::optional<SumFault> fault_;
};

/// A bucket with more tokens than any call has, if there is one.
std::optional<Meter> over_limit(const TokenUsage& tokens) {
    const auto* found = std::ranges::find_if(
        kTokens, [&tokens](const auto& meter) { return tokens.*(meter.second) > kMaxCount; });
    return found == kTokens.end() ? std::nullopt : std::optional(found->first);
}

/// Up to the first fault.
void add_all(Adder& adder, const TokenUsage& tokens, const UnitUsage& units, const RateStack& rates) {
    for (const auto& [meter, count] : kTokens) {
        if (!adder.add(meter, tokens.*count)) return;
    }
    if (units.any()) {
        for (const auto& [meter, quantity] : kUnits) {
            if (!adder.add(meter, units.*quantity)) return;
        }
        if (!adder.add(meter_of(units.search_context), units.searches)) return;
    }
    if (rates.find(Meter::request)) adder.add(Meter::request, 1);
}

}  // namespace

std::expected<Sum, SumFault> sum_usage(const TokenUsage& tokens, const UnitUsage& units,
                                       const RateStack& rates, std::vector<SumLine>* lines) {
    if (const std::optional<Meter> absurd = over_limit(tokens)) {
        return std::unexpected(SumFault{UnknownReason::inconsistent_usage, RateGap::none, absurd});
    }
    Adder adder(rates, lines);
    add_all(adder, tokens, units, rates);
    return adder.result();
}

}  // namespace respand::pricing
