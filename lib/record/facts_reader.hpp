// The facts of a record, read from simdjson's DOM. Private to the record room.
#pragma once
#include <simdjson.h>

#include <expected>

#include "record/record.hpp"

namespace respand {

/// What reading the top level of a record brought, beyond the facts.
struct ReadRecord {
    RecordFacts facts;
    bool provider_cost_present = false;    ///< `usage.cost` is there: its text has to be cut from the source
    bool foreign_customer_params = false;  ///< `customer_params` holds settings that must not be forwarded
    bool empty_fields = false;  ///< a field that we add stands there as null or empty: it has to go first
};

/// Reads the top-level members once, in order. Refuses records without a model and with a repeated key that
/// counts.
std::expected<ReadRecord, RejectReason> read_facts(const simdjson::dom::object& record);

/// The members of `customer_params` that may be forwarded; all others change settings of the platform.
bool is_forwarded_customer_param(std::string_view name);

}  // namespace respand
