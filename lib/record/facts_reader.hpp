// The facts of a record, read from simdjson's DOM. Private to the record room.
#pragma once
#include <simdjson.h>

#include <expected>
#include <optional>

#include "record/record.hpp"

namespace respand {

/// What reading the top level of a record brought, beyond the facts.
struct ReadRecord {
    RecordFacts facts;
    bool provider_cost_present = false;    ///< `usage.cost` is there: its text has to be cut from the source
    bool foreign_customer_params = false;  ///< `customer_params` holds settings that must not be forwarded
    /// A field that we add stands there as null or empty and has to go first, or a cost or a time in a form
    /// that the server does not take.
    bool fields_to_mend = false;
};

/// Reads the top-level members once, in order. Refuses records without a model and with a repeated key that
/// counts.
std::expected<ReadRecord, RejectReason> read_facts(const simdjson::dom::object& record);

/// A time as a number since 1970, in the unit that its size tells: seconds (until the year 5138), else
/// milliseconds, else microseconds.
std::optional<WallTime> time_since_1970(double number);

/// The members of `customer_params` that may be forwarded; all others change settings of the platform.
bool is_forwarded_customer_param(std::string_view name);

}  // namespace respand
