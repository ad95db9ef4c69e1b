// An exact sum of prices × quantities, however many decimals both have.
#pragma once
#include <cstdint>
#include <optional>

#include "pricing/money.hpp"
#include "record/usage.hpp"

namespace respand::pricing {

/// US dollars to 33 decimals: the 24 of a price and the 9 of a quantity. Overflow is detected.
class Amount {
  public:
    constexpr Amount() = default;
    /// A price for each of `count`.
    static std::optional<Amount> of(Money price, std::uint64_t count);
    static std::optional<Amount> of(Money price, Quantity quantity);

    std::optional<Amount> plus(Amount other) const;

    /// The same where 24 decimals hold it. Else the neighbour that rounds to a cost as this does
    /// (Money::odd).
    Money money() const { return rest_ == 0 ? money_ : money_.odd(); }
    bool operator==(const Amount&) const = default;

  private:
    Amount(Money money, std::uint64_t rest) : money_(money), rest_(rest) {}
    Money money_;
    std::uint64_t rest_ = 0;  ///< below 10^9, in 10^-33 dollars
};

}  // namespace respand::pricing
