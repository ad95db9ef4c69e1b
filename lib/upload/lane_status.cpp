#include "upload/lane_status.hpp"

#include <algorithm>

#include "upload/lane.hpp"

namespace respand::upload {

using std::chrono::microseconds;

LaneState Lane::state(SteadyTime now) const {
    if (closed_) return LaneState::closed;
    if (paused_) return LaneState::paused;
    if (stop_) return LaneState::stopped;
    const SteadyTime create = congestion_.ready_at(Endpoint::create);
    const SteadyTime bulk = congestion_.ready_at(Endpoint::bulk);
    const bool create_used = endpoints_.usable(Endpoint::create, now);
    const bool bulk_used = endpoints_.usable(Endpoint::bulk, now);
    if ((!create_used || create > now) && (!bulk_used || bulk > now)) return LaneState::backing_off;
    if (in_flight_ > 0) return LaneState::sending;
    const bool something = !queue_.empty() || source_.waiting(lane_) > 0;
    if (!something || !wake_at_) return LaneState::idle;
    // A short back-off hides behind the pace; that the server is away must show all the same.
    if (health_.failing()) return LaneState::backing_off;
    return paced_since_ ? LaneState::pacing : LaneState::idle;
}

LaneStatus Lane::status() const {
    const SteadyTime now = clock_.steady();
    LaneStatus status;
    status.state = state(now);
    if (status.state == LaneState::stopped)
        status.reason = stop_->reason;
    else if (status.state == LaneState::backing_off)
        status.reason = backoff_reason_;
    if (status.reason.empty() && health_.failing()) status.reason = health_.last_error();
    const bool holding = status.state == LaneState::stopped || status.state == LaneState::backing_off ||
                         status.state == LaneState::pacing;
    if (holding && wake_at_ && *wake_at_ > now)
        status.next_attempt_in = std::chrono::ceil<microseconds>(*wake_at_ - now);
    status.last_error = health_.last_error();
    status.last_error_at = health_.last_error_at();
    status.last_success_at = health_.last_success_at();
    status.in_flight = in_flight_;
    status.concurrency = width();
    status.faults_in_a_row = congestion_.faults();
    status.in_hand = in_flight_records_;
    for (const Batch& batch : queue_) status.in_hand += batch.records();
    status.lacking = endpoints_.lacking();
    status.body_limit = body_limit_.bytes(settings_.max_body.value, now);
    status.create_takes = create_takes_;
    status.counters = counters_;
    if (paced_since_) status.counters.paced_for += std::chrono::ceil<microseconds>(now - *paced_since_);
    return status;
}

RequestOutcome outcome_of(const Verdict& verdict) {
    switch (verdict.cause) {
        case Cause::delivered:
            return RequestOutcome::delivered;
        case Cause::partly_refused:
            return RequestOutcome::partly_refused;
        case Cause::record_fault:
            return RequestOutcome::refused;
        case Cause::operator_fault:
            return RequestOutcome::operator_fault;
        case Cause::transient:
            if (verdict.status == 0) return RequestOutcome::no_answer;
            return verdict.limited ? RequestOutcome::limited : RequestOutcome::server_error;
        case Cause::cancelled:
            break;
    }
    return RequestOutcome::cancelled;
}

std::string_view name(RequestOutcome outcome) {
    constexpr std::array<std::string_view, kRequestOutcomes> kNames{
        "delivered", "partly_refused", "refused",   "operator_fault",
        "limited",   "server_error",   "no_answer", "cancelled"};
    return kNames[static_cast<std::size_t>(outcome)];
}

std::string_view name(LaneState state) {
    constexpr std::array<std::string_view, kLaneStates> kNames{"idle",    "sending", "pacing", "backing off",
                                                               "stopped", "paused",  "closed"};
    return kNames[static_cast<std::size_t>(state)];
}

}  // namespace respand::upload
