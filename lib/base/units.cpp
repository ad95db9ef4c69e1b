#include "base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <span>

namespace respand {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Bytes. "K" alone is not taken: it means 1,000 to some and 1,024 to others.
constexpr std::array kByteUnits{
    Unit{"B", 1},
    Unit{"kB", 1'000},
    Unit{"KB", 1'000},
    Unit{"MB", 1'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"TB", 1'000'000'000'000},
    Unit{"KiB", 1ULL << 10},
    Unit{"MiB", 1ULL << 20},
    Unit{"GiB", 1ULL << 30},
    Unit{"TiB", 1ULL << 40},
};

// Microseconds.
constexpr std::array kTimeUnits{
    Unit{"us", 1},           Unit{"ms", 1'000},        Unit{"s", 1'000'000},      Unit{"m", 60'000'000},
    Unit{"min", 60'000'000}, Unit{"h", 3'600'000'000}, Unit{"d", 86'400'000'000},
};

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
    for (const Unit& unit : units)
        if (unit.name == name) return &unit;
    return nullptr;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Number × unit, exactly. Decimals are taken as long as the product is whole ("1.5s", not "0.1us").
std::optional<std::uint64_t> scaled(std::string_view number, std::uint64_t factor) {
    const std::size_t point = number.find('.');
    const std::string_view whole = number.substr(0, point);
    const std::string_view decimals = point == std::string_view::npos ? "" : number.substr(point + 1);
    if (whole.empty() || (point != std::string_view::npos && decimals.empty()) || decimals.size() > 9)
        return {};
    std::uint64_t value = 0;
    auto read = [](std::string_view digits, std::uint64_t& out) {
        const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return fault == std::errc{} && end == digits.data() + digits.size();
    };
    if (!read(whole, value) || __builtin_mul_overflow(value, factor, &value)) return {};
    if (decimals.empty()) return value;
    std::uint64_t part = 0, scale = 1;
    if (!read(decimals, part)) return {};
    for (std::size_t i = 0; i < decimals.size(); ++i) scale *= 10;
    if (__builtin_mul_overflow(part, factor, &part) || part % scale != 0) return {};
    if (__builtin_add_overflow(value, part / scale, &value)) return {};
    return value;
}

struct Quantity {
    std::string_view number;
    std::string_view unit;
};

Quantity split(std::string_view text) {
    text = trim(text);
    const std::size_t end = text.find_first_not_of("0123456789.");
    if (end == std::string_view::npos) return {text, {}};
    return {text.substr(0, end), trim(text.substr(end))};
}

}  // namespace

Result<ByteCount> parse_byte_count(std::string_view text) {
    const auto [number, unit_name] = split(text);
    const Unit* unit = find_unit(kByteUnits, unit_name);
    const auto value = unit ? scaled(number, unit->factor) : std::nullopt;
    if (!value)
        return fail(ErrorKind::config,
                    "'" + std::string(text) +
                        "' is not a size; write a number and a unit, as in \"64KiB\" or \"4GiB\"");
    return ByteCount{*value};
}

Result<std::chrono::microseconds> parse_duration(std::string_view text) {
    const auto [number, unit_name] = split(text);
    if (number == "0" && unit_name.empty()) return std::chrono::microseconds{0};
    const Unit* unit = find_unit(kTimeUnits, unit_name);
    const auto value = unit ? scaled(number, unit->factor) : std::nullopt;
    if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return fail(ErrorKind::config,
                    "'" + std::string(text) +
                        "' is not a duration; write a number and a unit (us, ms, s, m, h, d), as in "
                        "\"200ms\" or \"10s\"");
    return std::chrono::microseconds{static_cast<std::int64_t>(*value)};
}

std::string format(ByteCount size) {
    for (const Unit& unit : {kByteUnits[9], kByteUnits[8], kByteUnits[7], kByteUnits[6]})
        if (size.value >= unit.factor && size.value % unit.factor == 0)
            return std::to_string(size.value / unit.factor) + std::string(unit.name);
    return std::to_string(size.value) + "B";
}

std::string format(std::chrono::microseconds duration) {
    const auto value = static_cast<std::uint64_t>(duration.count());
    for (const Unit& unit : {kTimeUnits[6], kTimeUnits[5], kTimeUnits[3], kTimeUnits[2], kTimeUnits[1]})
        if (value >= unit.factor && value % unit.factor == 0)
            return std::to_string(value / unit.factor) + std::string(unit.name);
    return std::to_string(value) + (value == 0 ? "s" : "us");
}

std::string approximate(ByteCount size) {
    constexpr std::array kNames{"B", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(size.value);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kNames.size()) {
        value /= 1024;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value, kNames[unit]);
    return text;
}

std::string approximate(std::chrono::microseconds duration) {
    const std::int64_t us = duration.count();
    if (us < 1'000) return std::to_string(us) + " us";
    if (us < 1'000'000) return std::to_string(us / 1'000) + " ms";
    const std::int64_t s = us / 1'000'000;
    if (s < 120) return std::to_string(s) + " s";
    if (s < 7'200) return std::to_string(s / 60) + " min";
    if (s < 172'800) return std::to_string(s / 3'600) + " h " + std::to_string(s / 60 % 60) + " min";
    return std::to_string(s / 86'400) + " d " + std::to_string(s / 3'600 % 24) + " h";
}

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

}  // namespace respand
