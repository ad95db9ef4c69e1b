// respanctl: the operators' tool. The commands are in commands.hpp; this is the command line.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/exit_code.hpp"
#include "respanctl/commands.hpp"

using namespace respand;

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // a daemon that goes away is an error of write(), with words
    CLI::App app{"Looks into a running respand, sends records to it and explains prices.", "respanctl"};
    app.set_version_flag("--version", "respanctl " RESPAND_VERSION);
    app.require_subcommand(0, 1);
    app.fallthrough();
    ctl::Common common;
    app.add_option("--socket", common.socket, "The daemon's control socket (default: [control] path)")
        ->type_name("PATH");
    app.add_option("--config", common.config,
                   "Configuration to take paths from (default: as respand finds it)")
        ->type_name("FILE");

    ctl::Program program{app, common, {}};
    ctl::add_inspect_commands(program);
    ctl::add_lane_commands(program);
    ctl::add_delivery_commands(program);
    ctl::add_send_command(program);
    ctl::add_price_commands(program);
    ctl::add_queue_commands(program);
    ctl::add_dead_commands(program);
    ctl::add_spool_commands(program);

    app.footer(
        "Exit codes (sysexits.h): 0 done,\n"
        "1 the audit found a fault, a price is unknown, or price tables differ, 64 wrong command line,\n"
        "65 records were refused or a price file can't be used, 66 a file is missing,\n"
        "69 the daemon does not answer, 77 no permission,\n"
        "78 the configuration or the price table is wrong");
    app.failure_message([](const CLI::App*, const CLI::Error& e) {
        return std::string("respanctl: ") + e.what() + "\nrespanctl --help tells commands and options.\n";
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : EX_USAGE;
    }
    try {
        if (!program.command) {
            std::fputs("respanctl: a command is needed; respanctl --help tells which there are\n", stderr);
            return EX_USAGE;
        }
        const Result<int> code = program.command();
        if (code) return *code;
        std::fprintf(stderr, "respanctl: %s\n", code.error().message.c_str());
        return exit_code(code.error().kind);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "respanctl: a bug, please report it: %s\n", e.what());
        return EX_SOFTWARE;
    }
}
