#include <cstdio>
#include <exception>

#include "base/exit_code.hpp"
#include "config/config.hpp"
#include "respand/application.hpp"
#include "respand/check.hpp"
#include "respand/options.hpp"

namespace {

int report(const respand::Error& error) {
    std::fprintf(stderr, "respand: %s\n", error.message.c_str());
    return respand::exit_code(error.kind);
}

int run(const respand::Options& options) {
    using respand::Options;
    const auto environment = respand::config::Environment::of_process();
    auto config = respand::config::effective_config(environment, options.config);
    if (!config) return report(config.error());
    switch (options.action) {
        case Options::Action::print_config:
            std::fputs(respand::config::print_config(*config).c_str(), stdout);
            return 0;
        case Options::Action::check_config: {
            const auto summary = respand::check(*config);
            if (!summary) return report(summary.error());
            std::printf("%s: %s\n", options.config.c_str(), summary->c_str());
            return 0;
        }
        default:
            break;
    }
    auto application = respand::Application::build(std::move(*config), environment, options.config);
    if (!application) return report(application.error());
    return (*application)->run();
}

}  // namespace

int main(int argc, char** argv) {
    const respand::Options options = respand::parse_options(argc, argv);
    if (options.action == respand::Options::Action::exit) return options.exit_code;
    try {
        return run(options);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "respand: a bug, please report it: %s\n", e.what());
        return EX_SOFTWARE;
    }
}
