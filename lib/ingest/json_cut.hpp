// Cuts the body of a request into records. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

namespace respand::ingest {

/// How records stand in a body.
enum class BodyShape : std::uint8_t {
    record,  ///< the body is one
    json,    ///< one, or an array of them
    lines,   ///< one a line (NDJSON); the last line needs no end
    logs,    ///< {"logs":[…]}, as the bulk call of the API has it
};

enum class CutFault : std::uint8_t {
    nothing,   ///< no record in it
    broken,    ///< where one record ends and the next begins is anybody's guess
    no_logs,   ///< an object without one array `logs`
    too_many,  ///< more than kMaxRecords
};
/// One sentence for the sender.
std::string_view describe(CutFault fault);

/// Records in one body: an answer names each of them, and must stay small in the memory of a daemon whose
/// peers may be slow to read. Twice what the API takes in a bulk call.
inline constexpr std::size_t kMaxRecords = 1'000;

/// The records of a body, where they lie in it. Looks only at what separates them (strings, brackets,
/// commas), each byte once: that a piece is JSON at all is for its reader to find out, so that a bad one
/// costs no other.
std::expected<std::vector<std::string_view>, CutFault> cut(BodyShape shape, std::string_view body);

}  // namespace respand::ingest
