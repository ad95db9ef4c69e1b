// From the many shapes in which providers report usage to disjoint buckets.
#pragma once
#include <cstdint>
#include <optional>

#include "record/usage.hpp"

namespace respand {

/// A count as a record gives it. `absent` also stands for null.
struct Count {
    enum class State : std::uint8_t { absent, good, bad };
    State state = State::absent;
    std::uint64_t value = 0;

    static constexpr Count of(std::uint64_t v) { return {v <= kMaxCount ? State::good : State::bad, v}; }
    static constexpr Count wrong() { return {State::bad, 0}; }
    constexpr bool present() const { return state != State::absent; }
    constexpr std::uint64_t or_zero() const { return state == State::good ? value : 0; }
};

/// The counts of one report under common names, with what its shape says of how they overlap.
struct ReportedUsage {
    Count input, output;                   ///< totals as reported
    Count cache_read, cache_write;         ///< cache_write: all writes, the split below included
    Count cache_write_5m, cache_write_1h;  ///< the split by lifetime, where it is given
    Count input_audio, input_image;
    Count reasoning, output_audio;
    Count extra_input;                  ///< tokens that are input, but in no total (Gemini: tool-use prompts)
    bool input_excludes_cache = false;  ///< Anthropic, Bedrock: the total counts neither reads nor writes
    bool output_excludes_reasoning = false;  ///< Gemini, xAI

    bool empty() const { return !input.present() && !output.present(); }
};

/// Outcome of normalisation: buckets, or the finding that the report does not add up.
struct NormalisedUsage {
    UsageState state = UsageState::absent;
    TokenUsage usage;
};

/// The rules: every bucket once. One repair: when cached > input, the totals must have been exclusive.
/// Anything else that does not add up, and any count that is no whole number from 0 to 2^53, is
/// `inconsistent`.
NormalisedUsage normalise(const ReportedUsage& reported);

}  // namespace respand
