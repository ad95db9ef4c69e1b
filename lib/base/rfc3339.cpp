#include "base/rfc3339.hpp"

#include <cstdio>

namespace respand {
namespace {

/// Reads exactly `digits` digits at `text`'s start and removes them.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return {};
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return {};
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// ".123456789" → 123456; no point → 0.
std::optional<int> take_micros(std::string_view& text) {
    if (!take(text, ".,")) return 0;
    int value = 0, digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (digits++ < 6) value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
    }
    if (digits == 0) return {};
    for (; digits < 6; ++digits) value *= 10;
    return value;
}

/// "Z", "+02:00", "-0530", or nothing (UTC). The whole rest of the text.
std::optional<std::chrono::minutes> take_offset(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") return std::chrono::minutes{0};
    const bool negative = text.front() == '-';
    if (!take(text, "+-")) return {};
    const auto hours = take_number(text, 2);
    take(text, ":");
    const auto minutes = text.empty() ? std::optional{0} : take_number(text, 2);
    if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59) return {};
    const std::chrono::minutes offset{*hours * 60 + *minutes};
    return negative ? -offset : offset;
}

}  // namespace

std::string format_rfc3339(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    const auto y = take_number(text, 4);
    if (!y || !take(text, "-")) return {};
    const auto mo = take_number(text, 2);
    if (!mo || !take(text, "-")) return {};
    const auto d = take_number(text, 2);
    if (!d || !take(text, "Tt ")) return {};
    const auto h = take_number(text, 2);
    if (!h || !take(text, ":")) return {};
    const auto mi = take_number(text, 2);
    if (!mi) return {};
    std::optional<int> s = 0, us = 0;
    if (take(text, ":")) {
        s = take_number(text, 2);
        us = take_micros(text);
    }
    const auto offset = take_offset(text);
    if (!s || !us || !offset) return {};
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
    if (!date.ok() || *h > 23 || *mi > 59 || *s > 60) return {};
    return WallTime{sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} + microseconds{*us} - *offset};
}

}  // namespace respand
