#include "pipeline/intake.hpp"

#include <utility>

#include "base/rfc3339.hpp"
#include "record/shed.hpp"

namespace respand::pipeline {
namespace {

using spool::Ledger;
namespace account = spool::account;

/// The reason under which a listener's fault is booked.
RejectReason reason_of(ingest::Fault fault) {
    switch (fault) {
        case ingest::Fault::truncated_datagram:
        case ingest::Fault::half_line:
        case ingest::Fault::half_body:
            return RejectReason::truncated;
        case ingest::Fault::empty_datagram:
            return RejectReason::empty;
        case ingest::Fault::bad_memfd:
            return RejectReason::bad_memfd;
        case ingest::Fault::memfd_too_large:
        case ingest::Fault::line_too_large:
        case ingest::Fault::body_too_large:
            return RejectReason::too_large;
        case ingest::Fault::broken_body:
            return RejectReason::not_json;
    }
    return RejectReason::truncated;
}

std::string sender(const ingest::Origin& origin) {
    std::string text(ingest::name(origin.listener));
    if (origin.uid != static_cast<uid_t>(-1)) text += ", uid " + std::to_string(origin.uid);
    if (origin.pid != 0) text += ", pid " + std::to_string(origin.pid);
    return text;
}

/// What the policy makes of a queue that is (nearly) full, for the log.
std::string consequence(const Admission& admission) {
    constexpr const char* kPause =
        "intake pauses until uploads free room; Unix sockets push back, HTTP is answered 503, UDP datagrams "
        "are "
        "dropped by the kernel and counted";
    if (admission.fullness() == Fullness::full) {
        if (admission.policy() == spool::FullPolicy::drop_newest)
            return "new records are dropped and counted (queue_full)";
        if (admission.policy() == spool::FullPolicy::drop_oldest && !admission.disk_is_low())
            return "the oldest records are discarded and counted (drop_oldest)";
        return kPause;
    }
    return "prompts and completions of new records are cut out and counted (shed_content)";
}

}  // namespace

Ledger IntakeCounts::ledger() const {
    Ledger ledger;
    ledger.add(account::kReceived, {}, received + kernel_dropped);
    ledger.add(account::kDropped, "kernel_udp", kernel_dropped);
    ledger.add(account::kDropped, "duplicate", duplicates);
    ledger.add(account::kDropped, "queue_full", not_kept);
    ledger.add(account::kDegraded, "shed_content", shed);
    ledger.add(account::kScrubbed, {}, scrubbed);
    for (std::size_t i = 0; i < rejected.size(); ++i)
        ledger.add(account::kRejected, name(static_cast<RejectReason>(i)), rejected[i]);
    return ledger;
}

Ledger IntakeCounts::take_refusals() {
    IntakeCounts refused;
    refused.kernel_dropped = std::exchange(kernel_dropped, 0);
    refused.rejected = std::exchange(rejected, {});
    refused.duplicates = std::exchange(duplicates, 0);
    refused.not_kept = std::exchange(not_kept, 0);
    for (const std::uint64_t count : refused.rejected) refused.received += count;
    refused.received += refused.duplicates + refused.not_kept;
    received -= refused.received;
    return refused.ledger();
}

Intake::Intake(SpoolWriter& writer, std::shared_ptr<const pricing::PriceTable> table, Admission admission,
               const Clock& clock, std::uint64_t id_seed)
    : writer_(writer),
      pricer_(std::move(table), clock),
      admission_(admission),
      clock_(clock),
      ids_(id_seed),
      builders_([this](spool::NewChunk chunk) { writer_.append(std::move(chunk)); },
                [this] { return writer_.spare_body(); }) {
    update_full();
}

/// One clock read for all records of a drain.
void Intake::begin_drain() {
    draining_ = true;
    arrival_ = clock_.wall();
    arrival_text_ = format_rfc3339(arrival_);
}

ingest::Verdict Intake::record(std::string_view text, const ingest::Origin& origin) {
    if (!draining_) begin_drain();
    ++counts_.received;
    ++received_ever_;
    const auto parsed = parser_.parse(text);
    if (!parsed) {
        reject(parsed.error(), text, origin);
        return {ingest::Verdict::Outcome::refused, name(parsed.error()), describe(parsed.error())};
    }
    ingest::Verdict verdict = admit(parsed->facts, origin);
    if (verdict.outcome != ingest::Verdict::Outcome::accepted) return verdict;
    accept(*parsed, origin);
    if (!parsed->facts.has_custom_identifier) verdict.id = view(given_id_);
    return verdict;
}

ingest::Verdict Intake::admit(const RecordFacts& facts, const ingest::Origin& origin) {
    // First the room: what is dropped for want of it may come again.
    if (admission_.admit() == Admit::drop) {
        ++counts_.not_kept;
        return {ingest::Verdict::Outcome::dropped, "queue_full",
                "the queue is full, and its policy is to drop new records: send it again later"};
    }
    if (!duplicates_ || facts.record_id.empty()) return {};
    if (duplicates_->add(record_hash(origin, facts.record_id))) return {};
    ++counts_.duplicates;
    return {ingest::Verdict::Outcome::duplicate, "duplicate", "a record with this record_id came before"};
}

void Intake::accept(const ParsedRecord& record, const ingest::Origin& origin) {
    counts_.scrubbed += record.secrets_removed;
    const RecordFacts& facts = record.facts;
    AddedFields added;
    if (!facts.has_timestamp) added.timestamp = arrival_text_;
    if (!facts.has_custom_identifier) {
        given_id_ = ids_.next(arrival_);
        added.custom_identifier = view(given_id_);
    }
    const PriceTag tag = pricer_.price(facts, arrival_);
    added.cost = tag.cost;
    added.metadata = tag.metadata;
    ChunkBuilder& builder = builders_.choose({facts.model, facts.customer, origin.uid});
    if (admission_.admit() != Admit::without_content) {
        builder.add(record.text, added, arrival_, tag.source);
        return;
    }
    const std::string shed = without_content(record.text);
    if (shed.size() != record.text.size()) ++counts_.shed;
    builder.add(shed, added, arrival_, tag.source);
}

void Intake::reject(RejectReason reason, std::string_view text, const ingest::Origin& origin) {
    ++counts_.rejected.at(static_cast<std::size_t>(reason));
    if (!reject_log_.allow(clock_.steady())) return;
    std::string where;
    if (reason == RejectReason::not_json)
        if (const auto offset = json_fault_offset(text)) where = ", fault at byte " + std::to_string(*offset);
    spdlog::warn("record refused ({}): {} [{} bytes from {}{}]{}", name(reason), describe(reason),
                 text.size(), sender(origin), where, reject_log_.suffix());
}

void Intake::fault(ingest::Fault fault, const ingest::Origin& origin) {
    if (!draining_) begin_drain();
    ++counts_.received;
    ++received_ever_;
    const RejectReason reason = reason_of(fault);
    ++counts_.rejected.at(static_cast<std::size_t>(reason));
    if (reject_log_.allow(clock_.steady()))
        spdlog::warn("record refused ({}): {} [from {}]{}", name(reason), describe(reason), sender(origin),
                     reject_log_.suffix());
}

void Intake::dropped_by_kernel(std::uint64_t count, ingest::ListenerKind listener) {
    counts_.kernel_dropped += count;
    received_ever_ += count;
    if (drop_log_.allow(clock_.steady()))
        spdlog::warn(
            "{} datagrams were dropped by the kernel on the {} listener: its receive buffer was full; raise "
            "receive_buffer (and net.core.rmem_max), or send over a Unix socket, which pushes back{}",
            count, ingest::name(listener), drop_log_.suffix());
}

void Intake::drained(std::size_t) {
    draining_ = false;
    if (writer_.idle()) writer_idle();
}

void Intake::when_durable(std::function<void(bool)> callback) { waiting_.push_back(std::move(callback)); }

void Intake::writer_idle() {
    hand_over();
    writer_.flush();
    update_full();
    if (!paused_) return;
    for (const auto kind : {ingest::ListenerKind::udp, ingest::ListenerKind::unix_stream}) {
        if (!accepting(kind)) continue;
        paused_ = !accepting(ingest::ListenerKind::unix_stream);
        if (on_resume_) on_resume_();
        return;
    }
}

void Intake::hand_over() {
    builders_.finish();
    Ledger amounts = counts_.ledger();
    counts_ = {};
    pricer_.book(amounts);
    if (!amounts.empty()) writer_.book(amounts);
    writer_.note(pricer_.take_new_sources(), pricer_.take_coverage());
    if (duplicates_) writer_.remember(duplicates_->take_fresh());
    writer_.when_committed(std::exchange(waiting_, {}));
}

void Intake::update_full() {
    const Fullness before = admission_.fullness();
    if (!admission_.update(live(), writer_.level().disk_is_low())) return;
    const bool worth_a_line = admission_.fullness() == Fullness::full || before == Fullness::full ||
                              admission_.policy() == spool::FullPolicy::shed_content;
    if (worth_a_line && full_log_.allow(clock_.steady())) tell_fullness();
}

void Intake::tell_fullness() {
    const SpoolLevel& level = writer_.level();
    const std::string what = consequence(admission_);
    if (admission_.fullness() == Fullness::full && admission_.disk_is_low())
        spdlog::error("the spool's disk has only {} left, less than the log ({}) and {} more need: {}{}",
                      approximate(level.free), approximate(level.wal), approximate(SpoolLevel::kReserve),
                      what, full_log_.suffix());
    else if (admission_.fullness() == Fullness::full)
        spdlog::error("the spool is full ({} of {}): {}{}", approximate(live()),
                      approximate(admission_.limit()), what, full_log_.suffix());
    else if (admission_.fullness() == Fullness::near &&
             admission_.policy() == spool::FullPolicy::shed_content)
        spdlog::warn("the spool is nearly full ({} of {}): {}{}", approximate(live()),
                     approximate(admission_.limit()), what, full_log_.suffix());
    else
        spdlog::warn("the spool has room again: records are taken as they come{}", full_log_.suffix());
}

bool Intake::accepting(ingest::ListenerKind listener) const {
    const bool gives_way = udp_listens_ && listener != ingest::ListenerKind::udp;
    const bool yes =
        admission_.reads(listener, udp_listens_) &&
        writer_.queued_bytes() + builders_.bytes() < (gives_way ? kQueueLimitBesideUdp : kQueueLimit);
    if (!yes) paused_ = true;
    return yes;
}

ingest::Readiness Intake::readiness(ingest::ListenerKind listener) const {
    if (!writer_.stuck_reason().empty() || !admission_.reads(listener, udp_listens_))
        return ingest::Readiness::stopped;
    return accepting(listener) ? ingest::Readiness::ready : ingest::Readiness::busy;
}

}  // namespace respand::pipeline
