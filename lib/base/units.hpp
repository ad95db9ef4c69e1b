// Sizes and durations as people write them in configuration and see them in output.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace respand {

/// A number of bytes. Its own type so that a size can't be taken for a count.
struct ByteCount {
    std::uint64_t value = 0;
    constexpr auto operator<=>(const ByteCount&) const = default;
};

constexpr ByteCount operator""_B(unsigned long long n) { return {n}; }
constexpr ByteCount operator""_KiB(unsigned long long n) { return {n << 10}; }
constexpr ByteCount operator""_MiB(unsigned long long n) { return {n << 20}; }
constexpr ByteCount operator""_GiB(unsigned long long n) { return {n << 30}; }

/// "4GiB", "64KiB", "20MB", "512B": a whole number and a unit (B, kB, KB, MB, GB, TB, KiB, MiB, GiB, TiB).
/// A bare number is refused: a size without a unit is how bytes get taken for kilobytes.
Result<ByteCount> parse_byte_count(std::string_view text);

/// "200ms", "1.5s", "2m", "1h", "7d", "50us": a decimal number and a unit. A bare "0" is allowed.
Result<std::chrono::microseconds> parse_duration(std::string_view text);

/// The shortest spelling that parses back to the same value: "4GiB", "1500B".
std::string format(ByteCount size);
/// The shortest spelling that parses back to the same value: "200ms", "90s", "1h".
std::string format(std::chrono::microseconds duration);

/// For people, rounded: "3.4 GiB", "12 s", "4 min", "3 h 20 min".
std::string approximate(ByteCount size);
std::string approximate(std::chrono::microseconds duration);
/// 1234567 → "1,234,567".
std::string grouped(std::uint64_t number);

}  // namespace respand
