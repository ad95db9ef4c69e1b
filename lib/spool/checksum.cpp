#include "spool/checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace respand::spool {
namespace {

// Odd, so that multiplying by them loses nothing; otherwise arbitrary (fractions of sqrt 2, 3, 5, 7).
constexpr std::array<std::uint64_t, 4> kFactors{0x6a09e667f3bcc909, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                                0xa54ff53a5f1d36f1};

/// One to one in each argument when the other is held: no single changed word goes unnoticed.
std::uint64_t mix(std::uint64_t state, std::uint64_t word, std::uint64_t factor) {
    return std::rotl((state ^ word) * factor, 29);
}

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}

/// Four streams side by side: a multiplication takes the processor longer than starting the next one. Written
/// out, because as a loop it takes three times as long.
std::uint64_t add(std::uint64_t state, std::string_view bytes) {
    std::uint64_t first = state, second = kFactors[1], third = kFactors[2], fourth = kFactors[3];
    std::size_t at = 0;
    for (; at + 32 <= bytes.size(); at += 32) {
        first = mix(first, word_at(bytes, at), kFactors[0]);
        second = mix(second, word_at(bytes, at + 8), kFactors[1]);
        third = mix(third, word_at(bytes, at + 16), kFactors[2]);
        fourth = mix(fourth, word_at(bytes, at + 24), kFactors[3]);
    }
    for (; at + 8 <= bytes.size(); at += 8) first = mix(first, word_at(bytes, at), kFactors[0]);
    std::uint64_t rest = 0;
    if (at < bytes.size()) std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
    first = mix(first, rest, kFactors[0]);
    state = mix(first, bytes.size(), kFactors[1]);
    state = mix(state, second, kFactors[1]);
    state = mix(state, third, kFactors[2]);
    return mix(state, fourth, kFactors[3]);
}

std::int64_t finish(std::uint64_t state) {
    state ^= state >> 32;
    return std::bit_cast<std::int64_t>(state == 0 ? 1 : state);
}

}  // namespace

std::int64_t chunk_checksum(WallTime created, std::string_view lengths, std::string_view sources,
                            std::string_view body) {
    std::uint64_t state =
        mix(kFactors[3], static_cast<std::uint64_t>(created.time_since_epoch().count()), kFactors[0]);
    for (const std::string_view part : {lengths, sources, body}) state = add(state, part);
    return finish(state);
}

std::int64_t checksum(std::string_view body) { return finish(add(kFactors[3], body)); }

}  // namespace respand::spool
