// Where the API key and other secrets come from. They are never in the configuration, nor in any message.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "config/environment.hpp"
#include "upload/network_settings.hpp"

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
inline constexpr std::size_t kMaxProxyPasswordBytes = 1024;
/// An RSA key of 16384 bits in PEM has 13 KB.
inline constexpr std::size_t kMaxClientKeyBytes = 64 << 10;

/// Where all secrets of one way to a server come from.
struct CredentialSources {
    KeySource api_key;                        ///< [upload] api_key
    std::optional<KeySource> proxy_password;  ///< [upload] proxy_password
    std::optional<KeySource> client_key;      ///< [upload] client_key
};

/// Is the name or path of the source one that can exist? Messages never repeat it: a key pasted in its place
/// would be shown.
Status validate(const KeySource& source);

/// Reads the key and drops one line end behind it. Refuses an empty key, blanks and control characters
/// inside, and more than kMaxApiKeyBytes. Messages name the source, never what was read. Blocks on the file
/// system: call at start and on reload only.
Result<std::string> read_api_key(const KeySource& source, const Environment& environment);

/// Reads the API key as read_api_key does, and the others by the same rules (a password may hold blanks and
/// UTF-8, a client key is PEM text). The proxies of the environment are taken along: lower case goes before
/// upper case. Blocks on the file system.
Result<upload::Credentials> read_credentials(const CredentialSources& sources,
                                             const Environment& environment);

/// "credential 'respan-api-key'", for messages and logs.
std::string describe(const KeySource& source);

}  // namespace respand::config
