// Bytes → record: validates, removes secrets, extracts the facts. One thread (it reuses its memory).
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "record/record.hpp"

namespace respand {

/// A record that passed. The views live until the parser's next call, and `text` no longer than the input.
struct ParsedRecord {
    std::string_view text;  ///< one JSON object, without white space around it and without secrets
    RecordFacts facts;
    std::uint32_t secrets_removed = 0;  ///< members cut from the text
};

class RecordParser {
  public:
    RecordParser();
    ~RecordParser();
    RecordParser(const RecordParser&) = delete;
    RecordParser& operator=(const RecordParser&) = delete;

    /// `text` must have kRecordPadding readable bytes behind it. A record that needs no change is not copied.
    std::expected<ParsedRecord, RejectReason> parse(std::string_view text);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Where a text stops being JSON, as a byte offset, for the message to its sender. Slow: only for refused
/// records. Empty when it is valid JSON.
std::optional<std::size_t> json_fault_offset(std::string_view text);

}  // namespace respand
