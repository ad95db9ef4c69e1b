#include "pricing/amount.hpp"

namespace respand::pricing {
namespace {

constexpr std::uint64_t kBillion = 1'000'000'000;

}  // namespace

std::optional<Amount> Amount::of(Money price, std::uint64_t count) {
    const std::optional<Money> product = price.times(count);
    return product ? std::optional(Amount(*product, 0)) : std::nullopt;
}

std::optional<Amount> Amount::of(Money price, Quantity quantity) {
    const std::optional<Money::Fine> product = price.times_billionths(quantity.billionths);
    return product ? std::optional(Amount(product->money, product->rest)) : std::nullopt;
}

std::optional<Amount> Amount::plus(Amount other) const {
    const std::uint64_t rest = rest_ + other.rest_;
    std::optional<Money> sum = money_.plus(other.money_);
    if (sum && rest >= kBillion) sum = sum->plus(Money::smallest());
    return sum ? std::optional(Amount(*sum, rest % kBillion)) : std::nullopt;
}

}  // namespace respand::pricing
