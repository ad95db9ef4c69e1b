// lane list, pause, resume, move: the ways to servers.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "control/control_client.hpp"
#include "control/lane_screen.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {
namespace {

struct ListOptions {
    bool json = false;
};
struct NameOptions {
    std::string name;
};
struct MoveOptions {
    std::string from, to;
};

Result<int> list(const Common& common, const ListOptions& options) {
    const auto body = common.ask("GET", "/lanes");
    if (!body) return std::unexpected(body.error());
    if (options.json) {
        std::fputs(body->c_str(), stdout);
        return 0;
    }
    const auto screen = control::lanes_screen(*body);
    if (!screen) return std::unexpected(screen.error());
    std::fputs(screen->c_str(), stdout);
    return 0;
}

Result<int> pause(const Common& common, const NameOptions& options) {
    const auto body = common.ask("POST", "/lanes/pause" + control::query({{"name", options.name}}));
    if (!body) return std::unexpected(body.error());
    std::printf("lane '%s' is paused: its records wait until respanctl lane resume %s, or a restart\n",
                options.name.c_str(), options.name.c_str());
    return 0;
}

Result<int> resume(const Common& common, const NameOptions& options) {
    const auto body = common.ask("POST", "/lanes/resume" + control::query({{"name", options.name}}));
    if (!body) return std::unexpected(body.error());
    std::printf("lane '%s' sends again\n", options.name.c_str());
    return 0;
}

Result<int> move(const Common& common, const MoveOptions& options) {
    const auto body =
        common.ask("POST", "/lanes/move" + control::query({{"from", options.from}, {"to", options.to}}));
    if (!body) return std::unexpected(body.error());
    const auto json = nlohmann::json::parse(*body, nullptr, false);
    std::printf(
        "%llu records moved from '%s' to '%s'; what was under way just now stays\n",
        static_cast<unsigned long long>(json.is_object() ? json.value("records", std::uint64_t{0}) : 0),
        options.from.c_str(), options.to.c_str());
    return 0;
}

}  // namespace

void add_lane_commands(Program& program) {
    CLI::App& lane = *program.app.add_subcommand("lane", "The ways to servers: show, pause, move what waits");
    lane.require_subcommand(1);
    program.add<ListOptions>(
        lane, "list", "Every lane, and those that are gone and hold records",
        [](CLI::App& sub, ListOptions& options) { sub.add_flag("--json", options.json, "As JSON"); }, list);
    const auto name = [](CLI::App& sub, NameOptions& options) {
        sub.add_option("NAME", options.name, "The lane")->required();
    };
    program.add<NameOptions>(
        lane, "pause", "Send nothing of a lane until it is resumed or the daemon restarts", name, pause);
    program.add<NameOptions>(lane, "resume", "Send a paused lane again", name, resume);
    program.add<MoveOptions>(
        lane, "move", "Give what waits in one lane, and its dead letters, to another",
        [](CLI::App& sub, MoveOptions& options) {
            sub.add_option("FROM", options.from, "May be gone from the configuration")->required();
            sub.add_option("TO", options.to, "A lane of the configuration")->required();
        },
        move);
}

}  // namespace respand::ctl
