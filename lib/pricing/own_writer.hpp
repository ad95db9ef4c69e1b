// A table, or a part of it, as a file of our own format.
#pragma once
#include <string>
#include <vector>

#include "pricing/price_table.hpp"

namespace respand::pricing {

/// "respand-pricing-1" with these entries of `table` (of its models and its hardware), their aliases and,
/// when `prefix_rules` is set, its prefix rules. Reading it gives the same
/// prices. What the format has no words for is left out: a model without any price, and a price for some
/// contexts of a web search without one for the others.
std::string write_own_format(const PriceTable& table, const std::vector<const PriceEntry*>& entries,
                             bool prefix_rules);

/// "2026-05-01" for a midnight, else RFC 3339; empty for WallTime::min() (always).
std::string since_text(WallTime from);

/// A price for as many units as people state it for: "0.65" for a million tokens.
std::string price_text(Meter meter, Money unit_price);

}  // namespace respand::pricing
