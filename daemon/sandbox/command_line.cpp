#include "sandbox/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "base/exit_code.hpp"
#include "base/units.hpp"

namespace respand::sandbox {
namespace {

constexpr const char* kDescription =
    "Stands in for the Respan logging API: a real HTTP(S) server with both calls, their documented limits "
    "and "
    "answers,\nfor demos, tests and offline integration work. Nothing that is sent to it leaves this "
    "machine.";

constexpr const char* kFooter = R"(
While it runs:
  GET  /stats[?expect=N]     what was counted, as JSON
  GET  /logs[?limit=N]       the last logs, as they were sent (1,000 or 64 MiB are kept)
  GET  /faults               the faults in force
  POST /faults               new faults, such as {"fail": ["500:0.1"], "latency": "200ms"}; {} turns all off

Examples:
  respan-sandbox
  respan-sandbox --listen 127.0.0.1:0 --port-file port.txt --quiet
  respan-sandbox --fail 500:10% --fail 429:5% --retry-after 2 --latency 200ms
  respan-sandbox --tls-self-signed ca.pem --key secret --strict-rate

Exit codes: 0 ended by a signal, 64 wrong option, 66 a file can't be read, 69 the port is in use,
73 a file can't be written, 77 the port is not allowed.
)";

/// Options as "--name TYPE" alone; what excludes what is said when somebody tries.
class TidyFormatter final : public CLI::Formatter {
  public:
    std::string make_option_opts(const CLI::Option* option) const override {
        return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
    }
};

/// Options that need a look before they become settings.
struct RawOptions {
    std::string key_file;
    std::string max_body = "32MiB";
    std::string latency = "0";
    std::string reset_rate = "0";
    std::vector<std::string> fail;
    bool strict_rate = false;
};

void add_server_options(CLI::App& app, CommandLine& line, RawOptions& raw) {
    Options& options = line.options;
    app.add_option("--listen", options.listen,
                   "Where to listen, port 0: a free one (default: 127.0.0.1:8080)")
        ->type_name("ADDRESS:PORT");
    app.add_option("--prefix", options.prefix, "Path in front of /request-logs/ (default: /api)")
        ->type_name("PATH");
    app.add_option("--port-file", line.port_file, "Writes the port to this file once it listens")
        ->type_name("FILE");
    auto* key =
        app.add_option("--key", options.key, "The only API key to let in (default: any)")->type_name("KEY");
    app.add_option("--key-file", raw.key_file, "Reads that key from the first line of a file")
        ->type_name("FILE")
        ->excludes(key);
    app.add_option("--max-body", raw.max_body, "Largest request body, larger ones get 413 (default: 32MiB)")
        ->type_name("SIZE");
    auto* rate = app.add_option("--bulk-rate", options.bulk_rate,
                                "Bulk requests per minute; more get 429 (default: no limit)")
                     ->type_name("N");
    app.add_flag("--strict-rate", raw.strict_rate, "The documented 30 bulk requests per minute")
        ->excludes(rate);
    app.add_flag("--count-only", options.count_only,
                 "Counts rows without reading them: for benchmarks (see README.md)");
}

void add_output_options(CLI::App& app, CommandLine& line) {
    auto* quiet = app.add_flag("-q,--quiet", line.quiet, "Prints nothing");
    app.add_flag("--show-body", line.options.show_body, "Prints every log in full, secrets and all")
        ->excludes(quiet);
    app.set_version_flag("--version", std::string("respan-sandbox ") + RESPAND_VERSION,
                         "Prints the version and exits");
}

void add_tls_options(CLI::App& app, TlsOptions& tls) {
    const std::string group = "HTTPS";
    auto* cert = app.add_option("--tls-cert", tls.cert_file, "Certificate chain, PEM")->type_name("FILE");
    auto* key = app.add_option("--tls-key", tls.key_file, "Its private key, PEM")->type_name("FILE");
    auto* self_signed = app.add_option("--tls-self-signed", tls.self_signed_file,
                                       "Makes a certificate for localhost, 127.0.0.1 and ::1\nand writes it "
                                       "to FILE, for clients to trust")
                            ->type_name("FILE");
    cert->needs(key)->group(group);
    key->needs(cert)->group(group);
    self_signed->excludes(cert)->group(group);
}

void add_fault_options(CLI::App& app, Faults& faults, RawOptions& raw) {
    const std::string group = "Faults";
    app.add_option("--fail", raw.fail,
                   "Answers this share of the requests with this status;\nRATE is 0.1 or 10%, all when "
                   "absent; repeatable")
        ->type_name("STATUS[:RATE]")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--fail-model", faults.fail_models,
                   "Refuses the rows of this model, not their neighbours; repeatable")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--fail-count", faults.fail_count, "After N failures all requests succeed")
        ->type_name("N")
        ->group(group);
    app.add_option("--fail-body", faults.fail_body, "Body of the failures, instead of their JSON")
        ->type_name("TEXT")
        ->group(group);
    app.add_option("--retry-after", faults.retry_after, "Sent with every failure, in header and body")
        ->type_name("SECONDS")
        ->group(group);
    app.add_option("--latency", raw.latency, "Waits before every answer, such as 200ms")
        ->type_name("DURATION")
        ->group(group);
    app.add_option("--reset", raw.reset_rate, "Resets the connections of this share of the requests")
        ->type_name("RATE")
        ->group(group);
    app.add_flag("--ambiguous", faults.ambiguous, "Takes the logs in before it fails or resets")
        ->group(group);
    app.add_option("--seed", faults.seed, "Same seed, same order of faults (default: 1)")
        ->type_name("N")
        ->group(group);
}

Result<std::string> read_key(const std::string& file) {
    std::ifstream in(file);
    std::string key;
    if (!in || !std::getline(in, key))
        return fail(ErrorKind::no_input, "the key file " + file + " can't be read");
    while (!key.empty() && (key.back() == '\r' || key.back() == ' ')) key.pop_back();
    if (key.empty()) return fail(ErrorKind::no_input, "the first line of the key file " + file + " is empty");
    return key;
}

Status resolve_faults(Faults& faults, const RawOptions& raw) {
    for (const std::string& text : raw.fail) {
        auto share = parse_fail(text);
        if (!share) return std::unexpected(std::move(share.error()).within("--fail"));
        faults.fail.push_back(*share);
    }
    auto latency = parse_duration(raw.latency);
    if (!latency) return std::unexpected(std::move(latency.error()).within("--latency"));
    faults.latency = *latency;
    auto reset = parse_rate(raw.reset_rate);
    if (!reset) return std::unexpected(std::move(reset.error()).within("--reset"));
    faults.reset_rate = *reset;
    return {};
}

Status resolve(CommandLine& line, const RawOptions& raw) {
    if (raw.strict_rate) line.options.bulk_rate = kDocumentedBulkRate;
    if (!raw.key_file.empty()) {
        auto key = read_key(raw.key_file);
        if (!key) return std::unexpected(key.error());
        line.options.key = std::move(*key);
    }
    auto max_body = parse_byte_count(raw.max_body);
    if (!max_body) return std::unexpected(std::move(max_body.error()).within("--max-body"));
    line.options.max_body = max_body->value;
    if (auto faults = resolve_faults(line.options.faults, raw); !faults) return faults;
    return line.options.validate();
}

int complain(const Error& error) {
    // A fault of a value on the command line is a fault of usage, whoever found it.
    const ErrorKind kind = error.kind == ErrorKind::no_input ? error.kind : ErrorKind::usage;
    std::fprintf(stderr, "respan-sandbox: %s\n", error.message.c_str());
    return exit_code(kind);
}

}  // namespace

Command parse_command_line(int argc, char** argv) {
    constexpr std::size_t kHelpColumn = 28;
    CommandLine line;
    line.options.listen = "127.0.0.1:8080";
    RawOptions raw;
    CLI::App app(kDescription, "respan-sandbox");
    app.footer(kFooter);
    const auto formatter = std::make_shared<TidyFormatter>();
    formatter->column_width(kHelpColumn);
    app.formatter(formatter);
    app.set_help_flag("-h,--help", "Prints this and exits");
    add_server_options(app, line, raw);
    add_output_options(app, line);
    add_tls_options(app, line.options.tls);
    add_fault_options(app, line.options.faults, raw);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
        std::cerr << "respan-sandbox: " << error.what() << "\nSee respan-sandbox --help.\n";
        return exit_code(ErrorKind::usage);
    }
    if (auto resolved = resolve(line, raw); !resolved) return complain(resolved.error());
    return line;
}

}  // namespace respand::sandbox
