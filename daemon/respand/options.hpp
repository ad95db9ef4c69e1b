// The command line of respand.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand {

struct Options {
    enum class Action { run, check_config, print_config, exit };
    Action action = Action::run;
    std::string config;  ///< --config or the file of --check-config; empty: look in the usual places
    int exit_code = 0;   ///< with Action::exit (help, version, a wrong command line), already reported
};

Options parse_options(int argc, char** argv);

}  // namespace respand
