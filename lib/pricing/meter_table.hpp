// The table behind meter.hpp, for those who need it at compile time. Internal to this room.
#pragma once
#include <array>

#include "pricing/meter.hpp"

namespace respand::pricing::meter_table {

inline constexpr std::uint32_t kMillion = 1'000'000;

using enum Meter;

// A bucket without a price of its own is dearer to guess than to read: it costs what the same tokens would
// cost if they were not told apart.
inline constexpr std::array kAsInput{input};
inline constexpr std::array kAsCacheWrite{cache_write, input};
inline constexpr std::array kAsCachedAudio{cache_read, input_audio, input};
inline constexpr std::array kAsCachedImage{cache_read, input_image, input};
inline constexpr std::array kAsCachedVideo{cache_read, input_video, input};
inline constexpr std::array kAsOutput{output};
inline constexpr std::array kAsSearch{search};
inline constexpr std::array kAsMediumSearch{search_medium};  // what vendors do when no context is asked for

constexpr MeterInfo tokens(Meter meter, std::string_view name, std::string_view key,
                           std::uint64_t TokenUsage::* count, std::span<const Meter> stand_ins = {}) {
    return {meter, name, key, "token", stand_ins, kMillion, count, nullptr};
}
constexpr MeterInfo units(Meter meter, std::string_view name, std::string_view key, std::string_view unit,
                          Quantity UnitUsage::* quantity, std::uint32_t per = 1) {
    return {meter, name, key, unit, {}, per, nullptr, quantity};
}
constexpr MeterInfo searches(Meter meter, std::string_view name, std::string_view key,
                             std::span<const Meter> stand_ins) {
    return {meter, name, key, "search", stand_ins, 1, nullptr, nullptr};
}

using T = TokenUsage;
using U = UnitUsage;

inline constexpr std::array<MeterInfo, kMeters> kTable = {{
    tokens(input, "input", "input_per_million", &T::input_text),
    tokens(cache_read, "cache_read", "cache_read_per_million", &T::cache_read, kAsInput),
    tokens(cache_write, "cache_write", "cache_write_per_million", &T::cache_write_5m, kAsInput),
    tokens(cache_write_1h, "cache_write_1h", "cache_write_1h_per_million", &T::cache_write_1h, kAsCacheWrite),
    tokens(input_audio, "input_audio", "input_audio_per_million", &T::input_audio, kAsInput),
    tokens(input_image, "input_image", "input_image_per_million", &T::input_image, kAsInput),
    tokens(input_video, "input_video", "input_video_per_million", &T::input_video, kAsInput),
    tokens(cache_read_audio, "cache_read_audio", "cache_read_audio_per_million", &T::cache_read_audio,
           kAsCachedAudio),
    tokens(cache_read_image, "cache_read_image", "cache_read_image_per_million", &T::cache_read_image,
           kAsCachedImage),
    tokens(cache_read_video, "cache_read_video", "cache_read_video_per_million", &T::cache_read_video,
           kAsCachedVideo),
    tokens(output, "output", "output_per_million", &T::output_text),
    tokens(reasoning, "reasoning", "reasoning_per_million", &T::reasoning, kAsOutput),
    tokens(output_audio, "output_audio", "output_audio_per_million", &T::output_audio, kAsOutput),
    tokens(output_image, "output_image", "output_image_per_million", &T::output_image, kAsOutput),
    tokens(output_video, "output_video", "output_video_per_million", &T::output_video, kAsOutput),
    // In no total, so nothing stands in: free only where the table says 0.
    tokens(citation, "citation", "citation_per_million", &T::citation),
    units(run_second, "run_time", "run_per_second", "second", &U::run_seconds),
    units(image, "image", "per_image", "image", &U::images),
    units(image_in, "image_in", "per_image_in", "image", &U::images_in),
    units(character_in, "character_in", "characters_in_per_million", "character", &U::characters_in,
          kMillion),
    units(character_out, "character_out", "characters_out_per_million", "character", &U::characters_out,
          kMillion),
    units(page, "page", "per_page", "page", &U::pages),
    units(audio_second_in, "audio_in", "per_audio_second_in", "second", &U::audio_seconds_in),
    units(audio_second_out, "audio_out", "per_audio_second_out", "second", &U::audio_seconds_out),
    units(video_second_in, "video_in", "per_video_second_in", "second", &U::video_seconds_in),
    units(video_second_out, "video_out", "per_video_second_out", "second", &U::video_seconds_out),
    searches(search, "search", "per_search", kAsMediumSearch),
    searches(search_low, "search_low", "low", kAsSearch),
    searches(search_medium, "search_medium", "medium", kAsSearch),
    searches(search_high, "search_high", "high", kAsSearch),
    {request, "request", "per_request", "request", {}, 1, nullptr, nullptr},
}};

static_assert([] {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].meter) != i) return false;
        if (is_token(kTable[i].meter) != (kTable[i].tokens != nullptr)) return false;
    }
    return true;
}());

}  // namespace respand::pricing::meter_table
