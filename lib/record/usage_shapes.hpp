// From a `usage` object, whoever's shape it has, to counts under common names. Private to the record room.
#pragma once
#include <simdjson.h>

#include <optional>

#include "record/caller.hpp"
#include "record/usage_reader.hpp"

namespace respand {

/// Amounts of what is not tokens, each in billionths, as far as they are stated.
struct ReportedUnits {
    Count run_seconds, images, images_in, characters_in, characters_out, pages;
    Count audio_seconds_in, audio_seconds_out, video_seconds_in, video_seconds_out;
    Count searches;
    SearchContext search_context = SearchContext::not_stated;

    bool any_bad() const;
    UnitUsage usage() const;
};

/// What a `usage` object says.
struct UsageReport {
    bool readable = true;  ///< false: not an object, or a name that is read stands in it twice
    ReportedUsage tokens;
    ReportedUnits units;
    std::optional<ServiceTier> tier;
    bool has_cost = false;  ///< the provider says what the call cost
};

/// Walks the object once. Which shape it is, is decided by the names of its totals, in this order: chat,
/// messages, Bedrock, Gemini; one whose totals are all 0 gives way to a later one.
void read_usage_object(const simdjson::dom::element& usage, const Caller& caller, UsageReport& report);

}  // namespace respand
