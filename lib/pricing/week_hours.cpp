#include "pricing/week_hours.hpp"

#include <algorithm>
#include <bit>

#include "base/rfc3339.hpp"

namespace respand::pricing {
namespace {

std::string clock_text(std::chrono::minutes of_day) {
    const auto two_digits = [](std::int64_t number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    const auto hours = std::chrono::floor<std::chrono::hours>(of_day);
    return two_digits(hours.count()) + ":" + two_digits((of_day - hours).count());
}

/// " mon-fri", or " mon wed" where the days are no row of three or more.
std::string weekday_text(std::uint8_t weekdays) {
    const auto first = static_cast<std::size_t>(std::countr_zero(weekdays));
    const auto days = static_cast<std::size_t>(std::popcount(weekdays));
    const bool row = days >= 3 && weekdays >> first == (1 << days) - 1;
    if (row) return " " + std::string(kWeekdays[first]) + "-" + std::string(kWeekdays[first + days - 1]);
    std::string text;
    for (std::size_t i = 0; i < kWeekdays.size(); ++i)
        if ((weekdays >> i & 1U) != 0) text += " " + std::string(kWeekdays[i]);
    return text;
}

}  // namespace

bool WeekHours::contain(WallTime time) const {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const auto of_day = time - day;
    const bool in_span = std::ranges::any_of(
        spans, [&](const DaySpan& span) { return span.begin <= of_day && of_day < span.end; });
    if (!in_span) return false;
    const unsigned weekday = std::chrono::weekday(day).iso_encoding() - 1;
    return (weekdays >> weekday & 1U) != 0 && !std::ranges::binary_search(not_on, day);
}

std::string WeekHours::in_words() const {
    std::string text;
    for (const DaySpan& span : spans) text += (text.empty() ? "" : " and ") + text_of(span);
    text += " UTC";
    if (weekdays != kEveryDay) text += "," + weekday_text(weekdays);
    if (not_on.empty()) return text;
    return text + ", not on " + std::to_string(not_on.size()) + (not_on.size() == 1 ? " day" : " days");
}

std::string text_of(const DaySpan& span) { return clock_text(span.begin) + "-" + clock_text(span.end); }

std::string text_of(std::chrono::sys_days day) {
    constexpr std::size_t kDateBytes = 10;
    return format_rfc3339(day).substr(0, kDateBytes);
}

}  // namespace respand::pricing
