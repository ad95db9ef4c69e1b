// The decision behind price() and explain(). Internal to this room.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "pricing/pricing.hpp"
#include "pricing/sum.hpp"

namespace respand::pricing {

/// What explain() shows beyond the result.
struct DecisionDetail {
    std::vector<SumLine> lines;
    std::optional<Match> match;
    WallTime time;                        ///< that decided which prices were in force
    const PricePeriod* period = nullptr;  ///< those prices; lives as long as the table
    std::string_view hardware;            ///< whose rate was asked for; lives as long as the record or table
    std::optional<Meter> failed_at;
};

/// `detail` may be null; nothing is allocated then.
Priced decide(const RecordFacts& facts, const PriceTable& table, WallTime arrival, DecisionDetail* detail);

}  // namespace respand::pricing
