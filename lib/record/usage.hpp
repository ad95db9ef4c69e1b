// What a call used, as far as it is billed: disjoint buckets of tokens, and quantities of other units. Made
// once from whatever the record says.
#pragma once
#include <cstdint>

namespace respand {

/// Largest count that is believed: 2^53, the last whole number every JSON reader agrees on.
inline constexpr std::uint64_t kMaxCount = 1ULL << 53;

/// Disjoint token buckets of one call. Every token stands in exactly one of them.
struct TokenUsage {
    std::uint64_t input_text = 0;  ///< input, neither cached nor written to a cache, nor of another kind
    std::uint64_t cache_read = 0;  ///< text input read from a cache
    std::uint64_t cache_write_5m =
        0;  ///< input written to a cache; writes without a stated lifetime stand here
    std::uint64_t cache_write_1h = 0;  ///< input written to a cache for an hour
    std::uint64_t input_audio = 0;     ///< not cached
    std::uint64_t input_image = 0;     ///< not cached
    std::uint64_t input_video = 0;     ///< not cached
    std::uint64_t cache_read_audio = 0;
    std::uint64_t cache_read_image = 0;
    std::uint64_t cache_read_video = 0;
    std::uint64_t output_text = 0;  ///< output of no other kind
    std::uint64_t reasoning = 0;
    std::uint64_t output_audio = 0;
    std::uint64_t output_image = 0;
    std::uint64_t output_video = 0;
    std::uint64_t citation = 0;  ///< tokens of quoted sources (Perplexity); in no total

    /// All input tokens, cache included: what context tiers go by. Each bucket is at most kMaxCount, so no
    /// overflow.
    constexpr std::uint64_t input_total() const {
        return input_text + cache_read + cache_write_5m + cache_write_1h + input_audio + input_image +
               input_video + cache_read_audio + cache_read_image + cache_read_video;
    }
    constexpr auto operator<=>(const TokenUsage&) const = default;
};

/// An amount of something that is not tokens, in billionths: 12.5 seconds is 12'500'000'000. Up to 1.8e10
/// units.
struct Quantity {
    static constexpr std::uint64_t kOne = 1'000'000'000;
    std::uint64_t billionths = 0;

    static constexpr Quantity of(std::uint64_t whole) { return {whole * kOne}; }
    constexpr bool any() const { return billionths != 0; }
    constexpr auto operator<=>(const Quantity&) const = default;
};

/// How much of the web a search looked through, where that has prices of its own.
enum class SearchContext : std::uint8_t { not_stated, low, medium, high };

/// What was used beside tokens. 0: nothing, or not stated.
struct UnitUsage {
    Quantity run_seconds{};  ///< of hardware (Replicate's predict_time)
    Quantity images{};       ///< made
    Quantity images_in{};
    Quantity characters_in{}, characters_out{};
    Quantity pages{};
    Quantity audio_seconds_in{}, audio_seconds_out{};
    Quantity video_seconds_in{}, video_seconds_out{};
    Quantity searches{};  ///< web searches
    SearchContext search_context = SearchContext::not_stated;

    constexpr auto operator<=>(const UnitUsage&) const = default;
    constexpr bool any() const {
        UnitUsage none;
        none.search_context = search_context;
        return *this != none;
    }
};

/// Which of a vendor's price lists a call was billed by.
enum class ServiceTier : std::uint8_t {
    standard,  ///< none stated, or "default", "auto", "standard", "on_demand"
    flex,
    priority,
    batch,
    other,  ///< one whose prices nobody here knows
};

/// How far usage could be read from a record.
enum class UsageState : std::uint8_t {
    absent,        ///< the record says nothing of what was used
    present,       ///< buckets or units are filled
    inconsistent,  ///< counts that are no counts, or do not add up
    not_terminal,  ///< the call is still running (a Replicate prediction that is starting or processing)
};

/// How a Replicate prediction ended; what is billed depends on it.
enum class CallEnd : std::uint8_t {
    succeeded,  ///< also every record that is no prediction
    failed,     ///< run time is billed; tokens and images only where the table says so
    canceled,   ///< what ran until then is billed
    aborted,    ///< never ran: costs nothing
};

}  // namespace respand
