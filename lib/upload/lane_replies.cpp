// What a lane does with an answer. The other half of lane.cpp, which decides what to send.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "upload/encode.hpp"
#include "upload/lane.hpp"
#include "upload/outcome.hpp"

namespace respand::upload {

void Lane::replied(Flight flight, const Reply& reply) {
    --in_flight_;
    const Exchange exchange{
        .url = flight.url, .records = flight.batch.records(), .mode = flight.mode, .now = clock_.wall()};
    Verdict verdict = classify(reply, exchange);
    switch (verdict.cause) {
        case Cause::delivered:
        case Cause::partly_refused:
        case Cause::record_fault:
            on_answered(flight, verdict);
            break;
        case Cause::operator_fault:
            on_operator_fault(std::move(flight), std::move(verdict));
            break;
        case Cause::transient:
            on_transient(std::move(flight), verdict);
            break;
        case Cause::cancelled:  // Not settled: it stays in the spool.
            if (!closed_) queue_.push_front(std::move(flight.batch));
            break;
    }
    pump();
}

/// The server judged the records: the way there is fine.
void Lane::on_answered(const Flight& flight, const Verdict& verdict) {
    report(health_.answered(clock_.steady()));
    backoff_.reset();
    width_.succeed();
    stop_.reset();
    Outcome outcome = settle(flight.batch, verdict);
    std::size_t dead = 0;
    for (const Settlement& settlement : outcome.settlements) {
        if (settlement.outcome == Settlement::Outcome::dead) dead += settlement.slice.count;
    }
    if (verdict.cause != Cause::record_fault) {
        ++passed_;
        health_.delivered(clock_.wall());
    } else {
        ++failures_;
    }
    if (verdict.too_large) remember_too_large(flight.batch);
    report_refusals(flight, verdict, dead);
    if (!outcome.settlements.empty()) source_.settle(std::move(outcome.settlements));
    if (!closed_) {
        queue_.insert(queue_.begin(), std::make_move_iterator(outcome.again.begin()),
                      std::make_move_iterator(outcome.again.end()));
    }
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

/// Stops the lane, unless the records are to blame: a status like 403 may come from a firewall that dislikes
/// what one record says. Others having passed since this batch was last refused tells the two apart.
bool Lane::fit_together(const Batch& a, const Batch& b) const {
    return a.records() + b.records() <= spool::kMaxChunkRecords &&
           a.bytes() + 1 + b.bytes() <= max_record_bytes();
}

void Lane::on_operator_fault(Flight flight, Verdict verdict) {
    Batch& batch = flight.batch;
    const bool others_pass = batch.refusals > 0 && passed_ > batch.passed_at_refusal;
    ++batch.refusals;
    batch.passed_at_refusal = passed_;
    if (!verdict.blames_key && others_pass && (batch.records() > 1 || batch.refusals >= kRefusalsToPark)) {
        verdict.cause = Cause::record_fault;
        on_answered(flight, verdict);
        return;
    }
    ++failures_;
    const SteadyTime now = clock_.steady();
    width_.fail();
    report(health_.failed(now, clock_.wall(), true, verdict.reason));
    stop_ = Stop{.reason = std::move(verdict.reason),
                 .probe_at = now + kProbeInterval,
                 .blames_key = verdict.blames_key};
    if (closed_) return;
    if (verdict.blames_key && settings_.mode == Mode::bulk && !queue_.empty() &&
        fit_together(batch, queue_.front())) {
        // A refused key says nothing of records: the probe goes back to the batch that it was taken from, so
        // that after a night's outage there are full batches to send and not hundreds of single records.
        std::vector<Slice>& rest = queue_.front().slices;
        rest.insert(rest.begin(), batch.slices.begin(), batch.slices.end());
    } else {
        // To the back: a record that is itself to blame must not be every probe.
        queue_.push_back(std::move(batch));
    }
}

void Lane::on_transient(Flight flight, const Verdict& verdict) {
    ++failures_;
    const SteadyTime now = clock_.steady();
    backoff_.fail(now, flight.sent_at, verdict.wait);
    width_.fail();
    backoff_reason_ = verdict.reason;
    report(health_.failed(now, clock_.wall(), stop_.has_value(), verdict.reason));
    if (stop_) stop_->probe_at = std::max(now + kProbeInterval, backoff_.ready_at());
    if (!closed_) queue_.push_front(std::move(flight.batch));
}

void Lane::remember_too_large(const Batch& batch) {
    if (batch.records() < 2) return;
    small_body_ = std::max(kSmallestBody, (batch.bytes() + kBulkEnvelopeBytes) / 2);
    small_body_until_ = clock_.steady() + kSmallBodies;
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
