// Cases of usage + prices → cost that were collected elsewhere: cost_cases.json in the directory that
// RESPAND_PRICE_DATA names. Turned into what respand itself reads: a price file and a record.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "record/usage.hpp"

namespace respand::pricing::test {

using Json = nlohmann::ordered_json;

/// The directories of data: one, or none.
std::vector<std::string> data_directories();
Json read_json(const std::string& path);

/// Which collection a case comes from; each writes usage and prices in its own way.
enum class CaseGroup { per_million, litellm, other };
CaseGroup group_of(const Json& one);

/// Why a case can't be held against respand; empty: it can. The reasons are the collection's own: its
/// notes say that the cost was computed by a rule that is not ours, on purpose.
std::string left_out(const Json& one);

/// A price file with the case's prices for the model "m".
std::string price_file_of(const Json& one);

/// The case's normalised totals as buckets; empty when they do not add up.
std::optional<TokenUsage> buckets_of(const Json& usage);

/// A record of model "m" that holds the case's usage as the provider wrote it. `usage`: "raw_usage" or
/// "usage".
std::string record_of(const Json& one, const char* usage);

/// The case's raw usage is of the shape that the case reads it as.
bool is_read_as_what_it_is(const Json& one);

}  // namespace respand::pricing::test
