// price coverage: a question to the running daemon.
#include <cstdio>

#include "control/control_client.hpp"
#include "control/price_routes.hpp"
#include "control/price_screen.hpp"
#include "respanctl/price_commands.hpp"

namespace respand::ctl {
namespace {

struct CoverageOptions {
    std::uint64_t days = control::kCoverageDays;
    std::uint64_t limit = control::kCoverageModels;
    bool json = false;
};

void declare(CLI::App& sub, CoverageOptions& options) {
    sub.add_option("--days", options.days, "Days of arrival, UTC, today included (default: 7)")
        ->check(CLI::Range(std::uint64_t{1}, control::kMaxCoverageDays, "1 to 35"))
        ->type_name("N");
    sub.add_option("--limit", options.limit, "Most models to list (default: 1000)")
        ->check(CLI::Range(std::uint64_t{0}, control::kMaxCoverageModels, "0 to 35000"))
        ->type_name("N");
    sub.add_flag("--json", options.json, "Print what the daemon answers");
}

Result<int> coverage(const Common& common, const CoverageOptions& options) {
    auto body =
        common.ask("GET", "/prices/coverage" + control::query({{"days", std::to_string(options.days)},
                                                               {"limit", std::to_string(options.limit)}}));
    if (body && !options.json) body = control::coverage_screen(*body);
    if (!body) return std::unexpected(body.error());
    std::fputs(body->c_str(), stdout);
    return 0;
}

}  // namespace

void add_price_coverage(Program& program, CLI::App& group) {
    program.add<CoverageOptions>(
        group, "coverage", "Models seen in the last days, with cost or without and why", declare, coverage);
}

}  // namespace respand::ctl
