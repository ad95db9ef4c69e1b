#include "respand/options.hpp"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

namespace respand {

Options parse_options(int argc, char** argv) {
    Options options;
    CLI::App app{
        "Takes usage records of LLM calls from local processes, makes them durable, prices them and delivers "
        "them to "
        "Respan. Runs in the foreground.",
        "respand"};
    app.set_version_flag("--version", "respand " RESPAND_VERSION);
    std::string check;
    bool print = false;
    app.add_option("--config", options.config,
                   "Configuration file; default: /etc/respand/respand.toml for a service, "
                   "~/.config/respand/respand.toml "
                   "for a person, else built-in defaults")
        ->type_name("FILE");
    auto* check_option =
        app.add_option("--check-config", check, "Check this configuration and the prices it names, then exit")
            ->type_name("FILE");
    auto* print_flag =
        app.add_flag("--print-config", print, "Print the configuration in force (never a key), then exit");
    app.footer(
        "Signals:\n"
        "  TERM, INT  stop in order: take what has arrived, finish the request under way (at most 10 s)\n"
        "             a second one ends at once; what was committed stays in the spool\n"
        "  HUP        read configuration, key and prices again; a fault leaves the old ones in force\n"
        "  USR1       open the log file again (after logrotate)\n"
        "Exit codes (sysexits.h):\n"
        "  0 stopped in order     64 wrong command line   65 the spool is not one of ours or damaged\n"
        "  66 a file is missing   69 socket, port or spool in use   70 a bug\n"
        "  71 operating system    73 a file or socket can't be created   74 the spool could not be written\n"
        "  75 ended by a second signal   77 no permission   78 configuration, key or prices are wrong");
    app.failure_message([](const CLI::App*, const CLI::Error& e) {
        return std::string("respand: ") + e.what() + "\nrespand --help tells the options.\n";
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        options.action = Options::Action::exit;
        options.exit_code = app.exit(e) == 0 ? 0 : EX_USAGE;
        return options;
    }
    if (*check_option && *print_flag) {
        std::fputs("respand: --check-config and --print-config are two different things; give one\n", stderr);
        options.action = Options::Action::exit;
        options.exit_code = EX_USAGE;
    } else if (*check_option) {
        options.action = Options::Action::check_config;
        options.config = check;
    } else if (print) {
        options.action = Options::Action::print_config;
    }
    return options;
}

}  // namespace respand
