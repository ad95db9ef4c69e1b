// What the sandbox prints: one line for one thing that happened, for a person to read.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "sandbox/server/log_rules.hpp"

namespace respand::sandbox {

// Every function returns whole lines, each with its newline. Control characters of input are shown as '?', so
// that a log can't steer the terminal.

/// "10:57:44 bulk   replicate/meta/llama-3-70b-instruct  18 in / 502 out  cost 0.0013922  user_123  id 0193…"
/// What the log does not say is "-". `call`: "create" or "bulk". The time is local.
std::string accepted_line(WallTime now, std::string_view call, const LogFacts& facts);
/// A row that was refused while its neighbours may have been accepted.
std::string refused_row_line(WallTime now, std::string_view call, std::size_t index, std::string_view reason);
/// A request that was refused whole. `status` 0: its connection was reset.
std::string refused_line(WallTime now, std::string_view method, std::string_view target, int status,
                         std::string_view reason);
/// Names the keys that should not have been sent; never a value.
std::string secrets_line(WallTime now, const std::vector<std::string>& keys);
/// The log itself, indented under its line.
std::string body_line(std::string_view log);

}  // namespace respand::sandbox
