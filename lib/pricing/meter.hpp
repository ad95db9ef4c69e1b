// Everything that can have a price. The one list of it: formats, sums and printed lines go by this.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "record/usage.hpp"

namespace respand::pricing {

/// What is counted and billed: the buckets of TokenUsage, then the quantities of UnitUsage, then the request
/// itself.
enum class Meter : std::uint8_t {
    input,
    cache_read,
    cache_write,
    cache_write_1h,
    input_audio,
    input_image,
    input_video,
    cache_read_audio,
    cache_read_image,
    cache_read_video,
    output,
    reasoning,
    output_audio,
    output_image,
    output_video,
    citation,
    run_second,
    image,
    image_in,
    character_in,
    character_out,
    page,
    audio_second_in,
    audio_second_out,
    video_second_in,
    video_second_out,
    search,  ///< a web search whose context is not stated, and the price of those that have none of their own
    search_low,
    search_medium,
    search_high,
    request,
};
inline constexpr std::size_t kMeters = 31;

/// In the order of Meter.
struct MeterInfo {
    Meter meter{};
    std::string_view name;  ///< as printed
    std::string_view key;   ///< of its price in our own format
    std::string_view unit;  ///< one of what is counted: "token", "second"
    /// Whose price counts where this one has none, the first that has one. Empty: nobody's.
    std::span<const Meter> stand_ins;
    /// The price is stated and shown for this many units; a power of ten.
    std::uint32_t per = 1;
    /// Where the quantity stands. Both null: a search or the request, see quantity_of().
    std::uint64_t TokenUsage::* tokens = nullptr;
    Quantity UnitUsage::* units = nullptr;
};

const MeterInfo& info(Meter meter);
std::span<const MeterInfo, kMeters> all_meters();
inline std::string_view name(Meter meter) { return info(meter).name; }

constexpr bool is_token(Meter meter) { return meter <= Meter::citation; }
/// One bit for each meter.
constexpr std::uint64_t bit(Meter meter) { return 1ULL << static_cast<unsigned>(meter); }
/// All meters of tokens.
inline constexpr std::uint64_t kTokenMeters = (bit(Meter::citation) << 1U) - 1;

/// The meter that a search of this context runs on.
Meter meter_of(SearchContext context);

}  // namespace respand::pricing
