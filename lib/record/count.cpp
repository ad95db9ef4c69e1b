#include "record/count.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <system_error>

namespace respand {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::uint64_t kMaxWholeUnits = std::numeric_limits<std::uint64_t>::max() / Quantity::kOne;
constexpr int kDecimals = 9;

/// The digits of a number without its point, and how many of them stand behind it (negative: zeros follow).
struct Decimal {
    std::uint64_t digits = 0;
    int decimals = 0;
};

/// Reads "d.ddde±xx", as std::to_chars writes it: at most 17 digits.
Decimal decimal_of(std::string_view text) {
    Decimal out;
    const std::size_t e = text.find('e');
    bool behind_point = false;
    for (const char c : text.substr(0, e)) {
        if (c == '.') {
            behind_point = true;
            continue;
        }
        out.digits = out.digits * 10 + static_cast<std::uint64_t>(c - '0');
        if (behind_point) ++out.decimals;
    }
    int exponent = 0;
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
    out.decimals -= exponent;
    return out;
}

/// `digits` without its last `count` digits, rounded half to even.
std::uint64_t rounded(std::uint64_t digits, int count) {
    std::uint64_t divisor = 1;
    for (; count > 0; --count) {
        if (divisor > digits) return 0;  // less than a tenth of the last kept digit
        divisor *= 10;
    }
    const std::uint64_t whole = digits / divisor, rest = digits % divisor;
    const bool up = rest * 2 > divisor || (rest * 2 == divisor && whole % 2 == 1);
    return up ? whole + 1 : whole;
}

}  // namespace

std::optional<std::uint64_t> billionths_of(double number) {
    if (!std::isfinite(number) || number < 0 || number >= static_cast<double>(kMaxWholeUnits)) return {};
    if (number == 0) return 0;
    std::array<char, 32> text{};
    const auto [end, fault] =
        std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific);
    if (fault != std::errc{}) return {};
    Decimal decimal = decimal_of({text.data(), static_cast<std::size_t>(end - text.data())});
    if (decimal.decimals > kDecimals) return rounded(decimal.digits, decimal.decimals - kDecimals);
    for (; decimal.decimals < kDecimals; ++decimal.decimals)
        decimal.digits *= 10;  // below 1.8e10 units: fits
    return decimal.digits;
}

Count count_of(const element& value) {
    switch (value.type()) {
        case element_type::UINT64:
        case element_type::INT64: {
            std::int64_t n = -1;
            return value.get(n) == simdjson::SUCCESS && n >= 0 ? Count::of(static_cast<std::uint64_t>(n))
                                                               : Count::wrong();
        }
        case element_type::DOUBLE: {
            const double n = value.get_double().value_unsafe();
            const bool whole = n >= 0 && n <= static_cast<double>(kMaxCount) && std::trunc(n) == n;
            return whole ? Count::of(static_cast<std::uint64_t>(n)) : Count::wrong();
        }
        case element_type::NULL_VALUE:
            return {};
        default:
            return Count::wrong();
    }
}

Count whole_units_of(const element& value) {
    const Count count = count_of(value);
    if (!count.present() || count.is_bad()) return count;
    if (count.or_zero() > kMaxWholeUnits) return Count::wrong();
    return Count::of_billionths(count.or_zero() * Quantity::kOne);
}

Count units_of(const element& value) {
    if (!value.is_double()) return whole_units_of(value);
    const auto billionths = billionths_of(value.get_double().value_unsafe());
    return billionths ? Count::of_billionths(*billionths) : Count::wrong();
}

}  // namespace respand
