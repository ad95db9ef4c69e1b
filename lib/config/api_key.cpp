#include "config/api_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/fd.hpp"

namespace respand::config {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Everything that a bearer token may be made of is printable ASCII without the blank.
bool is_key_character(char c) { return c > ' ' && c < '\x7f'; }
bool is_password_character(char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; }
bool is_pem_character(char c) { return is_password_character(c) || c == '\n' || c == '\r' || c == '\t'; }

/// A kind of secret, and how one is told from something else that was put in its place.
struct Wanted {
    std::string_view what;     ///< "the API key"
    std::string_view setting;  ///< of [upload]
    std::size_t max_bytes;
    bool (*fits)(char);
    std::string_view form;  ///< what it must be like, for messages
};

constexpr Wanted kApiKey{"the API key", "api_key", kMaxApiKeyBytes, &is_key_character,
                         "it must hold the key and nothing else, on one line, without quotes or \"Bearer\""};
constexpr Wanted kProxyPassword{"the proxy's password", "proxy_password", kMaxProxyPasswordBytes,
                                &is_password_character,
                                "it must hold the password and nothing else, on one line"};
constexpr Wanted kClientKey{"the client certificate's key", "client_key", kMaxClientKeyBytes,
                            &is_pem_character, "it must be text in PEM form"};

Result<std::string> checked(std::string secret, const Wanted& wanted, const KeySource& source) {
    const std::string what = std::string(wanted.what) + " from " + describe(source);
    if (secret.ends_with('\n')) secret.pop_back();
    if (secret.ends_with('\r')) secret.pop_back();
    if (secret.empty()) return fail(ErrorKind::config, what + " is empty; put it there");
    if (secret.size() > wanted.max_bytes)
        return fail(ErrorKind::config, what + " is longer than " + std::to_string(wanted.max_bytes) +
                                           " bytes; is it the right one? It must be there and nothing else");
    if (!std::ranges::all_of(secret, wanted.fits))
        return fail(ErrorKind::config,
                    what + " holds a character that it can't have; " + std::string(wanted.form));
    return secret;
}

enum class Privacy { owner_only, as_given };

/// Opened without blocking, so that a FIFO named by mistake can't hang the start.
Result<std::string> read_file(const std::string& path, Privacy privacy, const Wanted& wanted,
                              const KeySource& source) {
    const std::string what = std::string(wanted.what) + " from " + describe(source);
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) {
        const int error = errno;
        const ErrorKind kind =
            error == EACCES || error == EPERM ? ErrorKind::no_permission : ErrorKind::no_input;
        return fail(kind, what + " can't be read: " + std::strerror(error) +
                              "; check that the file exists and belongs to the user that runs respand");
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return fail(ErrorKind::io, what + " can't be looked at: " + std::strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorKind::config, what + " is not a regular file; name a file that holds it");
    if (privacy == Privacy::owner_only && (status.st_mode & 0066) != 0)
        return fail(ErrorKind::no_permission, what + " is open to other users; run: chmod 600 " + path);
    // One byte more than a secret, a line end of two and nothing else can be: enough to see that it is too
    // long.
    std::string text(wanted.max_bytes + 3, '\0');
    std::size_t length = 0;
    while (length < text.size()) {
        const ssize_t n = ::read(file.get(), text.data() + length, text.size() - length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(ErrorKind::io, what + " can't be read: " + std::strerror(errno));
        if (n == 0) break;
        length += static_cast<std::size_t>(n);
    }
    text.resize(length);
    return checked(std::move(text), wanted, source);
}

Result<std::string> read_credential(const CredentialSource& credential, const Wanted& wanted,
                                    const Environment& environment) {
    const auto directory = environment.get("CREDENTIALS_DIRECTORY");
    if (!directory)
        return fail(ErrorKind::config,
                    std::string(wanted.what) + " should come from " + describe(credential) +
                        ", but there is no $CREDENTIALS_DIRECTORY: respand was not started by systemd with "
                        "LoadCredential=; start the service, or set [upload] " +
                        std::string(wanted.setting) + " to { file = PATH } or { env = NAME }");
    return read_file(*directory + "/" + credential.name, Privacy::as_given, wanted, credential);
}

Result<std::string> read_variable(const VariableSource& variable, const Wanted& wanted,
                                  const Environment& environment) {
    const auto value = environment.get(variable.name);
    if (!value)
        return fail(ErrorKind::config, std::string(wanted.what) + " should come from " + describe(variable) +
                                           ", which is not set or empty; export it, or set [upload] " +
                                           std::string(wanted.setting) + " to { file = PATH }");
    return checked(*value, wanted, variable);
}

Result<std::string> read(const KeySource& source, const Wanted& wanted, const Environment& environment) {
    if (auto valid = validate(source); !valid) return std::unexpected(std::move(valid).error());
    return std::visit(
        Overloaded{
            [&](const CredentialSource& credential) {
                return read_credential(credential, wanted, environment);
            },
            [&](const FileSource& file) { return read_file(file.path, Privacy::owner_only, wanted, file); },
            [&](const VariableSource& variable) { return read_variable(variable, wanted, environment); },
        },
        source);
}

}  // namespace

Status validate(const KeySource& source) {
    return std::visit(
        Overloaded{
            [](const CredentialSource& credential) -> Status {
                // systemd.exec(5): a credential's name is a file name of at most 255 characters.
                const std::string& name = credential.name;
                if (!name.empty() && name.size() <= 255 && name != "." && name != ".." &&
                    std::ranges::all_of(name,
                                        [](char c) { return is_key_character(c) && c != '/' && c != ':'; }))
                    return {};
                return fail(ErrorKind::config,
                            "a credential's name is a file name without '/' and ':', as in LoadCredential=");
            },
            [](const FileSource& file) -> Status {
                if (file.path.starts_with('/')) return {};
                return fail(ErrorKind::config,
                            "the file with the key needs an absolute path (one that starts with /)");
            },
            [](const VariableSource& variable) -> Status {
                const std::string& name = variable.name;
                if (!name.empty() && std::ranges::all_of(name, is_word_character) &&
                    (name[0] < '0' || name[0] > '9'))
                    return {};
                return fail(
                    ErrorKind::config,
                    "env takes the NAME of an environment variable (letters, digits and '_'), never the "
                    "key itself");
            },
        },
        source);
}

Result<std::string> read_api_key(const KeySource& source, const Environment& environment) {
    return read(source, kApiKey, environment);
}

Result<upload::Credentials> read_credentials(const CredentialSources& sources,
                                             const Environment& environment) {
    upload::Credentials credentials;
    auto key = read_api_key(sources.api_key, environment);
    if (!key) return std::unexpected(std::move(key).error());
    credentials.api_key = std::move(*key);
    if (sources.proxy_password) {
        auto password = read(*sources.proxy_password, kProxyPassword, environment);
        if (!password) return std::unexpected(std::move(password).error());
        credentials.proxy_password = std::move(*password);
    }
    if (sources.client_key) {
        auto client = read(*sources.client_key, kClientKey, environment);
        if (!client) return std::unexpected(std::move(client).error());
        credentials.client_key = std::move(*client);
    }
    const auto variable = [&environment](std::string_view lower, std::string_view upper) {
        auto value = environment.get(lower);
        if (!value) value = environment.get(upper);
        return value.value_or(std::string());
    };
    credentials.proxies = {.https_proxy = variable("https_proxy", "HTTPS_PROXY"),
                           .http_proxy = variable("http_proxy", "HTTP_PROXY"),
                           .no_proxy = variable("no_proxy", "NO_PROXY")};
    return credentials;
}

std::string describe(const KeySource& source) {
    return std::visit(
        Overloaded{
            [](const CredentialSource& credential) { return "credential '" + credential.name + "'"; },
            [](const FileSource& file) { return "file " + file.path; },
            [](const VariableSource& variable) { return "environment variable " + variable.name; },
        },
        source);
}

}  // namespace respand::config
