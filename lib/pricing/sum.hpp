// The sum itself: what was used × prices. The one place where it is computed, for price() and explain().
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "pricing/meter.hpp"
#include "pricing/money.hpp"
#include "pricing/pricing.hpp"
#include "pricing/rates.hpp"
#include "record/usage.hpp"

namespace respand::pricing {

/// One line of the sum: a meter that ran.
struct SumLine {
    Meter meter{};
    std::uint64_t count = 0;       ///< whole units…
    std::uint32_t billionths = 0;  ///< …and what is left of one
    /// False: the model is not billed by this; all that follows is empty then.
    bool billed = false;
    Meter priced_as{};                            ///< whose price it took: its own, or its stand-in's
    Money unit_price;                             ///< of one unit
    ServiceTier service = ServiceTier::standard;  ///< whose price list it stands in
    std::uint64_t first_input_tokens = 0;         ///< of the context tier it stands in; 0: none
    bool of_hardware = false;                     ///< it is the rate of the hardware
    Money amount;                                 ///< exact (beyond 24 decimals: Amount::money())
};

/// Why there is no sum.
struct SumFault {
    UnknownReason reason{};
    RateGap gap = RateGap::none;
    std::optional<Meter> meter;  ///< the one it failed at, when it was one
};

struct Sum {
    Money total;               ///< rounds to the cost as the exact sum does
    std::uint64_t billed = 0;  ///< bit(meter) of all that had a price
};

/// Adds up what was used. A meter without a price takes its stand-in's; where there is none either:
/// * tokens, when some tokens of the model have a price: no_rate;
/// * anything else: it is not what the model is billed by, and costs nothing, provided that something that
///   was used has a price. If nothing has: no_rate (RateGap::nothing_billed).
/// inconsistent_usage when a count is over kMaxCount or the sum is too large. `lines`, when given, gets the
/// lines up to the fault.
std::expected<Sum, SumFault> sum_usage(const TokenUsage& tokens, const UnitUsage& units,
                                       const RateStack& rates, std::vector<SumLine>* lines);

}  // namespace respand::pricing
