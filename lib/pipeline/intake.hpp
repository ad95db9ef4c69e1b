// The joint between listeners and spool: bytes → record → priced → chunk.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/uuid7.hpp"
#include "ingest/sink.hpp"
#include "pipeline/admission.hpp"
#include "pipeline/duplicates.hpp"
#include "pipeline/lane_builders.hpp"
#include "pipeline/pricer.hpp"
#include "pipeline/spool_writer.hpp"
#include "record/record_parser.hpp"

namespace respand::pipeline {

/// What came in since the last commit, by kind. Plain counters: the hot path adds to them for each record.
struct IntakeCounts {
    std::uint64_t received = 0;
    std::uint64_t scrubbed = 0;
    std::uint64_t kernel_dropped = 0;
    std::uint64_t duplicates = 0;  ///< came before, by their ids
    std::uint64_t not_kept = 0;    ///< dropped because the queue is full
    std::uint64_t shed = 0;        ///< kept without their content
    std::array<std::uint64_t, kRejectReasons> rejected{};

    /// The same as amounts of the ledger.
    spool::Ledger ledger() const;
    /// The part that stands without records, refusals and drops, which is no longer counted here then.
    spool::Ledger take_refusals();
};

/// Parses, prices and gathers what the listeners bring, and hands it to the writer whenever no commit is
/// running: so a lone record is committed at once, and a flood in batches as large as the last commit was
/// long. I/O thread only.
class Intake final : public ingest::Sink {
  public:
    /// Bytes. Listeners pause while this much waits for the next commit: more than arrives at full speed
    /// while one commit runs. One record that is larger passes. As much again may be in the running commit.
    static constexpr std::size_t kQueueLimit = 4 << 20;
    /// Where listeners that can push back pause while UDP listens, which can't: the rest is head-room for it.
    static constexpr std::size_t kQueueLimitBesideUdp = kQueueLimit / 4 * 3;
    Intake(SpoolWriter& writer, std::shared_ptr<const pricing::PriceTable> table, Admission admission,
           const Clock& clock, std::uint64_t id_seed = 0);

    ingest::Verdict record(std::string_view text, const ingest::Origin& origin) override;
    void fault(ingest::Fault fault, const ingest::Origin& origin) override;
    void dropped_by_kernel(std::uint64_t count, ingest::ListenerKind listener) override;
    void drained(std::size_t records) override;
    void when_durable(std::function<void(bool)> callback) override;
    bool accepting(ingest::ListenerKind listener) const override;
    ingest::Readiness readiness(ingest::ListenerKind listener) const override;

    /// Called when accepting() has turned true again.
    void on_resume(std::function<void()> callback) { on_resume_ = std::move(callback); }
    /// The writer can take a batch (wired to SpoolWriter::on_idle).
    void writer_idle();
    /// What may be booked apart from the records (wired to SpoolWriter::on_retry).
    spool::Ledger take_refusals() { return counts_.take_refusals(); }

    /// From now on senders that can be pushed back leave room for those that can't, or no longer.
    void set_udp_listens(bool listens) { udp_listens_ = listens; }
    /// Records with a `record_id` are accepted once; without a window they are not looked at.
    void set_duplicates(std::unique_ptr<DuplicateWindow> window) { duplicates_ = std::move(window); }
    /// Null: none.
    DuplicateWindow* duplicates() { return duplicates_.get(); }
    const Admission& admission() const { return admission_; }
    /// Bytes that wait, on disk and on the way there.
    ByteCount live() const { return {writer_.level().live.value + writer_.queued_bytes()}; }
    /// From the next record on.
    void set_routing(const Routing& routing) { builders_.set(routing); }

    Pricer& pricer() { return pricer_; }
    const pricing::PriceTable& prices() const { return pricer_.table(); }
    /// Counts that are not in the ledger yet.
    const IntakeCounts& uncommitted() const { return counts_; }
    std::uint64_t received_ever() const { return received_ever_; }
    /// The spool is at its limit, or its disk has little left.
    bool full() const { return admission_.fullness() == Fullness::full; }

  private:
    void reject(RejectReason reason, std::string_view text, const ingest::Origin& origin);
    /// Accepted: it is the first of its id, and there is room.
    ingest::Verdict admit(const RecordFacts& facts, const ingest::Origin& origin);
    void accept(const ParsedRecord& record, const ingest::Origin& origin);
    void begin_drain();
    void hand_over();
    void update_full();
    void tell_fullness();

    SpoolWriter& writer_;
    Pricer pricer_;
    Admission admission_;
    const Clock& clock_;
    RecordParser parser_;
    Uuid7Generator ids_;
    LaneBuilders builders_;
    IntakeCounts counts_;
    std::uint64_t received_ever_ = 0;
    bool draining_ = false;  ///< between the first record of a drain and drained()
    WallTime arrival_{};     ///< of the current drain
    std::string arrival_text_;
    UuidText given_id_{};                             ///< to the current record
    std::vector<std::function<void(bool)>> waiting_;  ///< for the commit of what is gathered
    mutable bool paused_ = false;                     ///< accepting() said no
    bool udp_listens_ = false;
    std::unique_ptr<DuplicateWindow> duplicates_;
    LogLimiter reject_log_, drop_log_, full_log_;
    std::function<void()> on_resume_;
};

}  // namespace respand::pipeline
