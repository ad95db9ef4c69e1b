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

Result<std::string> checked(std::string key, const KeySource& source) {
    if (key.ends_with('\n')) key.pop_back();
    if (key.ends_with('\r')) key.pop_back();
    if (key.empty())
        return fail(ErrorKind::config,
                    "the API key from " + describe(source) + " is empty; put the key there");
    if (key.size() > kMaxApiKeyBytes)
        return fail(ErrorKind::config,
                    "the API key from " + describe(source) + " is longer than " +
                        std::to_string(kMaxApiKeyBytes) +
                        " bytes; is it the right one? It must hold the key and nothing else");
    if (!std::ranges::all_of(key, is_key_character))
        return fail(ErrorKind::config,
                    "the API key from " + describe(source) +
                        " holds a blank, a line break or another character that no key has; it must hold the "
                        "key and nothing else, on one line, without quotes or \"Bearer\"");
    return key;
}

enum class Privacy { owner_only, as_given };

/// Opened without blocking, so that a FIFO named by mistake can't hang the start.
Result<std::string> read_file(const std::string& path, Privacy privacy, const KeySource& source) {
    const std::string what = "the API key from " + describe(source);
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
        return fail(ErrorKind::config, what + " is not a regular file; name a file that holds the key");
    if (privacy == Privacy::owner_only && (status.st_mode & 0066) != 0)
        return fail(ErrorKind::no_permission, what + " is open to other users; run: chmod 600 " + path);
    // One byte more than a key, a line end of two and nothing else can be: enough to see that it is too long.
    std::string text(kMaxApiKeyBytes + 3, '\0');
    std::size_t length = 0;
    while (length < text.size()) {
        const ssize_t n = ::read(file.get(), text.data() + length, text.size() - length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(ErrorKind::io, what + " can't be read: " + std::strerror(errno));
        if (n == 0) break;
        length += static_cast<std::size_t>(n);
    }
    text.resize(length);
    return checked(std::move(text), source);
}

Result<std::string> read_credential(const CredentialSource& credential, const Environment& environment) {
    const auto directory = environment.get("CREDENTIALS_DIRECTORY");
    if (!directory)
        return fail(ErrorKind::config,
                    "the API key should come from " + describe(credential) +
                        ", but there is no $CREDENTIALS_DIRECTORY: respand was not started by systemd with "
                        "LoadCredential=; start the service, or set [upload] api_key to { file = PATH } or "
                        "{ env = NAME }");
    return read_file(*directory + "/" + credential.name, Privacy::as_given, credential);
}

Result<std::string> read_variable(const VariableSource& variable, const Environment& environment) {
    const auto value = environment.get(variable.name);
    if (!value)
        return fail(ErrorKind::config, "the API key should come from " + describe(variable) +
                                           ", which is not set or empty; export it, or set [upload] api_key "
                                           "to { file = PATH }");
    return checked(*value, variable);
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
    if (auto valid = validate(source); !valid) return std::unexpected(std::move(valid).error());
    return std::visit(
        Overloaded{
            [&](const CredentialSource& credential) { return read_credential(credential, environment); },
            [&](const FileSource& file) { return read_file(file.path, Privacy::owner_only, file); },
            [&](const VariableSource& variable) { return read_variable(variable, environment); },
        },
        source);
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
