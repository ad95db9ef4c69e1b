#include "sandbox/server/latency.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <ctime>

namespace respand::sandbox {
namespace {

constexpr std::size_t kSequenceDigits = 12;
constexpr std::size_t kTimeDigits = 19;

bool digits(const char* text, std::size_t count, std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
        if (digit > 9) return false;
        value = value * 10 + digit;  // 19 digits fit 64 bits
    }
    return true;
}

}  // namespace

void Histogram::add(std::uint64_t nanoseconds) {
    constexpr std::uint64_t kSteps = std::uint64_t{1} << kSubBits;
    std::size_t bucket = nanoseconds;
    if (nanoseconds >= kSteps) {
        const auto exponent = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1;  // kSubBits or more
        const std::uint64_t step = (nanoseconds >> (exponent - kSubBits)) & (kSteps - 1);
        bucket = ((exponent - kSubBits + 1) << kSubBits) + step;
    }
    ++buckets_[bucket];
    ++count_;
    max_ = std::max(max_, nanoseconds);
    sum_ += static_cast<double>(nanoseconds);
}

double Histogram::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

std::uint64_t Histogram::percentile(double percent) const {
    constexpr std::uint64_t kSteps = std::uint64_t{1} << kSubBits;
    const auto wanted = static_cast<std::uint64_t>(percent / 100 * static_cast<double>(count_));
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        below += buckets_[bucket];
        if (below <= wanted) continue;
        if (bucket < kSteps) return std::min<std::uint64_t>(bucket, max_);
        const std::size_t shift = (bucket >> kSubBits) - 1;
        const std::uint64_t upper = ((kSteps + bucket % kSteps + 1) << shift) - 1;
        return std::min(upper, max_);
    }
    return max_;
}

bool next_token(std::string_view text, std::size_t from, Token& token, std::size_t& next) {
    next = std::string_view::npos;
    while (from < text.size()) {
        const void* tilde = std::memchr(text.data() + from, '~', text.size() - from);
        if (tilde == nullptr) return false;
        from = static_cast<std::size_t>(static_cast<const char*>(tilde) - text.data());
        const std::string_view rest = text.substr(from);
        if (rest.size() < kTokenLength) return false;
        if (rest.starts_with("~bq") && rest[3 + kSequenceDigits] == '.' &&
            digits(rest.data() + 3, kSequenceDigits, token.sequence) &&
            digits(rest.data() + 4 + kSequenceDigits, kTimeDigits, token.sent_ns)) {
            next = from + kTokenLength;
            return true;
        }
        ++from;
    }
    return false;
}

TokenTracker::Scan TokenTracker::scan(std::string_view text, std::uint64_t now_ns) {
    constexpr std::uint64_t kWordBits = 64;
    Scan result;
    Token token;
    for (std::size_t at = 0; next_token(text, at, token, at);) {
        ++result.tokens;
        if (token.sequence > kMaxSequence) {
            ++result.untracked;
            continue;
        }
        const std::size_t word = token.sequence / kWordBits;
        const std::uint64_t bit = std::uint64_t{1} << (token.sequence % kWordBits);
        if (word >= seen_.size()) seen_.resize(std::max(word + 1, seen_.size() * 2), 0);
        if ((seen_[word] & bit) != 0) continue;
        seen_[word] |= bit;
        ++unique_;
        ++result.fresh;
        highest_ = std::max(highest_, token.sequence);
        latency_.add(now_ns > token.sent_ns ? now_ns - token.sent_ns : 0);
    }
    return result;
}

std::uint64_t monotonic_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace respand::sandbox
