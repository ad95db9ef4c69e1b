#include <nlohmann/json.hpp>

#include "control/control_client.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {
namespace {

/// What the daemon said went wrong, out of {"error": "..."}.
std::string words_of(const std::string& body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    return json.is_object() && json.contains("error") && json["error"].is_string()
               ? json["error"].get<std::string>()
               : body;
}

ErrorKind kind_of(int status) {
    switch (status) {
        case 400:
            return ErrorKind::usage;
        case 404:
        case 405:
            return ErrorKind::no_input;
        default:
            return ErrorKind::unavailable;
    }
}

}  // namespace

Result<config::Config> Common::load() const {
    return config::effective_config(config::Environment::of_process(), config);
}

Result<std::string> Common::control_socket() const {
    if (!socket.empty()) return socket;
    const auto loaded = load();
    if (!loaded) return std::unexpected(loaded.error());
    return loaded->control.path;
}

Result<std::string> Common::ask(const std::string& method, const std::string& target,
                                const std::string& body) const {
    const auto path = control_socket();
    if (!path) return std::unexpected(path.error());
    auto answer = control::ask(*path, method, target, body);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200)
        return fail(kind_of(answer->status), "the daemon answered " + std::to_string(answer->status) +
                                                 " to " + method + " " + target.substr(0, target.find('?')) +
                                                 ": " + words_of(answer->body));
    return std::move(answer->body);
}

}  // namespace respand::ctl
