// Hours of the week: when prices of certain hours hold.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace respand::pricing {

/// From one minute of a day, included, to another, not included; 24 h is the end of the day.
struct DaySpan {
    std::chrono::minutes begin{};
    std::chrono::minutes end{};
    bool operator==(const DaySpan&) const = default;
};

/// Spans of some days of the week, but not on certain days. Everything in UTC.
struct WeekHours {
    std::vector<DaySpan> spans;                 ///< ascending, apart from each other; at most kMaxDaySpans
    std::uint8_t weekdays = kEveryDay;          ///< bit 0 is Monday
    std::vector<std::chrono::sys_days> not_on;  ///< ascending, no two alike; at most kMaxDaysOff

    bool contain(WallTime time) const;
    /// "01:00-04:00 and 06:00-10:00 UTC, mon-fri, not on 6 days".
    std::string in_words() const;
    bool operator==(const WeekHours&) const = default;

    static constexpr std::uint8_t kEveryDay = 0x7f;
};
/// A span for every hour of a day.
inline constexpr std::size_t kMaxDaySpans = 24;
/// All public holidays of some years.
inline constexpr std::size_t kMaxDaysOff = 1000;

/// "mon" … "sun", as files spell them; the place is the bit in WeekHours::weekdays.
inline constexpr std::array<std::string_view, 7> kWeekdays = {"mon", "tue", "wed", "thu",
                                                              "fri", "sat", "sun"};

/// "01:00-04:00".
std::string text_of(const DaySpan& span);
/// "2026-10-01".
std::string text_of(std::chrono::sys_days day);

}  // namespace respand::pricing
