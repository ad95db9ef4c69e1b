// status and audit: questions to the running daemon.
#include <cstdio>

#include "control/control_client.hpp"
#include "control/screen.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {
namespace {

/// The body of a good answer; an error with the daemon's own words otherwise.
Result<std::string> ask(const Common& common, const std::string& target) {
    const auto socket = common.control_socket();
    if (!socket) return std::unexpected(socket.error());
    const auto answer = control::get(*socket, target);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200)
        return fail(ErrorKind::unavailable, "the daemon answered " + std::to_string(answer->status) + " to " +
                                                target + ": " + answer->body);
    return answer->body;
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

Result<int> status(const Common& common, bool json) {
    auto body = ask(common, "/status");
    if (!body) return std::unexpected(body.error());
    if (!json) body = control::status_screen(*body);
    if (!body) return std::unexpected(body.error());
    std::fputs(body->c_str(), stdout);
    return 0;
}

Result<int> audit(const Common& common, bool json) {
    const auto body = ask(common, "/audit");
    if (!body) return std::unexpected(body.error());
    const auto screen = control::audit_screen(*body);
    if (!screen) return std::unexpected(screen.error());
    std::fputs(json ? body->c_str() : screen->text.c_str(), stdout);
    return screen->ok ? 0 : 1;
}

}  // namespace respand::ctl
