#include "pricing/token_sum.hpp"

#include <array>

namespace respand::pricing {
namespace {

struct BucketRule {
    Bucket bucket;
    Bucket parent;  ///< whose price counts where the table has none; itself: nobody's
    std::uint64_t TokenUsage::* count;
    std::optional<Money> TokenPrices::* price;
};

/// In the order of Bucket.
constexpr std::array<BucketRule, 9> kRules = {{
    {Bucket::input_text, Bucket::input_text, &TokenUsage::input_text, &TokenPrices::input},
    {Bucket::cache_read, Bucket::input_text, &TokenUsage::cache_read, &TokenPrices::cache_read},
    {Bucket::cache_write_5m, Bucket::input_text, &TokenUsage::cache_write_5m, &TokenPrices::cache_write_5m},
    {Bucket::cache_write_1h, Bucket::cache_write_5m, &TokenUsage::cache_write_1h,
     &TokenPrices::cache_write_1h},
    {Bucket::input_audio, Bucket::input_text, &TokenUsage::input_audio, &TokenPrices::input_audio},
    {Bucket::input_image, Bucket::input_text, &TokenUsage::input_image, &TokenPrices::input_image},
    {Bucket::output_text, Bucket::output_text, &TokenUsage::output_text, &TokenPrices::output},
    {Bucket::reasoning, Bucket::output_text, &TokenUsage::reasoning, &TokenPrices::reasoning},
    {Bucket::output_audio, Bucket::output_text, &TokenUsage::output_audio, &TokenPrices::output_audio},
}};

constexpr const BucketRule& rule_of(Bucket bucket) { return kRules[static_cast<std::size_t>(bucket)]; }

static_assert([] {
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        if (static_cast<std::size_t>(kRules[i].bucket) != i) return false;
    }
    return true;
}());

/// The rule whose price a bucket takes: its own, else its parent's; nullptr when there is none up the line.
const BucketRule* priced_by(const BucketRule& rule, const TokenPrices& prices) {
    const BucketRule* at = &rule;
    while (!(prices.*(at->price))) {
        if (at->parent == at->bucket) return nullptr;
        at = &rule_of(at->parent);
    }
    return at;
}

}  // namespace

std::string_view name(Bucket bucket) {
    switch (bucket) {
        case Bucket::input_text:
            return "input";
        case Bucket::cache_read:
            return "cache_read";
        case Bucket::cache_write_5m:
            return "cache_write";
        case Bucket::cache_write_1h:
            return "cache_write_1h";
        case Bucket::input_audio:
            return "input_audio";
        case Bucket::input_image:
            return "input_image";
        case Bucket::output_text:
            return "output";
        case Bucket::reasoning:
            return "reasoning";
        case Bucket::output_audio:
            return "output_audio";
    }
    return "unknown";
}

std::expected<Money, SumFault> sum_tokens(const TokenUsage& usage, const TokenPrices& prices,
                                          std::vector<SumLine>* lines) {
    for (const BucketRule& rule : kRules) {
        if (usage.*(rule.count) > kMaxCount) {
            return std::unexpected(SumFault{UnknownReason::inconsistent_usage, rule.bucket});
        }
    }
    const std::optional<std::uint64_t>& limit = prices.holds_up_to_input_tokens;
    if (!prices.any() || (limit && usage.input_total() > *limit)) {
        return std::unexpected(SumFault{UnknownReason::no_rate, std::nullopt});
    }
    Money total;
    for (const BucketRule& rule : kRules) {
        const std::uint64_t count = usage.*(rule.count);
        if (count == 0) continue;
        const BucketRule* priced_as = priced_by(rule, prices);
        if (priced_as == nullptr) return std::unexpected(SumFault{UnknownReason::no_rate, rule.bucket});
        const Money unit_price = *(prices.*(priced_as->price));
        const std::optional<Money> amount = unit_price.times(count);
        const std::optional<Money> sum = amount ? total.plus(*amount) : std::nullopt;
        if (!sum) return std::unexpected(SumFault{UnknownReason::inconsistent_usage, rule.bucket});
        if (lines != nullptr) lines->push_back({rule.bucket, count, priced_as->bucket, unit_price, *amount});
        total = *sum;
    }
    return total;
}

}  // namespace respand::pricing
