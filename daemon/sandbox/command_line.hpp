// The command line of respan-sandbox.
#pragma once
#include <string>
#include <variant>

#include "base/result.hpp"
#include "sandbox/server/options.hpp"

namespace respand::sandbox {

struct CommandLine {
    Options options;
    std::string port_file;  ///< empty: none
    bool quiet = false;
};

/// What to do: run, or end at once (after --help, --version or a wrong option, which have been printed).
using Command = std::variant<CommandLine, int>;

/// Reads the arguments, and the key file if there is one.
Command parse_command_line(int argc, char** argv);

}  // namespace respand::sandbox
