// Exact money: a scaled 128-bit integer. Never a double.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace respand::pricing {

/// An exact amount of US dollars. Overflow is detected, never wrapped.
class Money {
  public:
    /// Decimals of a cost that is sent and shown.
    static constexpr int kCostDecimals = 12;
    /// Decimals carried internally: LiteLLM's table writes prices with up to 23 ("4.5003000000000007e-07").
    static constexpr int kScale = 24;

    constexpr Money() = default;
    /// 10^-kScale dollars.
    static constexpr Money smallest() { return Money(1); }

    /// Reads a JSON number's text exactly ("6.5e-7", "0.00000065", "3"), times 10^`power` (-6 reads a price
    /// per million as a price per one). Empty: not a JSON number, finer than kScale decimals, or too large.
    /// Negative amounts are refused; "-0" is 0.
    static std::optional<Money> parse(std::string_view decimal, int power = 0);

    /// Exact; empty on overflow.
    std::optional<Money> times(std::uint64_t count) const;
    std::optional<Money> plus(Money other) const;

    /// A product that needs more decimals: `money` and `rest` × 10^-33 dollars, rest below 10^9.
    struct Fine;
    /// Times a number of billionths, exact. Empty on overflow.
    std::optional<Fine> times_billionths(std::uint64_t count) const;
    /// The nearest amount with an odd last digit in the binary system, itself included. Where an exact sum
    /// had a rest beyond kScale decimals, this one rounds to kCostDecimals as that one would: it never stands
    /// exactly half-way, nor on the other side.
    constexpr Money odd() const { return Money(units_ | 1); }

    /// Half to even at kCostDecimals; then plain decimal text without trailing zeros or exponent:
    /// "0.0013922", "0", "3".
    std::string cost_text() const;
    /// All decimals, without trailing zeros: for prices.
    std::string exact_text() const;

    constexpr auto operator<=>(const Money&) const = default;

  private:
    __extension__ using Units = __int128;
    constexpr explicit Money(Units units) : units_(units) {}
    Units units_ = 0;  ///< 10^-kScale dollars, never negative: up to 1.7e14 dollars
};

struct Money::Fine {
    Money money;
    std::uint64_t rest = 0;
};

}  // namespace respand::pricing
