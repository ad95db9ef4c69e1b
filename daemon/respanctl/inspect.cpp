// status: a question to the running daemon. audit: one to the daemon, or to a file that none has open.
#include <cstdio>

#include "control/api.hpp"
#include "control/audit_screen.hpp"
#include "control/screen.hpp"
#include "respanctl/commands.hpp"
#include "spool/audit.hpp"

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

struct AuditOptions : InspectOptions {
    std::string file;
};

Result<std::string> audit_answer(const Common& common, const AuditOptions& options) {
    if (options.file.empty()) return common.ask("GET", "/audit");
    const auto found = spool::audit_file(options.file);
    if (!found) return std::unexpected(found.error());
    return control::audit_json(*found);
}

Result<int> audit(const Common& common, const AuditOptions& options) {
    const auto body = audit_answer(common, options);
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
    program.add<AuditOptions>(
        program.app, "audit",
        "The balance line by line, the ledger held against every row; exit 1 when it does not add up",
        [](CLI::App& sub, AuditOptions& options) {
            declare(sub, options);
            sub.add_option("FILE", options.file,
                           "A spool that no daemon has open (default: ask the running daemon)");
        },
        audit);
}

}  // namespace respand::ctl
