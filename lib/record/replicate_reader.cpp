#include "record/replicate_reader.hpp"

#include <algorithm>
#include <array>

#include "record/count.hpp"
#include "record/name_index.hpp"

namespace respand {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

enum class Metric : std::uint8_t {
    run_seconds,
    billed_input,  ///< what is billed counts before what was measured
    billed_output,
    input,
    output,
    billed_images,
    images,
    characters_in,
    characters_out,
    audio_seconds,
    video_seconds,
    none,
};
constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::none);

/// Not `total_time`, which is with queue and boot: they are free.
using Row = Named<Metric>;
constexpr std::array kNames{
    Row{"predict_time", Metric::run_seconds},
    Row{"token_input_count", Metric::billed_input},
    Row{"token_output_count", Metric::billed_output},
    Row{"input_token_count", Metric::input},
    Row{"output_token_count", Metric::output},
    Row{"image_output_count", Metric::billed_images},
    Row{"image_count", Metric::images},
    Row{"character_input_count", Metric::characters_in},
    Row{"character_output_count", Metric::characters_out},
    Row{"audio_output_duration_seconds", Metric::audio_seconds},
    Row{"video_output_duration_seconds", Metric::video_seconds},
};
constexpr NameIndex<Metric> kIndex{kNames};

Count read_metric(Metric metric, const element& value) {
    switch (metric) {
        case Metric::billed_input:
        case Metric::billed_output:
        case Metric::input:
        case Metric::output:
            return count_of(value);
        case Metric::billed_images:
        case Metric::images:
        case Metric::characters_in:
        case Metric::characters_out:
            return whole_units_of(value);
        default:
            return units_of(value);
    }
}

/// The metrics by name.
struct Metrics {
    std::array<Count, kMetrics> counts{};
    bool twice = false;
    bool any_name = false;  ///< one of the names above, which nobody but Replicate uses

    Count at(Metric metric) const { return counts[static_cast<std::size_t>(metric)]; }
    Count first(Metric metric, Metric other) const { return at(metric).present() ? at(metric) : at(other); }

    void read(const object& metrics) {
        std::uint32_t seen = 0;
        for (const auto member : metrics) {
            const std::size_t at = kIndex.find(member.key);
            if (at == kIndex.kNone) continue;
            twice = twice || (seen >> at & 1U) != 0;
            seen |= 1U << at;
            const Metric metric = kIndex.meaning(at);
            counts[static_cast<std::size_t>(metric)] = read_metric(metric, member.value);
            any_name = true;
        }
    }
};

enum class Status : std::uint8_t {
    none,
    running,
    succeeded,
    failed,
    canceled,
    aborted,
    of_the_platform,
    unknown
};

Status status_named(std::string_view name) {
    struct Known {
        std::string_view name;
        Status status;
    };
    constexpr std::array kKnown{
        Known{"", Status::none},
        Known{"starting", Status::running},
        Known{"processing", Status::running},
        Known{"succeeded", Status::succeeded},
        Known{"failed", Status::failed},
        Known{"canceled", Status::canceled},
        Known{"aborted", Status::aborted},
        Known{"success", Status::of_the_platform},
        Known{"error", Status::of_the_platform},
    };
    const auto* const known = std::ranges::find(kKnown, name, &Known::name);
    return known == kKnown.end() ? Status::unknown : known->status;
}

/// Only these words are Replicate's alone.
bool is_replicates_own(Status status) {
    return status == Status::running || status == Status::succeeded || status == Status::canceled ||
           status == Status::aborted;
}

/// An address of a picture, by its ending: "https://…/out-0.webp?x=1".
bool is_image_url(std::string_view url) {
    if (!url.starts_with("https://") && !url.starts_with("http://")) return false;
    url = url.substr(0, url.find_first_of("?#"));
    for (const std::string_view ending : {".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".svg"})
        if (url.ends_with(ending)) return true;
    return false;
}

/// Pictures that `output` names: one URL or a list of them.
std::uint64_t images_in_output(const element& output) {
    std::string_view url;
    if (output.get(url) == simdjson::SUCCESS) return is_image_url(url) ? 1 : 0;
    array list;
    if (output.get(list) != simdjson::SUCCESS) return 0;
    std::uint64_t count = 0;
    for (const element item : list)
        if (item.get(url) == simdjson::SUCCESS && is_image_url(url)) ++count;
    return count;
}

void take_metrics(PredictionReport& report, const Metrics& metrics) {
    report.readable = !metrics.twice;
    report.measured = metrics.at(Metric::run_seconds).present();
    report.tokens.input = metrics.first(Metric::billed_input, Metric::input);
    report.tokens.output = metrics.first(Metric::billed_output, Metric::output);
    report.units.run_seconds = metrics.at(Metric::run_seconds);
    report.units.images = metrics.first(Metric::billed_images, Metric::images);
    report.units.characters_in = metrics.at(Metric::characters_in);
    report.units.characters_out = metrics.at(Metric::characters_out);
    report.units.audio_seconds_out = metrics.at(Metric::audio_seconds);
    report.units.video_seconds_out = metrics.at(Metric::video_seconds);
}

void take_status(PredictionReport& report, Status status, std::string_view name, bool by_metrics) {
    report.running = status == Status::running || status == Status::unknown;
    if (status == Status::failed || (by_metrics && name == "error")) report.end = CallEnd::failed;
    if (status == Status::canceled) report.end = CallEnd::canceled;
    if (status == Status::aborted) report.end = CallEnd::aborted;
}

}  // namespace

std::optional<PredictionReport> read_prediction(const TopLevel& top, const Caller& caller) {
    const element* const value = top.get(Field::metrics);
    object inner;
    const bool has_metrics = value && value->get(inner) == simdjson::SUCCESS;
    if (!has_metrics && !caller.is_replicate()) return {};
    Metrics metrics;
    if (has_metrics) metrics.read(inner);
    const std::string_view name = top.text(Field::status);
    const Status status = status_named(name);
    if (!metrics.any_name && !caller.is_replicate() && !(has_metrics && is_replicates_own(status))) return {};

    PredictionReport report;
    take_metrics(report, metrics);
    take_status(report, status, name, metrics.any_name);
    const element* const output = top.get(Field::output);
    if (output && status == Status::succeeded && !report.units.images.present()) {
        const std::uint64_t images = images_in_output(*output);
        if (images > 0) report.units.images = Count::of_billionths(images * Quantity::kOne);
    }
    return report;
}

}  // namespace respand
