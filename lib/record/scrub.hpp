// Secrets out, before anything is written to disk.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace respand {

/// True when a member of this name holds a secret wherever it stands (case and '-'/'_' do not matter):
/// provider credentials, API keys, cloud keys, authorization headers, the gateway's parameter headers.
bool is_secret_name(std::string_view name);

/// True when some member of `text` has to be removed. Fast: one pass, no allocation. `text` is valid JSON and
/// has kRecordPadding readable bytes behind it.
bool has_secrets(std::string_view text);

/// True when a string of `text` may hold JSON whose quotes are spelled \u0022, as some encoders write them.
/// has_secrets and without_secrets see plain quotes only.
bool has_escaped_quotes(std::string_view text);

/// The same text in meaning, with \u0022, \u003a and \u0020 spelled plainly, at every depth of encoding.
std::string with_plain_quotes(std::string_view text);

/// The text without members that hold secrets, at any depth, and also inside strings that hold JSON (however
/// often encoded, complete or cut off). Valid JSON in, valid JSON out; everything else is left as it was,
/// byte for byte. `removed` counts the members that went.
std::string without_secrets(std::string_view text, std::size_t& removed);

/// What a string becomes by without_secret_strings().
inline constexpr std::string_view kRemovedString = "[removed: it held a secret]";

/// For text that no cut inside its strings leaves valid: every string (a member's name too) in which
/// has_secrets sees something goes as a whole, and kRemovedString stands in its place. Members of the record
/// itself stay: they are without_secrets' to cut, which is safe then. The same conditions and counting as
/// there.
std::string without_secret_strings(std::string_view text, std::size_t& removed);

}  // namespace respand
