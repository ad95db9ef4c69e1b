#include "control/metrics.hpp"

#include <array>

#include "control/exposition.hpp"

namespace respand::control {
namespace {

double seconds(std::chrono::microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }
double epoch(WallTime time) { return seconds(time.time_since_epoch()); }

/// Of one account of the ledger, by reason.
void account(Exposition& out, const spool::Ledger& ledger, std::string_view account, std::string_view name,
             std::string_view help) {
    out.family(name, "counter", help);
    bool any = false;
    for (const auto& [key, amount] : ledger.amounts()) {
        if (key.first != account) continue;
        any = true;
        out.sample(amount, key.second.empty() ? Labels{} : Labels{{"reason", key.second}});
    }
    if (!any) out.sample(std::uint64_t{0});
}

struct LedgerMetric {
    std::string_view account, name, help;
};
/// Every account of the ledger.
constexpr std::array kLedgerMetrics{
    LedgerMetric{spool::account::kReceived, "respand_records_received_total",
                 "Records that reached a listener."},
    LedgerMetric{spool::account::kRejected, "respand_records_rejected_total",
                 "What was no record, by reason."},
    LedgerMetric{spool::account::kDropped, "respand_records_dropped_total",
                 "Records that were not kept although nothing was wrong with them, by cause."},
    LedgerMetric{spool::account::kDegraded, "respand_records_degraded_total",
                 "Records kept with less than was sent, by reason."},
    LedgerMetric{spool::account::kAccepted, "respand_records_accepted_total",
                 "Records committed to the spool."},
    LedgerMetric{spool::account::kDelivered, "respand_records_delivered_total",
                 "Records that the server took."},
    LedgerMetric{spool::account::kDead, "respand_records_dead_total",
                 "Records that the server refused for good and that were parked."},
    LedgerMetric{spool::account::kDiscarded, "respand_records_discarded_total",
                 "Records thrown away on somebody's order, by whom."},
    LedgerMetric{spool::account::kRequeued, "respand_dead_letters_requeued_total",
                 "Dead letters that are pending again, by whom."},
    LedgerMetric{spool::account::kPurged, "respand_dead_letters_purged_total",
                 "Dead letters thrown away, by whom."},
    LedgerMetric{spool::account::kLost, "respand_records_lost_total",
                 "Accepted records that could not be kept, by cause: alert on any."},
    LedgerMetric{spool::account::kPriced, "respand_records_priced_total",
                 "Records with a cost, by its source."},
    LedgerMetric{spool::account::kUnpriced, "respand_records_unpriced_total",
                 "Records without a cost, by reason."},
    LedgerMetric{spool::account::kScrubbed, "respand_secrets_removed_total", "Secrets cut out of records."},
};

void records(Exposition& out, const pipeline::Status& status) {
    for (const LedgerMetric& metric : kLedgerMetrics)
        account(out, status.spool.ledger, metric.account, metric.name, metric.help);
}

void spool_gauges(Exposition& out, const pipeline::Status& status) {
    const auto gauge = [&out](std::string_view name, std::string_view help, auto value) {
        out.family(name, "gauge", help);
        out.sample(value);
    };
    gauge("respand_spool_pending_records", "Records that wait for the server.", status.spool.pending);
    gauge("respand_spool_dead_letters", "Dead letters in the spool.", status.spool.dead);
    gauge("respand_spool_bytes", "Size of what is queued, dead letters included.", status.spool.live.value);
    gauge("respand_spool_limit_bytes", "Its limit, [spool] max_size.", status.spool_limit.value);
    gauge("respand_spool_log_bytes", "Size of the write-ahead log.", status.spool_wal.value);
    gauge("respand_spool_full", "1 while intake pauses because the spool or its disk is full.",
          std::uint64_t{status.spool_full});
    gauge("respand_spool_stuck", "1 while the spool can't be written.",
          std::uint64_t{!status.spool_stuck.empty()});
    gauge("respand_connections_open", "Open connections of stream and HTTP listeners.",
          std::uint64_t{status.listener_counters.connections_open});
    out.family("respand_connections_refused_total", "counter", "Connections over the limit, closed at once.");
    out.sample(std::uint64_t{status.listener_counters.connections_refused});
    out.family(
        "respand_http_requests_total", "counter",
        "Requests of the HTTP listener: taken (201), refused (4xx), unavailable (5xx, to be sent again).");
    const ingest::ListenerCounters& counters = status.listener_counters;
    out.sample(std::uint64_t{counters.http_taken}, {{"outcome", "taken"}});
    out.sample(std::uint64_t{counters.http_refused}, {{"outcome", "refused"}});
    out.sample(std::uint64_t{counters.http_unavailable}, {{"outcome", "unavailable"}});
}

Labels labels_of(const pipeline::LaneReport& lane) { return {{"lane", lane.name}}; }

/// A family with a sample for each lane.
template <class Value>
void each_lane(Exposition& out, const pipeline::Status& status, std::string_view type, std::string_view name,
               std::string_view help, Value value) {
    out.family(name, type, help);
    for (const pipeline::LaneReport& lane : status.lanes) out.sample(value(lane), labels_of(lane));
}

void lane_gauges(Exposition& out, const pipeline::Status& status) {
    using Lane = pipeline::LaneReport;
    const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
        each_lane(out, status, "gauge", name, help, value);
    };
    out.family("respand_lane_state", "gauge", "1 for the state that the lane is in, 0 for the others.");
    for (const Lane& lane : status.lanes) {
        for (std::size_t i = 0; i < upload::kLaneStates; ++i) {
            const auto state = static_cast<upload::LaneState>(i);
            Labels with_state = labels_of(lane);
            with_state.emplace_back("state", upload::name(state));
            out.sample(std::uint64_t{lane.status.state == state}, with_state);
        }
    }
    gauge("respand_lane_pending_records", "Records that wait for the server.",
          [](const Lane& lane) { return lane.spool.records; });
    gauge("respand_lane_dead_letters", "Records that were refused and are kept.",
          [](const Lane& lane) { return lane.spool.dead; });
    gauge("respand_lane_gone", "1 for a lane that is not in the configuration any more and holds records.",
          [](const Lane& lane) { return std::uint64_t{lane.gone}; });
    gauge("respand_lane_fallback_active", "1 while another lane sends the records of this one.",
          [](const Lane& lane) { return std::uint64_t{!lane.sent_by.empty()}; });
    gauge("respand_lane_oldest_pending_seconds", "Age of the oldest record that waits; 0 without any.",
          [now = status.now](const Lane& lane) {
              return lane.spool.oldest == WallTime{} ? 0.0 : seconds(now - lane.spool.oldest);
          });
    gauge("respand_lane_in_flight_requests", "Requests under way.",
          [](const Lane& lane) { return std::uint64_t{lane.status.in_flight}; });
    gauge("respand_lane_in_hand_records", "Records read from the spool and not settled.",
          [](const Lane& lane) { return lane.status.in_hand; });
    gauge("respand_lane_concurrency", "Requests that may be under way just now.",
          [](const Lane& lane) { return std::uint64_t{lane.status.concurrency}; });
    gauge("respand_lane_consecutive_faults", "Transient faults in a row; what the back-off grows with.",
          [](const Lane& lane) { return std::uint64_t{lane.status.faults_in_a_row}; });
    gauge("respand_lane_next_attempt_seconds",
          "Until the next request of a lane that waits, backs off or is stopped.",
          [](const Lane& lane) { return seconds(lane.status.next_attempt_in); });
    gauge("respand_lane_body_limit_bytes", "Largest body that is sent just now.",
          [](const Lane& lane) { return lane.status.body_limit; });
    gauge("respand_lane_last_success_timestamp_seconds", "When the server last took records; 0: not yet.",
          [](const Lane& lane) {
              const WallTime last = lane.status.last_success_at;
              return last == WallTime{} ? 0.0 : epoch(last);
          });
}

void lane_counters(Exposition& out, const pipeline::Status& status) {
    const auto counter = [&](std::string_view name, std::string_view help, auto value) {
        each_lane(out, status, "counter", name, help,
                  [&](const pipeline::LaneReport& lane) { return value(lane.status.counters); });
    };
    using Counters = upload::LaneCounters;
    counter("respand_lane_retries_total", "Requests that were sent before.",
            [](const Counters& lane) { return lane.retries; });
    counter("respand_lane_backoffs_total", "Transient faults.",
            [](const Counters& lane) { return lane.backoffs; });
    counter("respand_lane_stops_total", "Faults that only an operator can mend.",
            [](const Counters& lane) { return lane.stops; });
    counter("respand_lane_pacing_waits_total", "Waits for the pace of bulk requests with records to send.",
            [](const Counters& lane) { return lane.paced; });
    counter("respand_lane_pacing_seconds_total", "Time spent in them.",
            [](const Counters& lane) { return seconds(lane.paced_for); });
    counter("respand_lane_possible_duplicate_requests_total",
            "Requests written without an answer, and sent again.",
            [](const Counters& lane) { return lane.duplicate_requests; });
    counter("respand_lane_possible_duplicate_records_total", "Records in them.",
            [](const Counters& lane) { return lane.duplicate_records; });
}

/// Per lane and call of the API: each family is written for all before the next begins, as the format wants.
void endpoint_counters(Exposition& out, const pipeline::Status& status) {
    const auto each = [&](auto write) {
        for (const pipeline::LaneReport& lane : status.lanes) {
            for (const upload::Endpoint endpoint : {upload::Endpoint::create, upload::Endpoint::bulk}) {
                Labels with_endpoint = labels_of(lane);
                with_endpoint.emplace_back("endpoint", upload::name(endpoint));
                write(lane.status.counters.endpoints[upload::index(endpoint)], with_endpoint);
            }
        }
    };
    out.family("respand_lane_requests_total", "counter", "Requests that ended, by call and outcome.");
    each([&](const upload::EndpointCounters& counters, const Labels& with_endpoint) {
        for (std::size_t i = 0; i < upload::kRequestOutcomes; ++i) {
            Labels with_outcome = with_endpoint;
            with_outcome.emplace_back("outcome", upload::name(static_cast<upload::RequestOutcome>(i)));
            out.sample(counters.requests[i], with_outcome);
        }
    });
    out.family("respand_lane_request_bytes_total", "counter", "Bytes of request bodies.");
    each([&](const auto& counters, const Labels& with_endpoint) {
        out.sample(counters.bytes, with_endpoint);
    });
    out.family("respand_lane_request_duration_seconds", "histogram", "Time of requests that were answered.");
    each([&](const auto& counters, const Labels& with_endpoint) {
        out.histogram(counters.latency, with_endpoint);
    });
    out.family("respand_lane_request_records", "histogram", "Records in a request.");
    each([&](const auto& counters, const Labels& with_endpoint) {
        out.histogram(counters.rows, with_endpoint);
    });
}

}  // namespace

std::string metrics_text(const pipeline::Status& status) {
    Exposition out;
    out.family("respand_build_info", "gauge", "1; the version is in the label.");
    out.sample(std::uint64_t{1}, {{"version", status.version}});
    out.family("respand_start_time_seconds", "gauge", "When the process started.");
    out.sample(epoch(status.started));
    records(out, status);
    spool_gauges(out, status);
    lane_gauges(out, status);
    lane_counters(out, status);
    endpoint_counters(out, status);
    out.family("respand_prices", "gauge", "Models with a price; the table is in the labels.");
    out.sample(std::uint64_t{status.price_table_models},
               {{"id", status.price_table_id}, {"version", status.price_table_version}});
    return std::move(out).text();
}

}  // namespace respand::control
