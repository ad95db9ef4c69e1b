#include "control/api.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/rfc3339.hpp"
#include "control/exposition.hpp"
#include "control/lane_json.hpp"
#include "control/metrics.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

/// Text that came from outside may hold anything: broken UTF-8 is replaced, not thrown at.
std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json time_or_null(WallTime time) { return time == WallTime{} ? Json(nullptr) : Json(format_rfc3339(time)); }

double seconds(std::chrono::microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }
double rounded(double value) { return std::round(value * 10) / 10; }

/// {account: n} for accounts without reasons, {account: {reason: n}} for the others.
Json ledger_json(const spool::Ledger& ledger) {
    Json out = Json::object();
    for (const auto& [key, amount] : ledger.amounts()) {
        if (key.second.empty())
            out[key.first] = amount;
        else
            out[key.first][key.second] = amount;
    }
    return out;
}

Json listeners_json(const pipeline::Status& status) {
    Json out = Json::array();
    for (const auto& listener : status.listeners)
        out.push_back({{"kind", ingest::name(listener.kind)}, {"address", listener.address}});
    return out;
}

}  // namespace

std::string status_json(const pipeline::Status& status) {
    namespace account = spool::account;
    const spool::Ledger& ledger = status.spool.ledger;
    const bool pending = status.spool.oldest != WallTime{};
    const Json lanes = Json::parse(lanes_json(status));
    const Json json{
        {"version", status.version},
        {"pid", status.pid},
        {"time", format_rfc3339(status.now)},
        {"started", format_rfc3339(status.started)},
        {"records",
         {{"received", ledger.sum(account::kReceived)},
          {"rejected", ledger.sum(account::kRejected)},
          {"dropped", ledger.sum(account::kDropped)},
          {"accepted", ledger.sum(account::kAccepted)},
          {"delivered", ledger.sum(account::kDelivered)},
          {"pending", status.spool.pending},
          {"dead", status.spool.dead},
          {"discarded", ledger.sum(account::kDiscarded)}}},
        {"rates",
         {{"received_per_second", rounded(status.received_per_second)},
          {"delivered_per_second", rounded(status.delivered_per_second)}}},
        {"oldest_pending", time_or_null(status.spool.oldest)},
        {"oldest_pending_seconds", pending ? Json(seconds(status.now - status.spool.oldest)) : Json(nullptr)},
        {"lane", lanes.empty() ? Json(nullptr) : lanes.front()},
        {"lanes", lanes},
        {"spool",
         {{"path", status.spool_path},
          {"bytes", status.spool.live.value},
          {"limit_bytes", status.spool_limit.value},
          {"log_bytes", status.spool_wal.value},
          {"full", status.spool_full},
          {"stuck", status.spool_stuck}}},
        {"listeners", listeners_json(status)},
        {"connections",
         {{"open", status.listener_counters.connections_open},
          {"refused", status.listener_counters.connections_refused}}},
        {"http_requests",
         {{"taken", status.listener_counters.http_taken},
          {"refused", status.listener_counters.http_refused},
          {"unavailable", status.listener_counters.http_unavailable}}},
        {"prices",
         {{"models", status.price_table_models},
          {"version", status.price_table_version},
          {"id", status.price_table_id},
          {"loaded", time_or_null(status.price_table_loaded)},
          {"warnings", status.price_table_warnings},
          {"fault", status.price_fault}}},
        {"reload_fault", status.reload_fault},
        {"ledger", ledger_json(ledger)},
    };
    return dump(json);
}

namespace {

Json side_json(const std::vector<spool::BalanceLine>& lines) {
    Json side = Json::array();
    for (const spool::BalanceLine& line : lines)
        side.push_back({{"account", line.account},
                        {line.counted ? "lane" : "reason", line.note},
                        {"records", line.records},
                        {"from", line.counted ? "rows" : "ledger"}});
    return side;
}

Json balance_json(const spool::Audit& audit) {
    Json balance = Json::array();
    for (const spool::Equation& equation : spool::balance(audit.ledger, audit.lanes))
        balance.push_back(
            {{"rule", equation.rule},
             {"holds", equation.holds()},
             {"left", side_json(equation.left)},
             {"left_sum", equation.left_sum()},
             {"right", side_json(equation.right)},
             {"right_sum", equation.right_sum()},
             {"difference", static_cast<std::int64_t>(equation.left_sum() - equation.right_sum())}});
    return balance;
}

Json lanes_json(const spool::Audit& audit) {
    Json lanes = Json::array();
    for (const spool::LaneRows& lane : audit.lanes)
        lanes.push_back(
            {{"lane", lane.lane}, {"chunks", lane.chunks}, {"pending", lane.pending}, {"dead", lane.dead}});
    return lanes;
}

}  // namespace

std::string audit_json(const spool::Audit& audit) {
    return dump(Json{{"ok", audit.faults.empty()},
                     {"faults", audit.faults},
                     {"pending", audit.pending_rows},
                     {"dead", audit.dead_rows},
                     {"lanes", lanes_json(audit)},
                     {"balance", balance_json(audit)},
                     {"ledger", ledger_json(audit.ledger)}});
}

void add_status_routes(Router& router, Sources sources) {
    router.add("GET", "/status", "how the daemon is doing",
               [ask = sources.status](const Request&, const Answer& answer) {
                   ask([answer](const pipeline::Status& status) { answer({.body = status_json(status)}); });
               });
    router.add("GET", "/metrics", "the same for Prometheus",
               [ask = std::move(sources.status)](const Request&, const Answer& answer) {
                   ask([answer](const pipeline::Status& status) {
                       answer({.content_type = kExpositionType, .body = metrics_text(status)});
                   });
               });
    router.add("GET", "/audit", "the ledger held against the rows of the spool",
               [ask = std::move(sources.audit)](const Request&, const Answer& answer) {
                   ask([answer](const Result<spool::Audit>& audit) {
                       answer(audit ? Response{.body = audit_json(*audit)} : failure(audit.error()));
                   });
               });
}

}  // namespace respand::control
