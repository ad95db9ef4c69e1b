// The decision behind price() and explain(). Internal to this room.
#pragma once
#include <optional>
#include <vector>

#include "pricing/pricing.hpp"
#include "pricing/token_sum.hpp"

namespace respand::pricing {

/// What explain() shows beyond the result.
struct DecisionDetail {
    std::vector<SumLine> lines;
    std::optional<Match> match;
    std::optional<Bucket> failed_at;
};

/// `detail` may be null; nothing is allocated then.
Priced decide(const RecordFacts& facts, const PriceTable& table, DecisionDetail* detail);

}  // namespace respand::pricing
