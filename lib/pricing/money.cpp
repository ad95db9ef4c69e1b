#include "pricing/money.hpp"

#include <algorithm>
#include <array>

namespace respand::pricing {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr Wide kMax = ~Wide{0} >> 1;
/// 10^38 is the largest power of ten below 2^127.
constexpr int kMaxPower = 38;

constexpr std::array<Wide, kMaxPower + 1> kPowersOfTen = [] {
    std::array<Wide, kMaxPower + 1> powers{};
    Wide power = 1;
    for (Wide& entry : powers) {
        entry = power;
        power *= 10;
    }
    return powers;
}();

constexpr Wide kRoundingUnit = kPowersOfTen[Money::kScale - Money::kCostDecimals];

/// value × 10^power + digit; false when that is over kMax.
bool append(Wide& value, int power, unsigned digit) {
    if (value == 0) {  // leading zeros, however many
        value = digit;
        return true;
    }
    if (power > kMaxPower || value > (kMax - digit) / kPowersOfTen[static_cast<std::size_t>(power)])
        return false;
    value = value * kPowersOfTen[static_cast<std::size_t>(power)] + digit;
    return true;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits of a JSON number as value × 10^exponent, value without trailing zeros.
class NumberReader {
  public:
    explicit NumberReader(std::string_view text) : text_(text) {}

    /// False: not a JSON number, or more significant digits than fit.
    bool read() {
        negative_ = take('-');
        if (!read_digits(true)) return false;
        if (take('.') && !read_digits(false)) return false;
        if ((take('e') || take('E')) && !read_exponent()) return false;
        return position_ == text_.size();
    }
    bool negative() const { return negative_; }
    Wide value() const { return value_; }
    long exponent() const { return exponent_ + zeros_; }

  private:
    bool take(char c) {
        const bool found = position_ < text_.size() && text_[position_] == c;
        position_ += found ? 1 : 0;
        return found;
    }

    /// At least one digit; the whole part has no leading zero.
    bool read_digits(bool whole) {
        const std::size_t begin = position_;
        while (position_ < text_.size() && is_digit(text_[position_])) {
            const auto digit = static_cast<unsigned>(text_[position_++] - '0');
            if (!whole) --exponent_;
            if (digit == 0) {  // only worth keeping when another digit follows
                if (value_ != 0) ++zeros_;
            } else {
                if (!append(value_, static_cast<int>(std::min<long>(zeros_ + 1, kMaxPower + 1)), digit))
                    return false;
                zeros_ = 0;
            }
        }
        const std::size_t count = position_ - begin;
        return count > 0 && !(whole && count > 1 && text_[begin] == '0');
    }

    bool read_exponent() {
        const bool minus = take('-');
        if (!minus) take('+');
        const std::size_t begin = position_;
        long exponent = 0;
        while (position_ < text_.size() && is_digit(text_[position_])) {
            exponent = std::min(exponent * 10 + (text_[position_++] - '0'), kHugeExponent);
        }
        exponent_ += minus ? -exponent : exponent;
        return position_ > begin;
    }

    /// Further out than any text's digits can make up for; keeps the sum from overflowing.
    static constexpr long kHugeExponent = 1'000'000'000'000;

    std::string_view text_;
    std::size_t position_ = 0;
    bool negative_ = false;
    Wide value_ = 0;
    long exponent_ = 0;
    long zeros_ = 0;  ///< trailing zeros not yet multiplied in
};

/// units × 10^-scale as plain decimal text without trailing zeros.
std::string plain_text(Wide units, int scale) {
    std::array<char, 64> text{};  // 39 digits, a point, a leading zero
    std::size_t at = text.size();
    bool significant = false;
    for (int decimals = scale; units != 0 || decimals >= 0; --decimals) {
        const char digit = static_cast<char>('0' + static_cast<int>(units % 10));
        units /= 10;
        if (decimals == 0 && significant) text[--at] = '.';
        significant = significant || digit != '0';
        if (significant || decimals <= 0) text[--at] = digit;
    }
    return std::string(text.data() + at, text.size() - at);
}

}  // namespace

std::optional<Money> Money::parse(std::string_view decimal, int power) {
    NumberReader number(decimal);
    if (!number.read()) return std::nullopt;
    if (number.value() == 0) return Money{};
    if (number.negative()) return std::nullopt;
    const long shift = number.exponent() + power + kScale;
    if (shift < 0 || shift > kMaxPower) return std::nullopt;
    const Wide factor = kPowersOfTen[static_cast<std::size_t>(shift)];
    if (number.value() > kMax / factor) return std::nullopt;
    return Money(static_cast<Units>(number.value() * factor));
}

std::optional<Money> Money::times(std::uint64_t count) const {
    // Two 64 × 64 products instead of one 128-bit division: this stands on the hot path.
    const auto units = static_cast<Wide>(units_);
    const Wide low = static_cast<Wide>(static_cast<std::uint64_t>(units)) * count;
    const Wide high = static_cast<Wide>(static_cast<std::uint64_t>(units >> 64)) * count;
    if (high > (kMax >> 64)) return std::nullopt;
    const Wide shifted = high << 64;
    if (low > kMax - shifted) return std::nullopt;
    return Money(static_cast<Units>(shifted + low));
}

std::optional<Money::Fine> Money::times_billionths(std::uint64_t count) const {
    constexpr std::uint64_t kBillion = 1'000'000'000;
    const std::uint64_t fraction = count % kBillion;
    const auto units = static_cast<Wide>(units_);
    // The whole part, then units × fraction ÷ 10^9 without a product of more than 128 bits.
    const std::optional<Money> whole = times(count / kBillion);
    const Wide low = (units % kBillion) * fraction;
    const Wide part = units / kBillion * fraction + low / kBillion;
    const std::optional<Money> sum = whole ? whole->plus(Money(static_cast<Units>(part))) : std::nullopt;
    if (!sum) return std::nullopt;
    return Fine{*sum, static_cast<std::uint64_t>(low % kBillion)};
}

std::optional<Money> Money::plus(Money other) const {
    const Wide sum = static_cast<Wide>(units_) + static_cast<Wide>(other.units_);
    if (sum > kMax) return std::nullopt;
    return Money(static_cast<Units>(sum));
}

std::string Money::cost_text() const {
    const auto units = static_cast<Wide>(units_);
    Wide rounded = units / kRoundingUnit;
    const Wide rest = units % kRoundingUnit;
    const Wide half = kRoundingUnit / 2;
    if (rest > half || (rest == half && rounded % 2 == 1)) ++rounded;
    return plain_text(rounded, kCostDecimals);
}

std::string Money::exact_text() const { return plain_text(static_cast<Wide>(units_), kScale); }

}  // namespace respand::pricing
