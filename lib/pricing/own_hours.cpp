// Prices of certain hours, in our own format.
#include <algorithm>
#include <charconv>

#include "pricing/own_members.hpp"

namespace respand::pricing {
namespace {

constexpr const char* kSpanExpected =
    "expected hours of a day like \"06:00-10:00\", the second later than the first and at most 24:00 (over "
    "midnight: two of "
    "them, \"22:00-24:00\" and \"00:00-02:00\")";

/// "06:00" … "24:00".
std::optional<std::chrono::minutes> read_clock(std::string_view text) {
    constexpr std::size_t kBytes = 5;  // of "06:00"
    if (text.size() != kBytes || text[2] != ':') return std::nullopt;
    const auto number = [](std::string_view digits) {
        unsigned value = 0;
        const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return fault == std::errc{} && stop == digits.data() + digits.size() ? std::optional(value)
                                                                             : std::nullopt;
    };
    const std::optional<unsigned> hour = number(text.substr(0, 2));
    const std::optional<unsigned> minute = number(text.substr(3));
    if (!hour || !minute || *minute >= 60) return std::nullopt;
    const std::chrono::minutes of_day = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
    return of_day <= std::chrono::days{1} ? std::optional(of_day) : std::nullopt;
}

std::optional<DaySpan> read_span(const JsonText& value) {
    const std::size_t dash = value.text.find('-');
    if (value.kind != JsonText::Kind::string || dash == std::string::npos) return std::nullopt;
    const auto begin = read_clock(std::string_view(value.text).substr(0, dash));
    const auto end = read_clock(std::string_view(value.text).substr(dash + 1));
    if (!begin || !end || *begin >= *end) return std::nullopt;
    return DaySpan{*begin, *end};
}

/// Not an error: the member is a list of `at_least` to `at_most` values.
std::optional<EntryFault> check_list(const JsonMember& member, std::size_t at_most, const std::string& of) {
    const bool fits = member.value.kind == JsonText::Kind::array && !member.value.members.empty() &&
                      member.value.members.size() <= at_most;
    if (fits) return std::nullopt;
    return fault_at(member, "expected a list of 1 to " + std::to_string(at_most) + " " + of);
}

EntryFault element_fault(const JsonMember& member, const JsonText& value, const std::string& expected) {
    return {"\"" + member.name + "\": " + shown(value) + " stands in it, " + expected, value.line};
}

std::optional<EntryFault> read_spans(const JsonMember& member, WeekHours& when) {
    if (auto fault = check_list(member, kMaxDaySpans, "spans of hours")) return fault;
    for (const auto& [unused, value] : member.value.members) {
        const std::optional<DaySpan> span = read_span(value);
        if (!span) return element_fault(member, value, kSpanExpected);
        when.spans.push_back(*span);
    }
    std::ranges::sort(when.spans, {}, &DaySpan::begin);
    const auto overlap = std::ranges::adjacent_find(
        when.spans, [](const DaySpan& one, const DaySpan& next) { return one.end > next.begin; });
    if (overlap == when.spans.end()) return std::nullopt;
    return EntryFault{"\"" + member.name + "\": " + text_of(*overlap) + " overlaps another span of hours",
                      member.value.line};
}

std::optional<EntryFault> read_weekdays(const JsonMember& member, WeekHours& when) {
    if (auto fault = check_list(member, kWeekdays.size(), "days of the week")) return fault;
    when.weekdays = 0;
    for (const auto& [unused, value] : member.value.members) {
        const auto day =
            value.kind == JsonText::Kind::string ? std::ranges::find(kWeekdays, value.text) : kWeekdays.end();
        if (day == kWeekdays.end())
            return element_fault(member, value,
                                 "expected \"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\" or \"sun\"");
        const auto bit = static_cast<std::uint8_t>(1U << (day - kWeekdays.begin()));
        if ((when.weekdays & bit) != 0) return element_fault(member, value, "which stands in it twice");
        when.weekdays |= bit;
    }
    return std::nullopt;
}

std::optional<EntryFault> read_days_off(const JsonMember& member, WeekHours& when) {
    if (auto fault = check_list(member, kMaxDaysOff, "dates")) return fault;
    for (const auto& [unused, value] : member.value.members) {
        const std::optional<WallTime> time = read_time(value);
        constexpr std::size_t kDateBytes = 10;
        if (!time || value.text.size() != kDateBytes)
            return element_fault(member, value, "expected a date like \"2026-10-01\"");
        when.not_on.push_back(std::chrono::floor<std::chrono::days>(*time));
    }
    std::ranges::sort(when.not_on);
    const auto twice = std::ranges::adjacent_find(when.not_on);
    if (twice == when.not_on.end()) return std::nullopt;
    return EntryFault{"\"" + member.name + "\": " + text_of(*twice) + " stands in it twice",
                      member.value.line};
}

std::expected<HourlyPrices, EntryFault> read_prices_of_hours(const JsonText& value, UnknownKeys& unknown) {
    if (value.kind != JsonText::Kind::object) {
        return std::unexpected(
            EntryFault{"prices of hours are " + shown(value) + ", expected an object with \"utc\" and prices",
                       value.line});
    }
    if (auto fault = check_repeats(value)) return std::unexpected(std::move(*fault));
    HourlyPrices prices;
    for (const JsonMember& member : value.members) {
        const bool of_time = member.name == "utc" || member.name == "days" || member.name == "not_on";
        if (of_time) {
            auto fault = member.name == "utc"    ? read_spans(member, prices.when)
                         : member.name == "days" ? read_weekdays(member, prices.when)
                                                 : read_days_off(member, prices.when);
            if (fault) return std::unexpected(std::move(*fault));
            continue;
        }
        const Taken taken = take_prices_member(member, prices, unknown);
        if (!taken) return std::unexpected(taken.error());
        // Anything unknown may be a condition: without it the prices would hold more widely than was written.
        if (!*taken && member.name != "comment")
            return std::unexpected(
                EntryFault{"key \"" + member.name + "\" is not known there", member.value.line});
    }
    if (prices.when.spans.empty())
        return std::unexpected(EntryFault{"prices of hours lack \"utc\", the hours", value.line});
    if (prices.mask() == 0) return std::unexpected(EntryFault{"the hours have no price", value.line});
    return prices;
}

}  // namespace

std::optional<EntryFault> read_hours(const JsonMember& member, std::vector<HourlyPrices>& hours,
                                     UnknownKeys& unknown) {
    if (auto fault = check_list(member, kMaxHourlyPrices, "sets of prices")) return fault;
    for (const auto& [unused, element] : member.value.members) {
        auto prices = read_prices_of_hours(element, unknown);
        if (!prices) return within(member.name, std::move(prices.error()));
        hours.push_back(std::move(*prices));
    }
    return std::nullopt;
}

}  // namespace respand::pricing
