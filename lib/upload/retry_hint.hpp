// How long the server asked us to wait. Pure.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "upload/transport.hpp"

namespace respand::upload {

/// Longest wait that is taken from a server: a typing error over there must not silence a lane for a day.
inline constexpr std::chrono::hours kLongestAskedWait{1};

/// An HTTP date in any of the three spellings of RFC 9110 §5.6.7. Needs the "C" locale, which the daemon runs
/// in.
std::optional<WallTime> parse_http_date(std::string_view text);

/// The longest of `Retry-After` (seconds, or a date relative to the server's own Date header or else `now`),
/// `retry-after-ms` and `body_retry_after` (seconds, from the JSON body); only when there is none of them,
/// `x-ratelimit-reset` (seconds from now, or seconds or milliseconds since 1970). Within [0,
/// kLongestAskedWait]; what can't be read is ignored.
std::optional<std::chrono::milliseconds> asked_wait(const Reply& reply,
                                                    std::optional<double> body_retry_after, WallTime now);

/// A non-negative decimal number and nothing else but blanks around it.
std::optional<double> parse_number(std::string_view text);

}  // namespace respand::upload
