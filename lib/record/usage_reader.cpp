#include "record/usage_reader.hpp"

#include <initializer_list>
#include <optional>

namespace respand {
namespace {

constexpr NormalisedUsage kInconsistent{UsageState::inconsistent, {}};

/// `total` less `parts`; empty when the parts are more than the whole.
std::optional<std::uint64_t> less(std::uint64_t total, std::initializer_list<std::uint64_t> parts) {
    for (const std::uint64_t part : parts) {
        if (part > total) return {};
        total -= part;
    }
    return total;
}

/// What of the input of one kind was not cached: where only the cached part is told, nothing.
std::optional<std::uint64_t> not_cached(Count whole, Count cached, Count extra) {
    const auto rest =
        whole.present() ? less(whole.or_zero(), {cached.or_zero()}) : std::optional<std::uint64_t>(0);
    if (!rest) return {};
    return *rest + extra.or_zero();
}

/// The buckets of cache reads and writes. False: they do not add up.
bool fill_cache(const ReportedUsage& reported, TokenUsage& usage) {
    usage.cache_read_audio = reported.cached_media.audio.or_zero();
    usage.cache_read_image = reported.cached_media.image.or_zero();
    usage.cache_read_video = reported.cached_media.video.or_zero();
    if (reported.cache_read.present()) {
        const auto text = less(reported.cache_read.or_zero(), {reported.cached_media.sum()});
        if (!text) return false;
        usage.cache_read = *text;
    }
    // Writes without a stated lifetime count as 5 minutes; a total that is larger than its split has such a
    // rest.
    usage.cache_write_1h = reported.cache_write_1h.or_zero();
    usage.cache_write_5m = reported.cache_write_5m.or_zero();
    if (reported.cache_write.present()) {
        const auto rest = less(reported.cache_write.or_zero(), {usage.cache_write_5m, usage.cache_write_1h});
        if (!rest) return false;
        usage.cache_write_5m += *rest;
    }
    return true;
}

/// The buckets of input that no cache had to do with. False: they do not add up.
bool fill_input(const ReportedUsage& reported, TokenUsage& usage) {
    const MediaCounts &whole = reported.input_media, &cached = reported.cached_media,
                      &extra = reported.extra_media;
    const auto audio = not_cached(whole.audio, cached.audio, extra.audio);
    const auto image = not_cached(whole.image, cached.image, extra.image);
    const auto video = not_cached(whole.video, cached.video, extra.video);
    if (!audio || !image || !video) return false;
    usage.input_audio = *audio;
    usage.input_image = *image;
    usage.input_video = *video;

    const std::uint64_t from_cache = usage.cache_read + usage.cache_write_5m + usage.cache_write_1h +
                                     usage.cache_read_audio + usage.cache_read_image + usage.cache_read_video;
    std::uint64_t input = reported.input.or_zero();
    if (reported.input_excludes_cache || from_cache > input) input += from_cache;
    input += reported.extra_input.present() ? reported.extra_input.or_zero() : reported.extra_media.sum();
    const auto text = less(input, {from_cache, *audio, *image, *video});
    if (!text) return false;
    usage.input_text = *text;
    return usage.input_total() <= kMaxCount;
}

bool fill_output(const ReportedUsage& reported, TokenUsage& usage) {
    usage.reasoning = reported.reasoning.or_zero();
    usage.output_audio = reported.output_media.audio.or_zero();
    usage.output_image = reported.output_media.image.or_zero();
    usage.output_video = reported.output_media.video.or_zero();
    std::uint64_t output = reported.output.or_zero();
    if (reported.output_excludes_reasoning) output += usage.reasoning;
    const auto text =
        less(output, {usage.reasoning, usage.output_audio, usage.output_image, usage.output_video});
    if (!text || output > kMaxCount) return false;
    usage.output_text = *text;
    return true;
}

}  // namespace

bool ReportedUsage::any_bad() const {
    return input.is_bad() || output.is_bad() || cache_read.is_bad() || cache_write.is_bad() ||
           cache_write_5m.is_bad() || cache_write_1h.is_bad() || reasoning.is_bad() || extra_input.is_bad() ||
           citation.is_bad() || input_media.any_bad() || cached_media.any_bad() || output_media.any_bad() ||
           extra_media.any_bad();
}

bool ReportedUsage::any() const {
    return (input.or_zero() | output.or_zero() | cache_read.or_zero() | cache_write.or_zero() |
            cache_write_5m.or_zero() | cache_write_1h.or_zero() | reasoning.or_zero() |
            extra_input.or_zero() | citation.or_zero() | input_media.sum() | cached_media.sum() |
            output_media.sum() | extra_media.sum()) != 0;
}

NormalisedUsage normalise(const ReportedUsage& reported) {
    if (reported.any_bad()) return kInconsistent;
    if (reported.empty()) return reported.any() ? kInconsistent : NormalisedUsage{};
    TokenUsage usage;
    usage.citation = reported.citation.or_zero();
    if (!fill_cache(reported, usage) || !fill_input(reported, usage) || !fill_output(reported, usage))
        return kInconsistent;
    return {UsageState::present, usage};
}

}  // namespace respand
