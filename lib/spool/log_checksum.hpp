// The running checksum of SQLite's write-ahead log, and what it can tell. Inside this room only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace respand::spool {

/// Two sums over pairs of 32-bit words, each frame going on from the frame before it
/// (https://www.sqlite.org/fileformat2.html#checksum_algorithm; the little-endian kind).
struct LogChecksum {
    std::uint32_t first = 0, second = 0;
    bool operator==(const LogChecksum&) const = default;
};

/// \param bytes  whole pairs: a multiple of 8
LogChecksum extended(LogChecksum from, std::string_view bytes);

/// Bits in which they differ.
int distance(LogChecksum left, LogChecksum right);

/// A bit that may be wrong, and what it should be then.
struct WrongBit {
    std::size_t bit = 0;  ///< bit N is bit N % 8 of byte N / 8
    bool should_be = false;
};

/// The single bits that explain the difference, each of them alone. The sums are linear, so it is none unless
/// there is one (2^17 bits of a page against 2^64 differences). It is usually one for the lower 21 bits of a
/// word; the upper ones show the same again after some pairs, the highest after three.
/// \param found   sums over what is there
/// \param wanted  sums over what was written
/// \param bytes   over how many bytes
std::vector<WrongBit> wrong_bits(LogChecksum found, LogChecksum wanted, std::size_t bytes);

}  // namespace respand::spool
