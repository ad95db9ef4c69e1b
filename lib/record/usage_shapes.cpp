#include "record/usage_shapes.hpp"

#include "record/usage_fields.hpp"

namespace respand {
namespace {

MediaCounts media(const UsageFields& fields, Slot audio) {
    const auto first = static_cast<std::size_t>(audio);
    return {fields.at(audio), fields.at(static_cast<Slot>(first + 1)),
            fields.at(static_cast<Slot>(first + 2))};
}

/// What all shapes but Gemini's have in common.
ReportedUsage common(const UsageFields& fields) {
    ReportedUsage out;
    out.cache_read = merged(fields.at(Slot::cached), fields.at(Slot::cache_hit));
    out.cache_write = fields.at(Slot::written);
    out.cache_write_5m = fields.at(Slot::write_5m);
    out.cache_write_1h = fields.at(Slot::write_1h);
    out.input_media = media(fields, Slot::input_audio);
    out.cached_media = media(fields, Slot::cached_audio);
    out.output_media = media(fields, Slot::output_audio);
    out.reasoning = fields.at(Slot::reasoning);
    out.citation = fields.at(Slot::citation);
    return out;
}

/// xAI counts reasoning beside the completion, and gateways that put it inside say so by their total.
bool xai_reasoning_is_apart(const UsageFields& fields, const ReportedUsage& report, const Caller& caller) {
    if (!caller.is_xai()) return false;
    const Count total = fields.at(Slot::total);
    const bool inside = total.present() &&
                        total.or_zero() == report.input.or_zero() + report.output.or_zero() &&
                        report.reasoning.or_zero() <= report.output.or_zero();
    return !inside;
}

/// Known by what nobody else reports. It counts reasoning beside the completion, as it bills it.
bool is_perplexity(const UsageFields& fields, const Caller& caller) {
    return fields.at(Slot::citation).present() || fields.at(Slot::queries).present() ||
           fields.search_context != SearchContext::not_stated || caller.is_perplexity();
}

/// OpenAI chat, its many followers, and LiteLLM's normalised form: the input total includes everything.
ReportedUsage read_chat(const UsageFields& fields, const Caller& caller) {
    ReportedUsage out = common(fields);
    out.input = fields.at(Slot::chat_input);
    out.output = fields.at(Slot::chat_output);
    out.cache_read = merged(out.cache_read, fields.at(Slot::apart_read));
    out.cache_write = merged(out.cache_write, fields.at(Slot::apart_written));
    const Count hit = fields.at(Slot::cache_hit), miss = fields.at(Slot::cache_miss);
    if (hit.present() && miss.present())  // DeepSeek: both together are the prompt
        out.input = merged(out.input, Count::of(hit.or_zero() + miss.or_zero()));
    if (miss.is_bad()) out.input = Count::wrong();
    if (out.reasoning.or_zero() > 0)
        out.output_excludes_reasoning =
            is_perplexity(fields, caller) || xai_reasoning_is_apart(fields, out, caller);
    return out;
}

/// Counts of a cache that stand beside the totals are not in them, unless the details count the cache too:
/// those are always parts of the total.
void add_cache_beside(ReportedUsage& out, Count read, Count written) {
    const bool in_total = out.cache_read.present() || out.cache_write.present();
    const bool beside =
        read.present() || written.present() || out.cache_write_5m.present() || out.cache_write_1h.present();
    out.input_excludes_cache = beside && !in_total;
    out.cache_read = merged(out.cache_read, read);
    out.cache_write = merged(out.cache_write, written);
}

/// Where a model makes nothing but images or speech, and its output is not told apart, that is its output.
void tell_single_medium(ReportedUsage& out, const UsageFields& fields, const Caller& caller) {
    if (out.output_media.present() || out.output.or_zero() == 0) return;
    const std::uint64_t plain = fields.at(Slot::output_plain).or_zero() + out.reasoning.or_zero();
    if (plain > out.output.or_zero()) return;
    const Count rest = Count::of(out.output.or_zero() - plain);
    if (caller.makes_images()) out.output_media.image = rest;
    if (caller.makes_speech()) out.output_media.audio = rest;
}

/// OpenAI responses, images and transcription (totals include), and Anthropic (the input total counts no
/// cache).
ReportedUsage read_messages(const UsageFields& fields, const Caller& caller) {
    ReportedUsage out = common(fields);
    out.input = fields.at(Slot::message_input);
    out.output = fields.at(Slot::message_output);
    add_cache_beside(out, fields.at(Slot::apart_read), fields.at(Slot::apart_written));
    tell_single_medium(out, fields, caller);
    return out;
}

/// Bedrock (the input total counts no cache), and camel-case libraries, whose totals include.
ReportedUsage read_camel(const UsageFields& fields) {
    ReportedUsage out = common(fields);
    out.input = fields.at(Slot::camel_input);
    out.output = fields.at(Slot::camel_output);
    add_cache_beside(out, fields.at(Slot::camel_read), fields.at(Slot::camel_written));
    return out;
}

ReportedUsage read_gemini(const UsageFields& fields) {
    ReportedUsage out;
    out.input = fields.at(Slot::gemini_input);
    out.output = fields.at(Slot::gemini_output);
    out.cache_read = fields.at(Slot::gemini_cached);
    out.reasoning = fields.at(Slot::thoughts);
    out.extra_input = fields.at(Slot::tool_prompt);
    out.input_media = media(fields, Slot::input_audio);
    out.cached_media = media(fields, Slot::cached_audio);
    out.output_media = media(fields, Slot::output_audio);
    out.extra_media = media(fields, Slot::tool_audio);
    out.output_excludes_reasoning = true;
    return out;
}

bool totals_say_something(Count input, Count output) {
    return input.or_zero() > 0 || output.or_zero() > 0 || input.is_bad() || output.is_bad();
}

ReportedUsage read_shape(const UsageFields& fields, const Caller& caller) {
    const auto says = [&](Slot input, Slot output, bool zero_too) {
        const Count in = fields.at(input), out = fields.at(output);
        return totals_say_something(in, out) || (zero_too && (in.present() || out.present()));
    };
    for (const bool zero_too : {false, true}) {
        if (says(Slot::chat_input, Slot::chat_output, zero_too)) return read_chat(fields, caller);
        if (says(Slot::message_input, Slot::message_output, zero_too)) return read_messages(fields, caller);
        if (says(Slot::camel_input, Slot::camel_output, zero_too)) return read_camel(fields);
        if (says(Slot::gemini_input, Slot::gemini_output, zero_too)) return read_gemini(fields);
    }
    return read_chat(fields, caller);  // parts without totals
}

ReportedUnits units_of_fields(const UsageFields& fields) {
    ReportedUnits out;
    out.images = fields.at(Slot::images);
    out.images_in = fields.at(Slot::images_in);
    out.characters_in = fields.at(Slot::characters_in);
    out.pages = fields.at(Slot::pages);
    out.audio_seconds_in = fields.at(Slot::audio_seconds_in);
    out.video_seconds_in = fields.at(Slot::video_seconds_in);
    out.searches =
        merged(merged(fields.at(Slot::searches), fields.at(Slot::queries)), fields.at(Slot::sources));
    out.search_context = fields.search_context;
    // Perplexity tells the size of the search, and not that there was one.
    if (!out.searches.present() && out.search_context != SearchContext::not_stated)
        out.searches = Count::of_billionths(Quantity::kOne);
    return out;
}

}  // namespace

bool ReportedUnits::any_bad() const {
    for (const Count& amount :
         {run_seconds, images, images_in, characters_in, characters_out, pages, audio_seconds_in,
          audio_seconds_out, video_seconds_in, video_seconds_out, searches})
        if (amount.is_bad()) return true;
    return false;
}

UnitUsage ReportedUnits::usage() const {
    const auto of = [](Count amount) { return Quantity{amount.or_zero()}; };
    return {.run_seconds = of(run_seconds),
            .images = of(images),
            .images_in = of(images_in),
            .characters_in = of(characters_in),
            .characters_out = of(characters_out),
            .pages = of(pages),
            .audio_seconds_in = of(audio_seconds_in),
            .audio_seconds_out = of(audio_seconds_out),
            .video_seconds_in = of(video_seconds_in),
            .video_seconds_out = of(video_seconds_out),
            .searches = of(searches),
            .search_context = search_context};
}

void read_usage_object(const simdjson::dom::element& usage, const Caller& caller, UsageReport& report) {
    UsageFields fields;
    simdjson::dom::object object;
    if (usage.get(object) != simdjson::SUCCESS || !fields.read(object)) {
        report.readable = false;
        return;
    }
    report.tokens = read_shape(fields, caller);
    report.units = units_of_fields(fields);
    report.tier = fields.tier;
    report.has_cost = fields.has_cost;
}

}  // namespace respand
