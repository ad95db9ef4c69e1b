#include "config/environment.hpp"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace respand::config {

std::optional<std::string> Environment::get(std::string_view name) const {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

bool Environment::is_service() const {
    return euid == 0 || get("STATE_DIRECTORY") || get("RUNTIME_DIRECTORY");
}

Environment Environment::of_process() {
    Environment environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        environment.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    environment.euid = ::geteuid();
    // Called before any thread is started: the static buffer of getpwuid is nobody else's.
    if (const passwd* user = ::getpwuid(environment.euid); user != nullptr && user->pw_dir != nullptr)
        environment.home = user->pw_dir;
    std::error_code unknown;
    environment.executable = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
    return environment;
}

}  // namespace respand::config
