// Schoolbook arithmetic on decimal text: slow, and nothing in common with Money but the result.
#pragma once
#include <algorithm>
#include <string>

namespace respand::pricing::test {

/// A whole number as digits, most significant first, no leading zeros; "" is 0.
inline std::string normal(std::string digits) {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

inline std::string add(std::string a, std::string b) {
    const std::size_t width = std::max(a.size(), b.size()) + 1;
    a.insert(0, width - a.size(), '0');
    b.insert(0, width - b.size(), '0');
    int carry = 0;
    for (std::size_t i = width; i-- > 0;) {
        const int sum = (a[i] - '0') + (b[i] - '0') + carry;
        a[i] = static_cast<char>('0' + sum % 10);
        carry = sum / 10;
    }
    return normal(a);
}

inline std::string multiply(const std::string& a, const std::string& b) {
    std::string sum;
    for (const char digit : b) {
        if (!sum.empty()) sum += '0';
        for (int i = 0; i < digit - '0'; ++i) sum = add(sum, a);
    }
    return sum;
}

/// digits × 10^-scale as plain text without trailing zeros.
inline std::string plain(std::string digits, std::size_t scale) {
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    return digits;
}

/// digits × 10^-scale, rounded half to even to `decimals`.
inline std::string rounded(const std::string& digits, std::size_t scale, std::size_t decimals) {
    const std::size_t cut = scale - decimals;
    std::string padded = digits;
    if (padded.size() < cut + 1) padded.insert(0, cut + 1 - padded.size(), '0');
    std::string kept = padded.substr(0, padded.size() - cut);
    const std::string rest = padded.substr(padded.size() - cut);
    std::string half(cut, '0');
    half[0] = '5';
    const bool odd = (kept.back() - '0') % 2 == 1;
    if (rest > half || (rest == half && odd)) kept = add(kept, "1");
    return plain(normal(kept), decimals);
}

}  // namespace respand::pricing::test
