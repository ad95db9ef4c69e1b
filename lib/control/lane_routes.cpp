#include "control/lane_routes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "control/lane_json.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Response state_answer(const Result<upload::LaneState>& state) {
    return state ? Response{.body = dump(Json{{"state", upload::name(*state)}})} : failure(state.error());
}

Response missing(const char* parameter) {
    return failure({ErrorKind::usage, std::string("the name of a lane is missing: ?") + parameter + "=NAME"});
}

const pipeline::LaneReport* find(const std::vector<pipeline::LaneReport>& lanes, const std::string& name) {
    const auto found = std::ranges::find(lanes, name, &pipeline::LaneReport::name);
    return found == lanes.end() ? nullptr : &*found;
}

/// From where there is something, configured or not, to where somebody sends it.
Result<std::pair<spool::LaneId, spool::LaneId>> ends_of_move(const std::vector<pipeline::LaneReport>& lanes,
                                                             const std::string& from, const std::string& to) {
    const pipeline::LaneReport* source = find(lanes, from);
    const pipeline::LaneReport* target = find(lanes, to);
    if (source == nullptr)
        return fail(ErrorKind::no_input, "there is no lane '" + from + "', and nothing of one in the spool");
    if (target == nullptr || target->gone)
        return fail(ErrorKind::no_input, "there is no lane '" + to +
                                             "' in the configuration: nobody would send what is moved there");
    if (source->id == target->id) return fail(ErrorKind::usage, "both are the same lane");
    return std::pair{source->id, target->id};
}

void move(const LaneDoors& doors, const std::string& from, const std::string& to, const Answer& answer) {
    doors.status([doors, from, to, answer](const pipeline::Status& status) {
        const auto ends = ends_of_move(status.lanes, from, to);
        if (!ends) return answer(failure(ends.error()));
        doors.move(ends->first, ends->second,
                   [from, to, answer](const Result<pipeline::UploadSource::Moved>& moved) {
                       if (!moved) return answer(failure(moved.error()));
                       spdlog::info("{} records of lane '{}' were moved to '{}', as an operator asks",
                                    moved->records, from, to);
                       answer({.body = dump(Json{{"records", moved->records}, {"bytes", moved->bytes}})});
                   });
    });
}

}  // namespace

void add_lane_routes(Router& router, const LaneDoors& doors) {
    router.add("GET", "/lanes", "every lane, and those that are gone and hold records",
               [doors](const Request&, const Answer& answer) {
                   doors.status([answer](const pipeline::Status& status) {
                       answer({.body = dump(Json{{"lanes", Json::parse(lanes_json(status))}})});
                   });
               });
    router.add("POST", "/retry", "try again now what delivery waits for: ?lane=NAME or all",
               [doors](const Request& request, const Answer& answer) {
                   spdlog::info("delivery tries again now, as an operator asks");
                   answer(state_answer(doors.retry(request.parameter("lane"))));
               });
    router.add("POST", "/lanes/pause", "send nothing of a lane until it is resumed: ?name=NAME",
               [doors](const Request& request, const Answer& answer) {
                   const auto name = request.parameter("name");
                   if (!name) return answer(missing("name"));
                   const auto state = doors.pause(*name);
                   if (state) spdlog::warn("lane '{}' is paused, as an operator asks", *name);
                   answer(state_answer(state));
               });
    router.add("POST", "/lanes/resume", "send a paused lane again: ?name=NAME",
               [doors](const Request& request, const Answer& answer) {
                   const auto name = request.parameter("name");
                   if (!name) return answer(missing("name"));
                   const auto state = doors.resume(*name);
                   if (state) spdlog::info("lane '{}' is resumed, as an operator asks", *name);
                   answer(state_answer(state));
               });
    router.add("POST", "/lanes/move", "give what waits in one lane to another: ?from=NAME&to=NAME",
               [doors](const Request& request, const Answer& answer) {
                   const auto from = request.parameter("from"), to = request.parameter("to");
                   if (!from || !to) return answer(missing(from ? "to" : "from"));
                   move(doors, *from, *to, answer);
               });
}

}  // namespace respand::control
