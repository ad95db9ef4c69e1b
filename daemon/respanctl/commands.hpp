// What respanctl can do. Each group of commands has a file of its own, which declares its options and
// registers what runs. A command prints to standard output and gives its exit code, or an error to report.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"

namespace respand::ctl {

/// Options of every command.
struct Common {
    std::string socket;  ///< empty: from the configuration
    std::string config;  ///< empty: as respand finds it

    Result<config::Config> load() const;
    Result<std::string> control_socket() const;
    /// The body of a good answer of the running daemon; an error with the daemon's own words otherwise.
    Result<std::string> ask(const std::string& method, const std::string& target,
                            const std::string& body = {}) const;
};

/// The command line while it is read.
struct Program {
    CLI::App& app;
    Common& common;
    std::function<Result<int>()> command;  ///< what the parsed line asks for

    /// A subcommand of `parent` that runs `run(options)`; `declare(subcommand, options)` adds its options.
    template <class Options, class Declare, class Run>
    CLI::App* add(CLI::App& parent, const char* name, const char* what, Declare declare, Run run) {
        auto options = std::make_shared<Options>();
        CLI::App* sub = parent.add_subcommand(name, what);
        declare(*sub, *options);
        sub->callback(
            [this, options, run] { command = [this, options, run] { return run(common, *options); }; });
        return sub;
    }
};

void add_inspect_commands(Program& program);   ///< status, audit
void add_lane_commands(Program& program);      ///< lane list, pause, resume, move
void add_delivery_commands(Program& program);  ///< retry, metrics
void add_send_command(Program& program);
void add_price_commands(Program& program);
void add_queue_commands(Program& program);  ///< queue list, show, export
void add_spool_commands(Program& program);  ///< spool verify
void add_dead_commands(Program& program);   ///< dead list, show, requeue, purge, export

}  // namespace respand::ctl
