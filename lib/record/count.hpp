// Numbers of a record that money depends on: whole counts, and decimal amounts. Read from simdjson's DOM.
// Private to the record room.
#pragma once
#include <simdjson.h>

#include <cstdint>
#include <optional>

#include "record/usage_reader.hpp"

namespace respand {

/// A whole number from 0 to 2^53, also when it is spelled 18.0; null is absent; anything else is wrong.
Count count_of(const simdjson::dom::element& value);

/// A whole number of units, in billionths. Wrong beyond what a Quantity holds (1.8e10 units).
Count whole_units_of(const simdjson::dom::element& value);

/// A decimal number of units, in billionths: see billionths_of.
Count units_of(const simdjson::dom::element& value);

/// `number` in billionths. A double stands for the shortest decimal text that reads back as it, which is the
/// text that was sent unless that had more than 15 digits; digits beyond the ninth decimal are rounded half
/// to even. Empty: negative, not finite, or more than a Quantity holds.
std::optional<std::uint64_t> billionths_of(double number);

/// One count under two names. They must agree; absent and 0 (a default that was written out) give way.
constexpr Count merged(Count a, Count b) {
    if (a.is_bad() || b.is_bad()) return Count::wrong();
    if (a.or_zero() == 0) return b.present() ? b : a;
    return b.or_zero() == 0 || b.or_zero() == a.or_zero() ? a : Count::wrong();
}

}  // namespace respand
