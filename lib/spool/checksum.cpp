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

/// Four streams side by side: a multiplication takes the processor longer than starting the next one.
std::uint64_t add(std::uint64_t state, std::string_view bytes) {
    std::array<std::uint64_t, 4> streams{state, kFactors[1], kFactors[2], kFactors[3]};
    std::size_t at = 0;
    for (; at + 32 <= bytes.size(); at += 32)
        for (std::size_t i = 0; i < 4; ++i)
            streams[i] = mix(streams[i], word_at(bytes, at + i * 8), kFactors[i]);
    for (; at + 8 <= bytes.size(); at += 8) streams[0] = mix(streams[0], word_at(bytes, at), kFactors[0]);
    std::uint64_t rest = 0;
    if (at < bytes.size()) std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
    streams[0] = mix(streams[0], rest, kFactors[0]);
    state = mix(streams[0], bytes.size(), kFactors[1]);
    for (std::size_t i = 1; i < 4; ++i) state = mix(state, streams[i], kFactors[i]);
    return state;
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
