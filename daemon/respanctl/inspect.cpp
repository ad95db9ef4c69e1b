// status and audit: questions to the running daemon.
#include <cstdio>

#include "control/screen.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {
namespace {

struct InspectOptions {
    bool json = false;
};

void declare(CLI::App& sub, InspectOptions& options) {
    sub.add_flag("--json", options.json, "Print what the daemon answers");
}

Result<int> status(const Common& common, const InspectOptions& options) {
    auto body = common.ask("GET", "/status");
    if (!body) return std::unexpected(body.error());
    if (!options.json) body = control::status_screen(*body);
    if (!body) return std::unexpected(body.error());
    std::fputs(body->c_str(), stdout);
    return 0;
}

Result<int> audit(const Common& common, const InspectOptions& options) {
    const auto body = common.ask("GET", "/audit");
    if (!body) return std::unexpected(body.error());
    const auto screen = control::audit_screen(*body);
    if (!screen) return std::unexpected(screen.error());
    std::fputs(options.json ? body->c_str() : screen->text.c_str(), stdout);
    return screen->ok ? 0 : 1;
}

}  // namespace

void add_inspect_commands(Program& program) {
    program.add<InspectOptions>(program.app, "status",
                                "One screen: records, delivery, spool, listeners, prices", declare, status);
    program.add<InspectOptions>(
        program.app, "audit", "Hold the ledger against the rows of the spool; exit 1 when it does not add up",
        declare, audit);
}

}  // namespace respand::ctl
