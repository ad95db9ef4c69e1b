// What a lane does with an answer. The other half of lane.cpp, which decides what to send.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "upload/batch_ids.hpp"
#include "upload/encode.hpp"
#include "upload/lane.hpp"
#include "upload/outcome.hpp"

namespace respand::upload {

using std::chrono::microseconds;

void Lane::replied(Flight flight, const Reply& reply) {
    --in_flight_;
    in_flight_records_ -= flight.batch.records();
    const Exchange exchange{.url = flight.url,
                            .records = flight.batch.records(),
                            .endpoint = flight.endpoint,
                            .now = clock_.wall()};
    Verdict verdict = classify(reply, exchange);
    point_to_section(verdict.reason);
    count(flight, reply, verdict);
    if (verdict.cause != Cause::delivered && verdict.cause != Cause::cancelled)
        note_attempt(flight.batch, flight.sent_wall);
    switch (verdict.cause) {
        case Cause::delivered:
        case Cause::partly_refused:
            on_passed(flight, verdict);
            break;
        case Cause::record_fault:
            on_refused(std::move(flight), std::move(verdict));
            break;
        case Cause::operator_fault:
            on_operator_fault(std::move(flight), std::move(verdict));
            break;
        case Cause::transient:
            on_transient(std::move(flight), verdict);
            break;
        case Cause::cancelled:  // Not settled: it stays in the spool.
            queue_.push_front(std::move(flight.batch));
            break;
    }
    pump();
}

/// The words of a verdict speak of [upload]; what a lane does not say itself stands there too.
void Lane::point_to_section(std::string& reason) const {
    constexpr std::string_view kUpload = "[upload]";
    if (name_.empty()) return;
    if (const std::size_t at = reason.find(kUpload); at != std::string::npos)
        reason.replace(at, kUpload.size(), "[[lane]] or [upload]");
}

void Lane::count(const Flight& flight, const Reply& reply, const Verdict& verdict) {
    EndpointCounters& counters = counters_.endpoints[index(flight.endpoint)];
    ++counters.requests[static_cast<std::size_t>(outcome_of(verdict))];
    if (reply.may_have_arrived) note_duplicates(flight);
    if (reply.status == 0) return;
    const auto took = std::chrono::duration_cast<microseconds>(clock_.steady() - flight.sent_at);
    counters.latency.observe(std::chrono::duration<double>(took).count());
    constexpr int kSmoothing = 8;  // of the mean: about the last eight count
    if (flight.endpoint == Endpoint::create) create_takes_ += (took - create_takes_) / kSmoothing;
}

/// The request was written and no answer came: it is sent again, and may arrive twice. Which records these
/// are is worth a look when somebody hunts a duplicate, and too much for any other day.
void Lane::note_duplicates(const Flight& flight) {
    ++counters_.duplicate_requests;
    counters_.duplicate_records += flight.batch.records();
    if (!spdlog::should_log(spdlog::level::debug)) return;
    spdlog::debug("no answer from {} to {} records that may have arrived; they may come twice", flight.url,
                  flight.batch.records());
    for (const std::string& ids : identifier_lines(flight.batch))
        spdlog::debug("possibly twice, custom_identifier: {}", ids);
}

void Lane::on_passed(const Flight& flight, const Verdict& verdict) {
    ++passed_;
    refusals_.passed();
    stop_.reset();
    congestion_.succeeded(flight.endpoint, flight.sent_at);
    report(health_.answered(clock_.steady()));
    health_.delivered(clock_.wall());
    if (const auto lacking = endpoints_.passed(flight.endpoint)) {
        spdlog::warn(
            "{} has no {} call (it answered 404 or 405); everything goes through {} from now on, and it is "
            "looked at "
            "again every hour and at reload",
            server(), target(*lacking), target(flight.endpoint));
    }
    settle(flight, verdict);
}

/// The server took nothing, because of what the records hold, it says.
void Lane::on_refused(Flight flight, Verdict verdict) {
    const Batch& batch = flight.batch;
    const std::size_t doomed = batch.records() == 1 ? 1 : verdict.refused.size();
    if (doomed > 0) {
        const bool again = batch.refusals > 0;
        const auto ruling = refusals_.refused(doomed, again, again && !held(batch));
        if (ruling != RefusalRun::Ruling::park) return hold(std::move(flight), std::move(verdict), ruling);
    }
    ++counters_.failures;
    congestion_.succeeded(flight.endpoint, flight.sent_at);
    if (!stop_ || !stop_->by_refusals) {  // It judged the records: the way there is fine.
        stop_.reset();
        report(health_.answered(clock_.steady()));
    }
    if (verdict.too_large && batch.records() > 1)
        body_limit_.too_large(batch.bytes() + kBulkEnvelopeBytes, clock_.steady());
    settle(flight, verdict);
}

/// Too many refusals and no success: the records are not condemned before something passes.
void Lane::hold(Flight flight, Verdict verdict, RefusalRun::Ruling ruling) {
    Batch& batch = flight.batch;
    ++counters_.failures;
    ++batch.refusals;
    batch.passed_at_refusal = passed_;
    batch.not_before = clock_.steady() + RefusalRun::kPatience;
    batch.suspect = batch.suspect || batch.records() > 1;
    if (ruling == RefusalRun::Ruling::stop) {
        std::string reason = fmt::format(
            "{}; the server refused {} requests in a row for what their records hold, and none passed: "
            "check [upload] base_url, what stands between here and there, and what the apps send; then "
            "respanctl retry",
            verdict.reason, refusals_.streak());
        point_to_section(reason);
        stop(flight, verdict, std::move(reason), true);
    } else {
        health_.refused(clock_.wall(), verdict.reason);
        if (stop_ && !stop_->by_refusals) stop_.reset();
    }
    queue_.push_back(std::move(batch));
}

void Lane::settle(const Flight& flight, const Verdict& verdict) {
    Outcome outcome = upload::settle(flight.batch, verdict);
    std::size_t dead = 0, delivered = 0;
    for (const Settlement& settlement : outcome.settlements)
        (settlement.outcome == Settlement::Outcome::dead ? dead : delivered) += settlement.slice.count;
    counters_.dead += dead;
    counters_.delivered += delivered;
    report_refusals(flight, verdict, dead);
    if (!outcome.settlements.empty()) source_.settle(std::move(outcome.settlements));
    queue_.insert(queue_.begin(), std::make_move_iterator(outcome.again.begin()),
                  std::make_move_iterator(outcome.again.end()));
}

/// The server's words may quote the record, so they go to the dead letter only.
void Lane::report_refusals(const Flight& flight, const Verdict& verdict, std::size_t dead) {
    if (dead > 0) {
        health_.refused(clock_.wall(), fmt::format("{} from {}: refused {} of {} records", verdict.status,
                                                   flight.url, dead, flight.batch.records()));
    } else if (verdict.cause == Cause::record_fault) {
        health_.refused(clock_.wall(),
                        fmt::format("{} from {}: refused a batch, which is sent again in parts",
                                    verdict.status, flight.url));
    }
    const bool odd = verdict.ignored_rows + verdict.unnamed_rows > 0;
    if ((dead == 0 && !odd) || !row_log_.allow(clock_.steady())) return;
    std::string line = fmt::format("{} from {}: {} of {} records refused and parked as dead letters",
                                   verdict.status, flight.url, dead, flight.batch.records());
    if (verdict.ignored_rows > 0)
        line += fmt::format("; ignored {} entries of errors[] that name no row", verdict.ignored_rows);
    if (verdict.unnamed_rows > 0) {
        line += fmt::format("; the server refused {} more without naming them, they count as delivered",
                            verdict.unnamed_rows);
    }
    spdlog::warn("{}{}", line, row_log_.suffix());
}

/// Stops the lane, unless the other call may serve, or the records are to blame: a status like 403 may come
/// from a firewall that dislikes what one record says. Others having passed since this batch was last refused
/// tells.
void Lane::on_operator_fault(Flight flight, Verdict verdict) {
    Batch& batch = flight.batch;
    const SteadyTime now = clock_.steady();
    if (verdict.no_such_call && endpoints_.missing(flight.endpoint, now)) {
        ++counters_.failures;
        if (stop_) stop_->endpoint = other(flight.endpoint);
        queue_.push_front(std::move(batch));
        return;
    }
    if (!verdict.blames_key) {
        const bool others_pass = batch.refusals > 0 && !held(batch);
        ++batch.refusals;
        batch.passed_at_refusal = passed_;
        if (others_pass && (batch.records() > 1 || batch.refusals >= kRefusalsToPark)) {
            ++counters_.failures;
            congestion_.succeeded(flight.endpoint, flight.sent_at);
            stop_.reset();
            report(health_.answered(now));
            verdict.cause = Cause::record_fault;
            settle(flight, verdict);
            return;
        }
    }
    ++counters_.failures;
    stop(flight, verdict, verdict.reason, false);
    // To the back: a record that is itself to blame must not be every probe.
    queue_.push_back(std::move(batch));
}

void Lane::stop(const Flight& flight, const Verdict& verdict, std::string reason, bool by_refusals) {
    const SteadyTime now = clock_.steady();
    if (!stop_) ++counters_.stops;
    congestion_.stopped();
    report(health_.failed(now, clock_.wall(), true, reason));
    stop_ = Stop{.reason = std::move(reason),
                 .probe_at = now + kProbeInterval,
                 .endpoint = flight.endpoint,
                 .blames_key = verdict.blames_key,
                 .by_refusals = by_refusals};
}

void Lane::on_transient(Flight flight, const Verdict& verdict) {
    ++counters_.failures;
    ++counters_.backoffs;
    const SteadyTime now = clock_.steady();
    congestion_.failed(flight.endpoint, now, flight.sent_at, verdict.limited, verdict.wait);
    backoff_reason_ = verdict.reason;
    report(health_.failed(now, clock_.wall(), stop_.has_value(), verdict.reason));
    if (stop_) stop_->probe_at = std::max(now + kProbeInterval, congestion_.ready_at(flight.endpoint));
    queue_.push_front(std::move(flight.batch));
}

void Lane::report(const std::optional<LogLine>& line) const {
    if (!line) return;
    switch (line->level) {
        case LogLine::Level::info:
            spdlog::info("{}", line->text);
            break;
        case LogLine::Level::warning:
            spdlog::warn("{}", line->text);
            break;
        case LogLine::Level::error:
            spdlog::error("{}", line->text);
            break;
    }
}

}  // namespace respand::upload
