// What a call used, as far as it is billed by tokens: disjoint buckets, made once from whatever the record
// says.
#pragma once
#include <cstdint>

namespace respand {

/// Largest count that is believed: 2^53, the last whole number every JSON reader agrees on.
inline constexpr std::uint64_t kMaxCount = 1ULL << 53;

/// Disjoint token buckets of one call. Every token stands in exactly one of them.
struct TokenUsage {
    std::uint64_t input_text = 0;  ///< input, neither cached nor written to a cache, nor audio or image
    std::uint64_t cache_read = 0;  ///< input read from a cache
    std::uint64_t cache_write_5m =
        0;  ///< input written to a cache; writes without a stated lifetime stand here
    std::uint64_t cache_write_1h = 0;  ///< input written to a cache for an hour
    std::uint64_t input_audio = 0;
    std::uint64_t input_image = 0;
    std::uint64_t output_text = 0;  ///< output, neither reasoning nor audio
    std::uint64_t reasoning = 0;
    std::uint64_t output_audio = 0;

    /// All input tokens, cache included: what context tiers go by. Each bucket is at most kMaxCount, so no
    /// overflow.
    constexpr std::uint64_t input_total() const {
        return input_text + cache_read + cache_write_5m + cache_write_1h + input_audio + input_image;
    }
    constexpr auto operator<=>(const TokenUsage&) const = default;
};

/// How far usage could be read from a record.
enum class UsageState : std::uint8_t {
    absent,        ///< the record says nothing of tokens
    present,       ///< buckets are filled
    inconsistent,  ///< counts that are no counts, or do not add up
    not_terminal,  ///< the call is still running (a Replicate prediction that is starting or processing)
};

}  // namespace respand
