// The documented shape of one log: which fields must be there, of what type, within which limits.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace respand::sandbox {

/// One log with all its fields (the API's figure, in decimal megabytes).
inline constexpr std::size_t kMaxLogBytes = 20'000'000;
/// Rows of one bulk request (the API's figure).
inline constexpr std::size_t kMaxBulkRows = 500;
/// Characters of an identifier; longer ones are known to stop the vendor's ingestion.
inline constexpr std::size_t kMaxIdentifier = 254;
/// Characters of `span_name`.
inline constexpr std::size_t kMaxSpanName = 255;

/// What a line for people shows of a log. Empty: the log does not say.
struct LogFacts {
    std::string model;
    std::string tokens_in;   ///< text as sent, from `usage` or flat
    std::string tokens_out;  ///< text as sent
    std::string cost;        ///< text as sent, never a rounded double
    std::string customer;    ///< customer_identifier
    std::string id;          ///< custom_identifier
};

struct FieldError {
    std::string field;    ///< "usage.prompt_tokens"
    std::string message;  ///< what is expected; never the value
};

struct LogCheck {
    LogFacts facts;
    std::vector<FieldError> errors;  ///< empty: the log is accepted
};

/// Checks one log, given as valid JSON text. A null counts as absent.
LogCheck check_log(std::string_view log);

/// "model: this field is required; cost: …", for the row error of a bulk call.
std::string in_one_line(const std::vector<FieldError>& errors);

}  // namespace respand::sandbox
