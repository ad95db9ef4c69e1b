#include "pricing/sum.hpp"

#include "pricing/amount.hpp"

namespace respand::pricing {
namespace {

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

}  // namespace

std::expected<Sum, SumFault> sum_usage(const TokenUsage& tokens, const UnitUsage& units,
                                       const RateStack& rates, std::vector<SumLine>* lines) {
    for (const MeterInfo& meter : all_meters()) {
        if (meter.tokens != nullptr && tokens.*(meter.tokens) > kMaxCount) {
            return std::unexpected(SumFault{UnknownReason::inconsistent_usage, RateGap::none, meter.meter});
        }
    }
    Adder adder(rates, lines);
    for (const MeterInfo& meter : all_meters()) {
        bool added = true;
        if (meter.tokens != nullptr) {
            added = adder.add(meter.meter, tokens.*(meter.tokens));
        } else if (meter.units != nullptr) {
            added = adder.add(meter.meter, units.*(meter.units));
        } else if (meter.meter == Meter::request) {
            added = rates.find(Meter::request) ? adder.add(Meter::request, 1) : true;
        } else if (meter.meter == meter_of(units.search_context)) {
            added = adder.add(meter.meter, units.searches);
        }
        if (!added) break;
    }
    return adder.result();
}

}  // namespace respand::pricing
