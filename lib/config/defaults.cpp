// Where things are when nobody says: for a service and for a person.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "config/config.hpp"
#include "config/directories.hpp"

namespace respand::config {
namespace {

/// systemd separates several directories with colons; the first is the one that carries our name.
std::optional<std::string> first_directory(const Environment& environment, std::string_view variable) {
    auto list = environment.get(variable);
    if (list) list->resize(std::min(list->find(':'), list->size()));
    return list;
}

/// XDG base directory specification: a relative path is to be ignored.
std::optional<std::string> absolute(const Environment& environment, std::string_view variable) {
    auto path = environment.get(variable);
    return path && path->starts_with('/') ? path : std::nullopt;
}

Directories service_directories(const Environment& environment) {
    return {
        .runtime = first_directory(environment, "RUNTIME_DIRECTORY").value_or("/run/respand"),
        .state = first_directory(environment, "STATE_DIRECTORY").value_or("/var/lib/respand"),
        .config = first_directory(environment, "CONFIGURATION_DIRECTORY").value_or(environment.etc_directory),
    };
}

Directories user_directories(const Environment& environment) {
    const std::string shared =
        environment.temporary_directory + "/respand-" + std::to_string(environment.euid);
    const auto runtime = absolute(environment, "XDG_RUNTIME_DIR");
    const std::string home = absolute(environment, "HOME").value_or(environment.home);
    // Without a home the state shares the one checked directory, and no configuration is looked for where
    // anybody could have put one.
    const bool homeless = home.empty() || home == "/";
    const auto below = [&](std::string_view variable, const char* usual) {
        auto base = absolute(environment, variable);
        if (!base && !homeless) base = home + usual;
        return base ? std::optional(*base + "/respand") : std::nullopt;
    };
    return {
        .runtime = runtime ? *runtime + "/respand" : shared,
        .state = below("XDG_STATE_HOME", "/.local/state").value_or(shared),
        .config = below("XDG_CONFIG_HOME", "/.config").value_or(environment.etc_directory),
    };
}

bool exists(const std::string& path) {
    // Anything but "it is not there" counts as there: the one who opens it then says what is wrong with it.
    return ::access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/// The installed table, else the one that was installed under the same prefix as the program.
std::string price_table(const Environment& environment) {
    const std::string installed = environment.share_directory + "/pricing.json";
    if (environment.executable.empty() || exists(installed)) return installed;
    const auto prefix = std::filesystem::path(environment.executable).parent_path().parent_path();
    const std::string beside = (prefix / "share/respand/pricing.json").string();
    return exists(beside) ? beside : installed;
}

Status fault(const std::string& directory, const std::string& what) {
    return fail(ErrorKind::no_permission,
                "directory " + directory + " " + what +
                    "; sockets and spool in it would not be private. Remove it, or set XDG_RUNTIME_DIR and "
                    "XDG_STATE_HOME to directories of your own");
}

/// Creates what is missing with mode 0700, then looks at the result through one descriptor-free lstat: in a
/// directory that everybody may write to, anybody may have been first.
Status make_private(const std::string& directory, uid_t owner) {
    std::string path;
    for (const auto& part : std::filesystem::path(directory)) {
        path = (std::filesystem::path(path) / part).string();
        if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) continue;
        if (const int error = errno; !exists(path))
            return fail(ErrorKind::cant_create,
                        "directory " + path + " can't be created: " + std::strerror(error));
    }
    struct stat status{};
    if (::lstat(directory.c_str(), &status) != 0)
        return fail(ErrorKind::cant_create,
                    "directory " + directory + " can't be used: " + std::strerror(errno));
    if (S_ISLNK(status.st_mode)) return fault(directory, "is a symbolic link");
    if (!S_ISDIR(status.st_mode)) return fault(directory, "is not a directory");
    if (status.st_uid != owner) return fault(directory, "belongs to another user");
    if ((status.st_mode & 0077) != 0)
        return fail(ErrorKind::no_permission,
                    "directory " + directory + " is open to other users; run: chmod 700 " + directory);
    return {};
}

}  // namespace

Directories directories(const Environment& environment) {
    return environment.is_service() ? service_directories(environment) : user_directories(environment);
}

Config full_defaults(const Environment& environment) {
    const Directories where = directories(environment);
    Config config;
    config.ingest.unix_datagram.emplace().socket.path = where.runtime + "/respand.sock";
    config.ingest.unix_stream.emplace().socket.path = where.runtime + "/stream.sock";
    config.ingest.udp.emplace();
    config.ingest.http.emplace();
    config.control.path = where.runtime + "/control.sock";
    config.spool.path = where.state + "/spool.db";
    config.pricing.table = price_table(environment);
    config.pricing.overlays = where.config + "/pricing.d";
    if (!environment.is_service()) {
        config.credentials.api_key = VariableSource{"RESPAN_API_KEY"};
        config.log.format = LogFormat::text;
    }
    return config;
}

Config default_config(const Environment& environment) {
    Config config = full_defaults(environment);
    config.ingest.udp.reset();
    config.ingest.http.reset();
    return config;
}

std::optional<std::string> find_config_file(const Environment& environment,
                                            const std::string& explicit_path) {
    if (!explicit_path.empty()) return explicit_path;
    std::string path = directories(environment).config + "/respand.toml";
    if (!exists(path)) return std::nullopt;
    return path;
}

Result<Config> effective_config(const Environment& environment, const std::string& explicit_path) {
    const auto file = find_config_file(environment, explicit_path);
    if (!file) return default_config(environment);
    return load_config(*file, environment);
}

Status prepare_user_directories(const Config& config, const Environment& environment) {
    if (environment.is_service()) return {};
    std::array<std::string, 5> used{config.control.path, config.spool.path, {}, {}, {}};
    if (config.ingest.unix_datagram) used[2] = config.ingest.unix_datagram->socket.path;
    if (config.ingest.unix_stream) used[3] = config.ingest.unix_stream->socket.path;
    if (config.ingest.http) used[4] = config.ingest.http->socket.path;
    const Directories ours = directories(environment);
    for (const std::string& directory : {ours.runtime, ours.state}) {
        bool needed = false;
        for (const std::string& path : used)
            needed = needed || std::filesystem::path(path).parent_path() == directory;
        if (!needed) continue;
        if (auto made = make_private(directory, environment.euid); !made) return made;
    }
    return {};
}

}  // namespace respand::config
