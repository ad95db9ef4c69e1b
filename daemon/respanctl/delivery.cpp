// retry and metrics: how delivery goes, and a push.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "control/control_client.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {
namespace {

struct NoOptions {};
void declare_nothing(CLI::App&, NoOptions&) {}

struct RetryOptions {
    std::string lane;
};

Result<int> retry(const Common& common, const RetryOptions& options) {
    const auto body = common.ask("POST", "/retry" + control::query({{"lane", options.lane}}));
    if (!body) return std::unexpected(body.error());
    const auto json = nlohmann::json::parse(*body, nullptr, false);
    const std::string state = json.is_object() ? json.value("state", "") : "";
    std::printf("delivery tries again now%s%s\n", state.empty() ? "" : ", it is ", state.c_str());
    return 0;
}

Result<int> metrics(const Common& common, const NoOptions&) {
    const auto body = common.ask("GET", "/metrics");
    if (!body) return std::unexpected(body.error());
    std::fputs(body->c_str(), stdout);
    return 0;
}

}  // namespace

void add_delivery_commands(Program& program) {
    program.add<RetryOptions>(
        program.app, "retry", "Try again now what delivery waits for: a back-off, or an operator's mending",
        [](CLI::App& sub, RetryOptions& options) {
            sub.add_option("LANE", options.lane, "One lane only; without: all");
        },
        retry);
    program.add<NoOptions>(program.app, "metrics", "All metrics, in Prometheus' text format", declare_nothing,
                           metrics);
}

}  // namespace respand::ctl
