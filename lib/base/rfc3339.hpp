// Timestamps as text.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace respand {

/// "2026-11-22T10:57:44.123456Z": UTC, always six decimals, always 27 characters.
std::string format_rfc3339(WallTime time);

/// Reads RFC 3339 with any number of decimals (cut at microseconds) and any offset ("Z", "+02:00").
/// Also takes ISO 8601 without offset (read as UTC) and a blank instead of the T, as Python's str() writes
/// it.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace respand
