// respanctl: the operators' tool. The commands are in commands.hpp; this is the command line.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/exit_code.hpp"
#include "respanctl/commands.hpp"

namespace {

using namespace respand;

void add_price(CLI::App& app, ctl::PriceOptions& options) {
    app.add_option("--model", options.model, "Model as an app would send it")
        ->required()
        ->type_name("NAME (required)");
    app.add_option("--provider", options.provider, "Provider, when the model's name does not say it")
        ->type_name("NAME");
    app.add_option("--input-tokens", options.input, "Input tokens, cached ones included")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--cached-tokens", options.cached, "of these: read from the cache")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--cache-write-tokens", options.cache_write,
                   "of these: written to the cache for 5 minutes")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--cache-write-1h-tokens", options.cache_write_1h,
                   "of these: written to the cache for 1 hour")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--output-tokens", options.output, "Output tokens, reasoning included")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--reasoning-tokens", options.reasoning, "of these: reasoning")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--at", options.at, "When the call was made, RFC 3339 (default: now)")->type_name("TIME");
    app.add_option("--table", options.table, "Price table (default: [pricing] table)")->type_name("FILE");
    app.add_option("--overlays", options.overlays, "Directory of overlays (default: [pricing] overlays)")
        ->type_name("DIR");
}

}  // namespace

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

    bool json = false;
    auto* status = app.add_subcommand("status", "One screen: records, delivery, spool, listeners, prices");
    status->add_flag("--json", json, "Print what the daemon answers");
    auto* audit = app.add_subcommand(
        "audit", "Hold the ledger against the rows of the spool; exit 1 when it does not add up");
    audit->add_flag("--json", json, "Print what the daemon answers");

    ctl::SendOptions send_options;
    auto* send =
        app.add_subcommand("send", "Send one record, or one a line (NDJSON), to the daemon's socket");
    send->add_option("FILE", send_options.file, "File to read (default: -, standard input)");
    send->add_option("--to", send_options.to, "Datagram or stream socket (default: [ingest.*] path)")
        ->type_name("PATH");
    send->add_flag("--unchecked", send_options.unchecked, "Send without checking the records first");

    ctl::PriceOptions price_options;
    auto* price = app.add_subcommand("price", "What a call costs, and where the prices come from");
    add_price(*price, price_options);

    app.footer(
        "Exit codes (sysexits.h): 0 done, 1 the audit found a fault or the price is unknown, 64 wrong "
        "command line,\n"
        "65 records were refused, 66 a file is missing, 69 the daemon does not answer, 77 no permission,\n"
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
        Result<int> code = fail(ErrorKind::usage, "a command is needed: status, audit, send or price");
        if (*status) code = ctl::status(common, json);
        if (*audit) code = ctl::audit(common, json);
        if (*send) code = ctl::send(common, send_options);
        if (*price) code = ctl::price(common, price_options);
        if (code) return *code;
        std::fprintf(stderr, "respanctl: %s\n", code.error().message.c_str());
        return exit_code(code.error().kind);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "respanctl: a bug, please report it: %s\n", e.what());
        return EX_SOFTWARE;
    }
}
