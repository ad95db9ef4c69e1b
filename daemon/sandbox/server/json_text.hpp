// JSON by its text: checked once in full, then cut into pieces without losing a byte. So a log is kept, and a
// cost shown, exactly as it was sent (0.0013922 is not 0.0013921999999999999).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace respand::sandbox {

/// Nothing when `text` is one valid JSON value in valid UTF-8 (numbers must fit a double); else what is wrong
/// and at which byte, without quoting the text.
std::optional<std::string> json_fault(std::string_view text);

/// Without the blanks of JSON around it.
std::string_view trimmed(std::string_view text);

struct Member {
    std::string key;         ///< decoded
    std::string_view value;  ///< text of the value, without blanks around it
};

// What follows expects text that json_fault() passed; anything else gives pieces without meaning, never a
// crash.

/// The members of an object, in order; empty when `object` is no object.
std::vector<Member> members(std::string_view object);
/// The elements of an array, in order, at most `limit`; empty when `array` is no array.
std::vector<std::string_view> elements(std::string_view array, std::size_t limit);
/// The value of the last member with that key (the one that most parsers take); empty when there is none.
std::string_view find(const std::vector<Member>& list, std::string_view key);

inline bool is_object(std::string_view value) { return value.starts_with('{'); }
inline bool is_array(std::string_view value) { return value.starts_with('['); }
inline bool is_string(std::string_view value) { return value.starts_with('"'); }
inline bool is_null(std::string_view value) { return value == "null"; }
bool is_number(std::string_view value);
/// A number, 0 or more.
bool is_amount(std::string_view value);
/// Digits only, and few enough for 63 bits.
bool is_count(std::string_view value);
/// The decoded characters of a string value; empty for any other value.
std::string string_of(std::string_view value);
/// Code points of a decoded string.
std::size_t characters(std::string_view utf8);

/// `text` as the inside of a JSON string, with quotes around it.
std::string json_string(std::string_view text);

}  // namespace respand::sandbox
