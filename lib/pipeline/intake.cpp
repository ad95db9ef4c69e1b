#include "pipeline/intake.hpp"

#include <utility>

#include "base/rfc3339.hpp"

namespace respand::pipeline {
namespace {

using spool::Ledger;
namespace account = spool::account;

/// The reason under which a listener's fault is booked.
RejectReason reason_of(ingest::Fault fault) {
    switch (fault) {
        case ingest::Fault::truncated_datagram:
        case ingest::Fault::half_line:
            return RejectReason::truncated;
        case ingest::Fault::empty_datagram:
            return RejectReason::empty;
        case ingest::Fault::bad_memfd:
            return RejectReason::bad_memfd;
        case ingest::Fault::memfd_too_large:
        case ingest::Fault::line_too_large:
            return RejectReason::too_large;
    }
    return RejectReason::truncated;
}

std::string sender(const ingest::Origin& origin) {
    std::string text(ingest::name(origin.listener));
    if (origin.uid != static_cast<uid_t>(-1)) text += ", uid " + std::to_string(origin.uid);
    if (origin.pid != 0) text += ", pid " + std::to_string(origin.pid);
    return text;
}

}  // namespace

Ledger IntakeCounts::ledger() const {
    Ledger ledger;
    ledger.add(account::kReceived, {}, received + kernel_dropped);
    ledger.add(account::kDropped, "kernel_udp", kernel_dropped);
    ledger.add(account::kScrubbed, {}, scrubbed);
    for (std::size_t i = 0; i < rejected.size(); ++i)
        ledger.add(account::kRejected, name(static_cast<RejectReason>(i)), rejected[i]);
    return ledger;
}

Ledger IntakeCounts::take_refusals() {
    IntakeCounts refused;
    refused.kernel_dropped = std::exchange(kernel_dropped, 0);
    refused.rejected = std::exchange(rejected, {});
    for (const std::uint64_t count : refused.rejected) refused.received += count;
    received -= refused.received;
    return refused.ledger();
}

Intake::Intake(SpoolWriter& writer, std::shared_ptr<const pricing::PriceTable> table,
               ByteCount max_spool_size, const Clock& clock, std::uint64_t id_seed)
    : writer_(writer),
      pricer_(std::move(table), clock),
      max_spool_size_(max_spool_size),
      clock_(clock),
      ids_(id_seed),
      builder_([this](spool::NewChunk chunk) { writer_.append(std::move(chunk)); },
               [this] { return writer_.spare_body(); }) {
    update_full();
}

/// One clock read for all records of a drain.
void Intake::begin_drain() {
    draining_ = true;
    arrival_ = clock_.wall();
    arrival_text_ = format_rfc3339(arrival_);
}

void Intake::record(std::string_view text, const ingest::Origin& origin) {
    if (!draining_) begin_drain();
    ++counts_.received;
    ++received_ever_;
    const auto parsed = parser_.parse(text);
    if (!parsed) {
        reject(parsed.error(), text, origin);
        return;
    }
    accept(*parsed);
}

void Intake::accept(const ParsedRecord& record) {
    counts_.scrubbed += record.secrets_removed;
    const RecordFacts& facts = record.facts;
    UuidText id;
    AddedFields added;
    if (!facts.has_timestamp) added.timestamp = arrival_text_;
    if (!facts.has_custom_identifier) {
        id = ids_.next(arrival_);
        added.custom_identifier = view(id);
    }
    const PriceTag tag = pricer_.price(facts, arrival_);
    added.cost = tag.cost;
    added.metadata = tag.metadata;
    builder_.add(record.text, added, arrival_, tag.source);
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

void Intake::writer_idle() {
    hand_over();
    writer_.flush();
    update_full();
    if (paused_ && accepting()) {
        paused_ = false;
        if (on_resume_) on_resume_();
    }
}

void Intake::hand_over() {
    builder_.finish();
    Ledger amounts = counts_.ledger();
    counts_ = {};
    pricer_.book(amounts);
    if (!amounts.empty()) writer_.book(amounts);
    writer_.note(pricer_.take_new_sources(), pricer_.take_coverage());
}

void Intake::update_full() {
    const SpoolLevel& level = writer_.level();
    const std::uint64_t live = level.live.value + writer_.queued_bytes();
    const std::uint64_t resume_at = max_spool_size_.value - max_spool_size_.value / kResumeDivisor;
    const bool was_full = full_;
    full_ = level.disk_is_low() || live >= (full_ ? resume_at + 1 : max_spool_size_.value);
    if (full_ == was_full || !full_log_.allow(clock_.steady())) return;
    if (!full_)
        spdlog::warn("the spool has room again: intake resumes{}", full_log_.suffix());
    else if (level.disk_is_low())
        spdlog::error(
            "the spool's disk has only {} left: intake pauses until there is room for the log ({}) and {} "
            "more; "
            "Unix sockets push back, UDP datagrams are dropped by the kernel and counted{}",
            approximate(level.free), approximate(level.wal), approximate(SpoolLevel::kReserve),
            full_log_.suffix());
    else
        spdlog::error(
            "the spool is full ({} of {}): intake pauses until uploads free room; Unix sockets push back, "
            "UDP "
            "datagrams are dropped by the kernel and counted{}",
            approximate(ByteCount{live}), approximate(max_spool_size_), full_log_.suffix());
}

bool Intake::accepting() const {
    const bool yes = !full_ && writer_.queued_bytes() + builder_.bytes() < kQueueLimit;
    if (!yes) paused_ = true;
    return yes;
}

}  // namespace respand::pipeline
