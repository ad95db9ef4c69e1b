// The mark by which a flipped bit is noticed: SQLite's pages have none. Inside this room only.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"

namespace respand::spool {

/// 64 bits over everything that goes to the server or decides about it. Never 0, which stands for "none" (a
/// row of an older version). A change within eight bytes is always noticed, others with all but one in 2^64.
/// No protection against somebody who means to.
std::int64_t chunk_checksum(WallTime created, std::string_view lengths, std::string_view sources,
                            std::string_view body);
std::int64_t checksum(std::string_view body);

}  // namespace respand::spool
