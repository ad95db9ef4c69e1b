#include "control/lane_screen.hpp"

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/text_table.hpp"
#include "base/units.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

std::string age(const Json& seconds) {
    if (seconds.is_null()) return "-";
    return approximate(std::chrono::microseconds{static_cast<std::int64_t>(seconds.get<double>() * 1e6)});
}

/// What an operator should know or do.
std::string remark(const Json& lane) {
    const std::string name = lane.at("name");
    if (lane.at("gone").get<bool>()) return "nobody sends it: respanctl lane move " + name + " TO";
    std::string text = lane.at("reason");
    if (!lane.at("sent_by").is_null())
        text =
            "'" + lane.at("sent_by").get<std::string>() + "' stands in" + (text.empty() ? "" : "; ") + text;
    return text;
}

std::string lanes_table(const Json& lanes) {
    TextTable table({{"LANE"},
                     {"STATE"},
                     {"PENDING", true},
                     {"OLDEST", true},
                     {"DEAD", true},
                     {"DELIVERED", true},
                     {"TO"},
                     {"REMARK"}});
    for (const Json& lane : lanes) {
        const bool gone = lane.at("gone").get<bool>();
        table.row({lane.at("name"), gone ? "gone" : lane.at("state").get<std::string>(),
                   grouped(lane.at("pending").get<std::uint64_t>()), age(lane.at("oldest_pending_seconds")),
                   grouped(lane.at("dead").get<std::uint64_t>()),
                   grouped(lane.at("delivered").get<std::uint64_t>()), gone ? "-" : lane.at("destination"),
                   remark(lane)});
    }
    return table.text();
}

}  // namespace

Result<std::string> lanes_screen(const std::string& lanes_json) {
    try {
        return lanes_table(Json::parse(lanes_json).at("lanes"));
    } catch (const Json::exception&) {
        return fail(ErrorKind::data,
                    "the daemon's answer is not understood; are respanctl and respand of one version?");
    }
}

}  // namespace respand::control
