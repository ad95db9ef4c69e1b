// From the many shapes in which providers report usage to disjoint buckets.
#pragma once
#include <cstdint>
#include <optional>

#include "record/usage.hpp"

namespace respand {

/// A count as a record gives it: absent (which also stands for null), good, or bad (there, but no count).
class Count {
  public:
    constexpr Count() = default;
    /// A count of tokens: bad above kMaxCount.
    static constexpr Count of(std::uint64_t value) { return value <= kMaxCount ? Count(value) : wrong(); }
    /// An amount in billionths: any but the two largest values.
    static constexpr Count of_billionths(std::uint64_t value) { return Count(value); }
    static constexpr Count wrong() { return Count(kBad); }

    constexpr bool present() const { return raw_ != kAbsent; }
    constexpr bool is_bad() const { return raw_ == kBad; }
    constexpr std::uint64_t or_zero() const { return raw_ < kBad ? raw_ : 0; }

  private:
    static constexpr std::uint64_t kAbsent = ~std::uint64_t{0}, kBad = kAbsent - 1;
    constexpr explicit Count(std::uint64_t raw) : raw_(raw) {}

    std::uint64_t raw_ = kAbsent;
};

/// Parts of a total by kind of content; what is in none of them is text.
struct MediaCounts {
    Count audio, image, video;

    /// As far as they are good.
    constexpr std::uint64_t sum() const { return audio.or_zero() + image.or_zero() + video.or_zero(); }
    constexpr bool present() const { return audio.present() || image.present() || video.present(); }
    constexpr bool any_bad() const { return audio.is_bad() || image.is_bad() || video.is_bad(); }
};

/// The counts of one report under common names, with what its shape says of how they overlap.
struct ReportedUsage {
    Count input, output;                   ///< totals as reported
    Count cache_read, cache_write;         ///< cache_write: all writes, the split below included
    Count cache_write_5m, cache_write_1h;  ///< the split by lifetime, where it is given
    MediaCounts input_media;               ///< of the whole input, what was read from a cache included
    MediaCounts cached_media;              ///< of cache_read
    Count reasoning;
    MediaCounts output_media;
    Count extra_input;                  ///< tokens that are input, but in no total (Gemini: tool-use prompts)
    MediaCounts extra_media;            ///< of extra_input
    Count citation;                     ///< tokens that are in no total at all (Perplexity)
    bool input_excludes_cache = false;  ///< Anthropic, Bedrock: the total counts neither reads nor writes
    bool output_excludes_reasoning = false;  ///< Gemini, xAI, Perplexity

    /// Says nothing of totals: no report.
    bool empty() const { return !input.present() && !output.present(); }
    /// Some count is no count.
    bool any_bad() const;
    /// Some count is above 0.
    bool any() const;
};

/// Outcome of normalisation: buckets, or the finding that the report does not add up.
struct NormalisedUsage {
    UsageState state = UsageState::absent;
    TokenUsage usage;
};

/// The rules: every bucket once. One repair: when cached > input, the totals must have been exclusive.
/// Anything else that does not add up (parts without a whole included), and any count that is no whole number
/// from 0 to 2^53, is `inconsistent`.
NormalisedUsage normalise(const ReportedUsage& reported);

}  // namespace respand
