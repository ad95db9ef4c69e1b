// The sum itself: token buckets × prices. The one place where it is computed, for price() and explain().
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "pricing/money.hpp"
#include "pricing/pricing.hpp"
#include "record/usage.hpp"

namespace respand::pricing {

/// One bucket of TokenUsage.
enum class Bucket : std::uint8_t {
    input_text,
    cache_read,
    cache_write_5m,
    cache_write_1h,
    input_audio,
    input_image,
    output_text,
    reasoning,
    output_audio
};
std::string_view name(Bucket bucket);

/// One line of the sum: a bucket that holds tokens.
struct SumLine {
    Bucket bucket{};
    std::uint64_t count = 0;
    Bucket priced_as{};  ///< whose price it took: its own, or its parent's
    Money unit_price;    ///< per token
    Money amount;        ///< exact
};

/// Why there is no sum.
struct SumFault {
    UnknownReason reason{};
    std::optional<Bucket> bucket;  ///< the one it failed at, when it was one
};

/// Exact total. A bucket without a price takes its parent's; no_rate when there is none, when nothing about
/// the model is priced by token, or when the request is larger than its prices hold for; inconsistent_usage
/// when a count is over kMaxCount or the sum is too large. `lines`, when given, gets the lines up to the
/// fault.
std::expected<Money, SumFault> sum_tokens(const TokenUsage& usage, const TokenPrices& prices,
                                          std::vector<SumLine>* lines);

}  // namespace respand::pricing
