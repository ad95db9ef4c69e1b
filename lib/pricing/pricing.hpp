// Record facts + price table → cost, or the reason for none. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pricing/money.hpp"
#include "pricing/price_table.hpp"
#include "record/record.hpp"

namespace respand::pricing {

/// Where a cost came from.
enum class CostSource : std::uint8_t { none, app, provider, table };
inline constexpr std::size_t kCostSources = 4;
std::string_view name(CostSource source);

/// Why there is no cost. Counted by these names. Unknown is never 0.
enum class UnknownReason : std::uint8_t {
    unknown_model,
    no_usage,
    no_rate,
    inconsistent_usage,
    not_terminal
};
inline constexpr std::size_t kUnknownReasons = 5;
std::string_view name(UnknownReason reason);

/// What exactly is missing when the reason is no_rate.
enum class RateGap : std::uint8_t {
    none,
    no_price,        ///< something that was used has no price
    nothing_billed,  ///< the record states nothing of what the model is billed by
    not_yet,         ///< the record is older than the first price
    ended,           ///< the prices ended before the record's time, and no later ones are known
    over_limit,      ///< the request is larger than the prices hold for
    service_tier,    ///< a service tier that nobody here knows
    hardware,        ///< the hardware has no rate
    mixed_output,    ///< text and images of the output are not told apart
    failed_call,     ///< whether a failed call is billed by anything but its run time is not known
};

/// What pricing decided for one record.
struct Priced {
    CostSource source = CostSource::none;
    /// Set when source is provider or table; the app's own is not read. Exact: cost_text() rounds it.
    std::optional<Money> cost;
    UnknownReason reason{};       ///< valid when source is none
    RateGap gap = RateGap::none;  ///< more of it when that is no_rate
    /// What matched: always set when source is table; lives as long as the table. (For a call that never ran
    /// it is an entry of no table, and lives for ever.)
    const PriceEntry* entry = nullptr;
    MatchRule rule = MatchRule::exact;  ///< how it matched, when source is table
};

/// The cost of a record at `arrival` (used when the record carries no time of its own). The app's own cost
/// comes first, then what the provider said, then the table. Allocates nothing. Any thread.
Priced price(const RecordFacts& facts, const PriceTable& table, WallTime arrival);

}  // namespace respand::pricing
