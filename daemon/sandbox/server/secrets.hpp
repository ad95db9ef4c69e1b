// Finds what should never have been sent: credentials left in a log.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace respand::sandbox {

/// How deep JSON inside a JSON string inside a JSON string … is looked into.
inline constexpr int kMaxNestedDocuments = 4;
/// Paths named for one log; what is beyond is counted as one more, named "…".
inline constexpr std::size_t kMaxSecretsNamed = 20;

/// The places of keys that must not leave the user's machine, such as "full_request.headers.Authorization",
/// in the order of the text, also inside JSON strings. Never a value. A null or an empty string is no secret.
/// `log` is valid JSON (json_fault() passed it).
std::vector<std::string> find_secrets(std::string_view log);

}  // namespace respand::sandbox
