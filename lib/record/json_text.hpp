// Positions inside the text of valid JSON: what is needed to cut and splice without re-serialising.
// None of these functions checks its input: call them on text that a real parser accepted. (They stay inside
// the text all the same, whatever it holds.)
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace respand {

/// One member of an object, as offsets into the text.
struct MemberSpan {
    std::size_t key_begin = 0;  ///< at the key's opening quote
    std::size_t value_begin = 0;
    std::size_t value_end = 0;  ///< one past the value
    std::string_view raw_key;   ///< between the quotes, escapes as written
};

/// True when the member's key is `name`, however it is spelled (escapes decoded).
bool has_key(const MemberSpan& member, std::string_view name);

/// First position at or after `pos` that is no JSON white space.
std::size_t skip_white_space(std::string_view text, std::size_t pos);

/// One past the value that starts at `pos`.
std::size_t skip_value(std::string_view text, std::size_t pos);

/// Visits the members of the object that starts at `pos` (at its '{'), in order.
void for_each_member(std::string_view text, std::size_t pos,
                     const std::function<void(const MemberSpan&)>& visit);

/// The text without the members of the object at `pos` for which `drop` is true; one comma goes with each.
std::string without_members(std::string_view text, std::size_t pos,
                            const std::function<bool(const MemberSpan&)>& drop);

/// The text of the last member of that name of the object at `pos`, as it stands there; empty when there is
/// none.
std::string_view last_member(std::string_view text, std::size_t pos, std::string_view name);

/// The same JSON over several lines, two blanks a level. Numbers and texts stay to the letter, which a parser
/// that writes them anew does not promise.
std::string indented(std::string_view json);

/// Cuts [from, to) of a member out of `text` while it is copied to `out`: `out` must hold the copy up to
/// `from`. Removes one comma, behind or before. Returns where copying goes on.
std::size_t cut_member(std::string& out, std::string_view text, std::size_t to);

/// True for the text of a number that is 0 or more, as JSON writes them: "0.5", "1e-6"; not "", "-1", "1
/// USD", "007", nor one that is larger than a double.
bool is_amount_text(std::string_view text);

/// The text with the values of some members of the object at `pos` replaced: by what `with` gives, where it
/// gives anything.
std::string with_values(std::string_view text, std::size_t pos,
                        const std::function<std::optional<std::string>(const MemberSpan&)>& with);

/// A copy of the text in which numbers that are valid JSON but larger than a parser's machine types (long
/// integers, huge exponents) are overwritten by "-1" and blanks of the same length, so that the structure can
/// be parsed. Empty when there is no such number.
std::optional<std::string> with_huge_numbers_masked(std::string_view text);

}  // namespace respand
