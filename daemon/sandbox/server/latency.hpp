// Records that carry their own send time: found by one pass over a body, whatever its shape, so that a
// benchmark can tell delivery latency and loss without a JSON parser in its way.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace respand::sandbox {

/// Nanoseconds in 64 steps per power of two: a percentile is at most 1.6 % above the truth. 32 KiB, whatever
/// it counts.
class Histogram {
  public:
    void add(std::uint64_t nanoseconds);
    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }
    double mean() const;
    /// `percent` from 0 to 100; 0 when empty.
    std::uint64_t percentile(double percent) const;

  private:
    static constexpr unsigned kSubBits = 6;  // 64 steps per power of two
    std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(std::size_t{64} << kSubBits, 0);
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
    double sum_ = 0;
};

/// A send-time token: "~bq", 12 digits of sequence number, ".", 19 digits of CLOCK_MONOTONIC nanoseconds.
struct Token {
    std::uint64_t sequence = 0;
    std::uint64_t sent_ns = 0;
};
inline constexpr std::size_t kTokenLength = 3 + 12 + 1 + 19;
/// Sequence numbers are remembered in a bitmap up to this one (128 MiB when full); beyond, a token only
/// counts as a row.
inline constexpr std::uint64_t kMaxSequence = (std::uint64_t{1} << 30) - 1;

/// The next token at or after `from`; `next` is then the place behind it, else npos.
bool next_token(std::string_view text, std::size_t from, Token& token, std::size_t& next);

/// What the tokens seen so far tell. One thread.
class TokenTracker {
  public:
    struct Scan {
        std::uint64_t tokens = 0;
        std::uint64_t fresh = 0;      ///< seen for the first time
        std::uint64_t untracked = 0;  ///< sequence number over kMaxSequence
    };
    /// Takes every token in `text` as arrived at `now_ns` (CLOCK_MONOTONIC).
    Scan scan(std::string_view text, std::uint64_t now_ns);

    std::uint64_t unique() const { return unique_; }
    /// Sequence numbers from 0 to the highest seen that have not come.
    std::uint64_t missing() const { return unique_ == 0 ? 0 : highest_ + 1 - unique_; }
    /// Send to arrival, first arrivals only.
    const Histogram& latency() const { return latency_; }

  private:
    std::vector<std::uint64_t> seen_;
    std::uint64_t unique_ = 0;
    std::uint64_t highest_ = 0;
    Histogram latency_;
};

/// CLOCK_MONOTONIC, the clock that tokens carry.
std::uint64_t monotonic_ns();

}  // namespace respand::sandbox
