// JSON as a tree that keeps the text of its numbers, so that a price is never read through a double.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace respand::pricing {

struct JsonMember;

/// One JSON value.
struct JsonText {
    enum class Kind { null, boolean, number, string, array, object };
    Kind kind = Kind::null;
    std::string text;  ///< a number as it was written; a string's value; "true" or "false"
    /// Members of an object in their order, duplicates included; elements of an array (their names are
    /// empty).
    std::vector<JsonMember> members;
    /// Where it stands: the line of a member's key, or of an element's first character.
    std::size_t line = 1;

    /// The last member of that name; nullptr when there is none.
    const JsonText* find(std::string_view name) const;
};

struct JsonMember {
    std::string name;
    JsonText value;
};

/// Deepest nesting of a price file. The deepest known one has 6.
inline constexpr std::size_t kMaxPriceFileDepth = 32;

/// Parses strictly: valid JSON and UTF-8, nothing after the value. The error names `file`, line, column and
/// the key it stands under.
Result<JsonText> parse_json_text(std::string_view json, const std::string& file);

}  // namespace respand::pricing
