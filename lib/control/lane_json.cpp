#include "control/lane_json.hpp"

#include <nlohmann/json.hpp>

#include "base/rfc3339.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(WallTime time) { return time == WallTime{} ? Json(nullptr) : Json(format_rfc3339(time)); }

double seconds(std::chrono::microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

Json endpoint_json(const upload::EndpointCounters& counters) {
    Json outcomes = Json::object();
    for (std::size_t i = 0; i < upload::kRequestOutcomes; ++i)
        outcomes[upload::name(static_cast<upload::RequestOutcome>(i))] = counters.requests[i];
    return {{"requests", std::move(outcomes)},
            {"records", static_cast<std::uint64_t>(counters.rows.sum())},
            {"bytes", counters.bytes},
            {"answered_in_seconds",
             {{"p50", counters.latency.quantile(0.5)}, {"p99", counters.latency.quantile(0.99)}}}};
}

Json lane_json(const pipeline::LaneReport& report, WallTime now) {
    const upload::LaneStatus& lane = report.status;
    const upload::LaneCounters& counters = lane.counters;
    const bool pending = report.spool.oldest != WallTime{};
    return {{"name", report.name},
            {"gone", report.gone},
            {"pending", report.spool.records},
            {"pending_bytes", report.spool.bytes},
            {"oldest_pending_seconds", pending ? Json(seconds(now - report.spool.oldest)) : Json(nullptr)},
            {"dead", report.spool.dead},
            {"delivered", counters.delivered},
            {"sent_by", report.sent_by.empty() ? Json(nullptr) : Json(report.sent_by)},
            {"destination", report.destination},
            {"mode", report.mode},
            {"state", upload::name(lane.state)},
            {"reason", lane.reason},
            {"in_flight_requests", lane.in_flight},
            {"in_hand_records", lane.in_hand},
            {"concurrency", lane.concurrency},
            {"faults_in_a_row", lane.faults_in_a_row},
            {"body_limit_bytes", lane.body_limit},
            {"lacking", lane.lacking ? Json(upload::name(*lane.lacking)) : Json(nullptr)},
            {"requests", counters.requests},
            {"failures", counters.failures},
            {"retries", counters.retries},
            {"backoffs", counters.backoffs},
            {"stops", counters.stops},
            {"possible_duplicates",
             {{"requests", counters.duplicate_requests}, {"records", counters.duplicate_records}}},
            {"pacing", {{"waits", counters.paced}, {"seconds", seconds(counters.paced_for)}}},
            {"create", endpoint_json(counters.endpoints[upload::index(upload::Endpoint::create)])},
            {"bulk", endpoint_json(counters.endpoints[upload::index(upload::Endpoint::bulk)])},
            {"next_attempt_in_seconds", seconds(lane.next_attempt_in)},
            {"last_success", time_or_null(lane.last_success_at)},
            {"last_error", lane.last_error},
            {"last_error_at", time_or_null(lane.last_error_at)}};
}

}  // namespace

std::string lanes_json(const pipeline::Status& status) {
    Json out = Json::array();
    for (const pipeline::LaneReport& lane : status.lanes) out.push_back(lane_json(lane, status.now));
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace respand::control
