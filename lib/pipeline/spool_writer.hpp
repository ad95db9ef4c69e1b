// The one door to the spool: gathers changes while a commit runs, commits them together when it is done.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "pipeline/log_care.hpp"
#include "pipeline/record_names.hpp"
#include "runtime/offload.hpp"
#include "spool/spool.hpp"
#include "upload/batch_source.hpp"

namespace respand::pipeline {

/// Where the spool stands after a commit.
struct SpoolLevel {
    std::uint64_t pending = 0;  ///< records
    ByteCount live{};
    ByteCount wal{};
    ByteCount free{};           ///< left on the file system
    ByteCount free_pages{};     ///< left inside the file; looked up only when the file system has little
    spool::ChunkId newest = 0;  ///< the highest id that was given out

    /// Kept free so that a check-point can move the log into the file, and settlements can be committed, when
    /// intake has paused: a full disk must be able to empty itself.
    static constexpr ByteCount kReserve = 32_MiB;
    /// Of the reserve, what must not lie inside the file: the log grows beside it.
    static constexpr ByteCount kReserveForLog = 16_MiB;
    bool disk_is_low() const {
        return free < kReserveForLog || free.value + free_pages.value < wal.value + kReserve.value;
    }
};

/// Records of a lane that a commit brought.
struct Appended {
    spool::LaneId lane = spool::kDefaultLane;
    std::uint64_t records = 0;
};

/// Group commit. I/O thread only, but for the commits themselves, which run on the spool thread.
///
/// States: idle → committing → idle, or → stuck when a commit failed (no room, failing disk): then the same
/// changes are tried again every kRetryInterval until they pass, settlements first because they free room.
/// Nothing is given up.
class SpoolWriter {
  public:
    static constexpr std::chrono::seconds kRetryInterval{1};
    /// Settlements wait this long for records to be committed with. What they would add to a crash is little:
    /// as many records may come twice as are delivered in this time, and those in flight do so anyway.
    static constexpr std::chrono::milliseconds kSettleLinger{20};

    /// `spool` runs on `spool_thread`; check-points on `aside`. All must outlive the writer.
    SpoolWriter(boost::asio::io_context& io, runtime::Offload& spool_thread, runtime::Offload& aside,
                spool::Spool& spool, const Clock& clock);

    /// Called when a commit is done and the next may start: the intake hands over what it gathered.
    void on_idle(std::function<void()> callback) { on_idle_ = std::move(callback); }
    /// Called before the work of a stuck spool is tried again: amounts that stand without records (refusals,
    /// drops), which are committed with the settlements, so that they count even when records find no room.
    void on_retry(std::function<spool::Ledger()> callback) { on_retry_ = std::move(callback); }
    /// Called when records were committed and can be read.
    void on_appended(std::function<void(std::span<const Appended>)> callback) {
        on_appended_ = std::move(callback);
    }
    /// Called when the outcome of records was committed: Changes::delivered and parked.
    void on_noted(std::function<void(const spool::Changes&)> callback) { on_noted_ = std::move(callback); }

    /// Queues; nothing is committed before flush() or the end of the running commit.
    void append(spool::NewChunk chunk);
    void book(const spool::Ledger& amounts) { next_.changes.ledger.add(amounts); }
    /// What goes with the records that were appended: sources that they are the first to use, and their
    /// coverage.
    void note(std::vector<spool::NewSource> sources, std::vector<spool::Coverage> coverage);
    /// Ids of records that were appended, so that they are known after a restart.
    void remember(std::vector<spool::RecordHash> hashes);
    /// Queues, and sees to it that they are committed within kSettleLinger.
    void settle(std::vector<upload::Settlement> settlements);
    /// To be told once when what was queued so far is committed (true), or that it never will be, because the
    /// daemon stops with a spool that can't be written (false).
    void when_committed(std::vector<std::function<void(bool)>> callbacks);
    /// Starts a commit when none runs and there is something to commit.
    void flush();

    /// Runs `work(spool)` on the spool thread between two commits, then `done(result)` on the I/O thread.
    template <class Work, class Done>
    void ask(Work work, Done done) {
        spool_thread_.submit([this, work = std::move(work)]() mutable { return work(spool_); },
                             std::move(done));
    }

    /// Runs `work` on the I/O thread after the current handler.
    template <class Work>
    void defer(Work work) {
        boost::asio::post(retry_timer_.get_executor(), std::move(work));
    }

    /// What could not be committed at the end, because the spool is stuck.
    struct Left {
        std::uint64_t records = 0;      ///< lost
        std::uint64_t settlements = 0;  ///< delivered or refused, and not noted: sent again
    };
    /// Calls back when everything queued so far, and what the intake still holds, is committed, or can't be.
    void drain(std::function<void(Left)> done);
    /// Looks at file and disk again, for when no commit does; then as after a commit.
    void refresh();

    /// A buffer for a chunk's body; takes back those of committed chunks.
    std::string spare_body();

    bool idle() const { return state_ == State::idle; }
    bool stuck() const { return state_ == State::stuck; }
    const std::string& stuck_reason() const { return stuck_reason_; }
    /// Records whose outcome is known and not committed yet.
    std::uint64_t unnoted() const { return unnoted_; }
    /// Bytes that wait for the commit after the running one.
    std::size_t queued_bytes() const { return next_.bytes; }
    const SpoolLevel& level() const { return level_; }
    std::uint64_t commits() const { return commits_; }

  private:
    enum class State : std::uint8_t { idle, committing, stuck };
    /// One transaction's worth, with what its views point into.
    struct Work {
        spool::Changes changes;                ///< parked: filled in from `dead` when it starts
        std::vector<upload::Settlement> dead;  ///< what `parked` points into…
        std::deque<RecordNames> names;         ///< …and this
        std::size_t bytes = 0;
        std::uint64_t records = 0;
        std::uint64_t settled = 0;
        std::vector<std::function<void(bool)>> waiting;  ///< to be told of the commit
        bool has_settlements() const { return !changes.delivered.empty() || !dead.empty(); }
        bool has_records() const {
            return !changes.append.empty() || !changes.ledger.empty() || !waiting.empty();
        }
        void tell(bool committed);
        /// Takes the settlements of another over.
        void take_settlements(Work& other);
    };
    struct Outcome {
        Status status;
        SpoolLevel level;
        Status upkeep;  ///< of the file, after the commit
        spool::LogPass log_pass;
    };

    void start(std::shared_ptr<Work> work, bool after_failure = false);
    void finished(const std::shared_ptr<Work>& work, const Outcome& outcome);
    void failed(const std::shared_ptr<Work>& work, const Error& error);
    void retry();
    /// Moves the log into the file.
    void look_after_log();
    void log_moved(const Result<ByteCount>& moved);
    void check_drained();

    boost::asio::steady_timer retry_timer_;
    boost::asio::steady_timer settle_timer_;
    bool settle_timer_set_ = false;
    runtime::Offload& spool_thread_;
    runtime::Offload& aside_;
    spool::Spool& spool_;
    const Clock& clock_;
    State state_ = State::idle;
    Work next_;
    std::shared_ptr<Work> stuck_;
    spool::Ledger refusals_;  ///< that came meanwhile
    std::string stuck_reason_;
    LogLimiter stuck_log_;
    LogCare log_care_;
    spool::LogPass log_pass_;  ///< as of the last commit
    SpoolLevel level_;
    std::uint64_t commits_ = 0;
    std::vector<std::string> spare_;
    std::function<void()> on_idle_;
    std::function<spool::Ledger()> on_retry_;
    std::function<void(std::span<const Appended>)> on_appended_;
    std::function<void(const spool::Changes&)> on_noted_;
    std::uint64_t unnoted_ = 0;
    std::function<void(Left)> drained_;
};

}  // namespace respand::pipeline
