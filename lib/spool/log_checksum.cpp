#include "spool/log_checksum.hpp"

#include <bit>
#include <cstring>

#include "spool/codec.hpp"

namespace respand::spool {
namespace {

constexpr std::size_t kPair = 8;
constexpr std::size_t kWordBits = 32;

/// Adds the bit of the word that explains `error`, which has to be added to it.
void add_single(std::vector<WrongBit>& found, std::uint32_t error, std::size_t word_at) {
    for (const bool should_be : {true, false}) {
        const std::uint32_t step = should_be ? error : 0U - error;
        if (std::has_single_bit(step))
            found.push_back({word_at + static_cast<std::size_t>(std::countr_zero(step)), should_be});
    }
}

}  // namespace

LogChecksum extended(LogChecksum from, std::string_view bytes) {
    std::uint32_t first = from.first, second = from.second;
    for (std::size_t at = 0; at + kPair <= bytes.size(); at += kPair) {
        std::uint32_t words[2];
        std::memcpy(words, bytes.data() + at, kPair);
        first += words[0] + second;
        second += words[1] + first;
    }
    return {first, second};
}

int distance(LogChecksum left, LogChecksum right) {
    return std::popcount(left.first ^ right.first) + std::popcount(left.second ^ right.second);
}

std::vector<WrongBit> wrong_bits(LogChecksum found, LogChecksum wanted, std::size_t bytes) {
    // The error as it was behind each pair, from the last one back. One wrong word of a pair shows there as
    // (e, e) or (0, e); a pair without a fault turns (a, b) into (a + b, a + 2b).
    std::vector<WrongBit> candidates;
    std::uint32_t a = wanted.first - found.first, b = wanted.second - found.second;
    for (std::size_t pair = bytes / kPair; pair-- > 0;) {
        const std::size_t at = pair * kPair * 8;
        if (a == b) add_single(candidates, a, at);
        if (a == 0) add_single(candidates, b, at + kWordBits);
        const std::uint32_t before_second = b - a;
        a -= before_second;
        b = before_second;
    }
    return candidates;
}

}  // namespace respand::spool
