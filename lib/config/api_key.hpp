// Where the API key comes from. The key itself is never in the configuration, nor in any message.
#pragma once
#include <cstddef>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "config/environment.hpp"

namespace respand::config {

/// `{ credential = NAME }`: the file NAME in $CREDENTIALS_DIRECTORY (systemd's LoadCredential=).
struct CredentialSource {
    std::string name = "respan-api-key";
    bool operator==(const CredentialSource&) const = default;
};

/// `{ file = PATH }`: a regular file that only its owner can read.
struct FileSource {
    std::string path;
    bool operator==(const FileSource&) const = default;
};

/// `{ env = NAME }`: an environment variable.
struct VariableSource {
    std::string name;
    bool operator==(const VariableSource&) const = default;
};

using KeySource = std::variant<CredentialSource, FileSource, VariableSource>;

/// Bytes. Bearer tokens are far below it; it tells a key from a file named by mistake.
inline constexpr std::size_t kMaxApiKeyBytes = 4096;

/// Is the name or path of the source one that can exist? Messages never repeat it: a key pasted in its place
/// would be shown.
Status validate(const KeySource& source);

/// Reads the key and drops one line end behind it. Refuses an empty key, blanks and control characters
/// inside, and more than kMaxApiKeyBytes. Messages name the source, never what was read. Blocks on the file
/// system: call at start and on reload only.
Result<std::string> read_api_key(const KeySource& source, const Environment& environment);

/// "credential 'respan-api-key'", for messages and logs.
std::string describe(const KeySource& source);

}  // namespace respand::config
