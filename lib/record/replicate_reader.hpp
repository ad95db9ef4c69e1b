// Replicate's prediction object: what ran, and how it ended. Private to the record room.
#pragma once
#include <optional>

#include "record/caller.hpp"
#include "record/top_level.hpp"
#include "record/usage_shapes.hpp"

namespace respand {

/// What a prediction says beside a usage object of its own.
struct PredictionReport {
    bool running = false;  ///< or in a state that nobody here knows
    CallEnd end = CallEnd::succeeded;
    bool readable = true;   ///< false: a metric that is read stands there twice
    bool measured = false;  ///< it says how long it ran: that is usage, even when it is 0
    ReportedUsage tokens;
    ReportedUnits units;
};

/// Empty when the record is no prediction: neither is Replicate its provider nor are its `metrics` in
/// Replicate's form.
std::optional<PredictionReport> read_prediction(const TopLevel& top, const Caller& caller);

}  // namespace respand
