// UUID version 7 (RFC 9562): sorts by time of creation, so that a duplicate can be found by when it was made.
#pragma once
#include <array>
#include <cstdint>
#include <random>
#include <string_view>

#include "base/clock.hpp"

namespace respand {

/// The 36 characters of a UUID, "019abc…-…".
using UuidText = std::array<char, 36>;
inline std::string_view view(const UuidText& text) { return {text.data(), text.size()}; }

/// Makes UUIDs that rise strictly within one generator, even when the wall clock steps back.
/// One thread. Layout: 48 bits of milliseconds, 12 bits of counter (RFC 9562 method 1), 62 random bits.
class Uuid7Generator {
  public:
    /// `seed`: 0 takes one from the operating system.
    explicit Uuid7Generator(std::uint64_t seed = 0);
    UuidText next(WallTime now);

  private:
    std::mt19937_64 random_;
    std::uint64_t millis_ = 0;
    std::uint32_t counter_ = 0;
};

}  // namespace respand
