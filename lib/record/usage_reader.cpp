#include "record/usage_reader.hpp"

#include <initializer_list>
#include <optional>

namespace respand {
namespace {

bool any_bad(const ReportedUsage& r) {
    for (const Count& count :
         {r.input, r.output, r.cache_read, r.cache_write, r.cache_write_5m, r.cache_write_1h, r.input_audio,
          r.input_image, r.reasoning, r.output_audio, r.extra_input})
        if (count.state == Count::State::bad) return true;
    return false;
}

/// `total` less `parts`; empty when the parts are more than the whole.
std::optional<std::uint64_t> less(std::uint64_t total, std::initializer_list<std::uint64_t> parts) {
    for (const std::uint64_t part : parts) {
        if (part > total) return {};
        total -= part;
    }
    return total;
}

}  // namespace

NormalisedUsage normalise(const ReportedUsage& reported) {
    constexpr NormalisedUsage kInconsistent{UsageState::inconsistent, {}};
    if (any_bad(reported)) return kInconsistent;
    if (reported.empty()) return {};

    TokenUsage usage;
    usage.cache_read = reported.cache_read.or_zero();
    usage.cache_write_1h = reported.cache_write_1h.or_zero();
    // Writes without a stated lifetime count as 5 minutes; a total that is larger than its split has such a
    // rest.
    usage.cache_write_5m = reported.cache_write_5m.or_zero();
    if (reported.cache_write.present()) {
        const auto rest = less(reported.cache_write.value, {usage.cache_write_5m, usage.cache_write_1h});
        if (!rest) return kInconsistent;
        usage.cache_write_5m += *rest;
    }
    usage.input_audio = reported.input_audio.or_zero();
    usage.input_image = reported.input_image.or_zero();

    const std::uint64_t cached = usage.cache_read + usage.cache_write_5m + usage.cache_write_1h;
    std::uint64_t input = reported.input.or_zero();
    if (reported.input_excludes_cache || cached > input) input += cached;
    input += reported.extra_input.or_zero();
    const auto text = less(input, {cached, usage.input_audio, usage.input_image});
    if (!text) return kInconsistent;
    usage.input_text = *text;

    usage.reasoning = reported.reasoning.or_zero();
    usage.output_audio = reported.output_audio.or_zero();
    std::uint64_t output = reported.output.or_zero();
    if (reported.output_excludes_reasoning) output += usage.reasoning;
    const auto plain = less(output, {usage.reasoning, usage.output_audio});
    if (!plain) return kInconsistent;
    usage.output_text = *plain;

    if (usage.input_total() > kMaxCount || output > kMaxCount) return kInconsistent;
    return {UsageState::present, usage};
}

}  // namespace respand
