// What the body of an answer says, read leniently: every part may be missing or odd. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace respand::upload {

/// A row that the server refused, by its place in the request.
struct RefusedRow {
    std::uint32_t index = 0;
    std::string message;  ///< one line, at most kMaxAnswerBytes; may quote the record: not for logs
};

struct Answer {
    bool is_json = false;  ///< an object
    std::string detail;    ///< `detail`, `message` or `error` when it is a text; else empty
    std::optional<double> retry_after;
    std::optional<std::uint64_t> success_count;
    std::optional<std::uint64_t> error_count;
    std::vector<RefusedRow> refused;  ///< from `errors[]`: ascending, each index once and below `records`
    std::size_t ignored_rows = 0;     ///< entries of `errors[]` without a usable index, or a repeated one
};

/// `records`: how many rows were sent.
Answer read_answer(std::string_view body, std::size_t records);

}  // namespace respand::upload
