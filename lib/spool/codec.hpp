// How values lie in the file. Inside this room only.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace respand::spool {

static_assert(std::endian::native == std::endian::little,
              "lists of numbers are stored as they lie in memory: 32 bits, little-endian");

inline std::string_view bytes_of(const std::vector<std::uint32_t>& numbers) {
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint32_t)};
}

inline std::vector<std::uint32_t> numbers_from(std::string_view bytes) {
    std::vector<std::uint32_t> numbers(bytes.size() / sizeof(std::uint32_t));
    if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(std::uint32_t));
    return numbers;
}

inline std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime wall_time(std::int64_t us) { return WallTime{std::chrono::microseconds{us}}; }

/// At most `limit` bytes of UTF-8, without half a character at the end.
inline std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
    return text.substr(0, limit);
}

inline std::uint64_t column_count(std::int64_t value) {
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

}  // namespace respand::spool
