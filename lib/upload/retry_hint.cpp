#include "upload/retry_hint.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string>

namespace respand::upload {
namespace {

using std::chrono::milliseconds;

milliseconds clamp_seconds(double seconds) {
    const double longest = std::chrono::duration<double>(kLongestAskedWait).count();
    return milliseconds(static_cast<std::int64_t>(std::ceil(std::clamp(seconds, 0.0, longest) * 1'000)));
}

double seconds_between(WallTime from, WallTime to) {
    return std::chrono::duration<double>(to - from).count();
}

/// A bare number of x-ratelimit-reset is a span when small, a moment in time when large.
double reset_to_seconds(double value, WallTime server_now) {
    constexpr double kSmallestEpochSeconds = 1e9;  // 2001
    constexpr double kSmallestEpochMillis = 1e12;  // 2001
    const double now = std::chrono::duration<double>(server_now.time_since_epoch()).count();
    if (value >= kSmallestEpochMillis) return value / 1'000 - now;
    if (value >= kSmallestEpochSeconds) return value - now;
    return value;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
        return {};
    return value;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
    const std::string terminated(text);
    for (const char* layout :
         {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
        std::tm parts{};
        const char* end = ::strptime(terminated.c_str(), layout, &parts);
        if (end != nullptr && *end == '\0') return WallTime{std::chrono::seconds{::timegm(&parts)}};
    }
    return {};
}

std::optional<milliseconds> asked_wait(const Reply& reply, std::optional<double> body_retry_after,
                                       WallTime now) {
    const WallTime server_now = (reply.date ? parse_http_date(*reply.date) : std::nullopt).value_or(now);
    std::optional<milliseconds> wait;
    const auto ask = [&wait](double seconds) {
        wait = std::max(wait.value_or(milliseconds{0}), clamp_seconds(seconds));
    };
    if (reply.retry_after) {
        if (const auto seconds = parse_number(*reply.retry_after)) {
            ask(*seconds);
        } else if (const auto date = parse_http_date(*reply.retry_after)) {
            ask(seconds_between(server_now, *date));
        }
    }
    if (reply.retry_after_ms) {
        if (const auto millis = parse_number(*reply.retry_after_ms)) ask(*millis / 1'000);
    }
    if (body_retry_after && std::isfinite(*body_retry_after) && *body_retry_after >= 0)
        ask(*body_retry_after);
    if (!wait && reply.rate_limit_reset) {
        if (const auto value = parse_number(*reply.rate_limit_reset))
            ask(reset_to_seconds(*value, server_now));
    }
    return wait;
}

}  // namespace respand::upload
