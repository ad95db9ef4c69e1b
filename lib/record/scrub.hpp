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

/// The text without members that hold secrets, at any depth, and also inside strings that hold JSON (however
/// often encoded, complete or cut off). Valid JSON in, valid JSON out; everything else is left as it was,
/// byte for byte. `removed` counts the members that went.
std::string without_secrets(std::string_view text, std::size_t& removed);

}  // namespace respand
