// One lane's state machine: decides when to fetch, send, wait, probe and settle. Knows no timers and no
// sockets: it is told the time by a Clock and says when it wants to be woken.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "upload/batch.hpp"
#include "upload/body_limit.hpp"
#include "upload/classify.hpp"
#include "upload/congestion.hpp"
#include "upload/endpoints.hpp"
#include "upload/health.hpp"
#include "upload/lane_status.hpp"
#include "upload/pacer.hpp"
#include "upload/plan.hpp"
#include "upload/refusal_run.hpp"
#include "upload/retry_budget.hpp"

namespace respand::upload {

/// One thread. Everything that a lane knows is in here: several lanes are several of these. See README.md for
/// the states and what holds in each of them.
class Lane {
  public:
    /// While stopped by an operator fault, one small request this often.
    static constexpr std::chrono::seconds kProbeInterval{60};
    /// A lone record that is refused this often with a status that blames the operator, while others pass, is
    /// itself to blame (a firewall that dislikes its text, say).
    static constexpr std::uint32_t kRefusalsToPark = 3;
    /// A lane that was stopped by refusals probes with records that it fetches for it: the next ones, until
    /// so many of them were refused…
    static constexpr std::ptrdiff_t kMostWitnesses = 8;
    /// …then those that stand a chunk's worth of records further back each time, until it has so many batches
    /// in hand (they pass over about 8,000 records), and then only records that come new.
    static constexpr std::size_t kMostInHandToProbe = 40;
    /// What a /create/ request is taken to last before one was measured.
    static constexpr std::chrono::milliseconds kAssumedLatency{100};

    Lane(const Clock& clock, UploadSettings settings, spool::LaneId lane, BatchSource& source,
         Transport& transport, std::uint64_t jitter_seed, std::string name = {});

    void start();
    /// Takes new settings, forgets what it learnt about the server, and tries again at once.
    void reload(const UploadSettings& settings);
    /// Tries again at once, whatever it is waiting for; bulk's pace is kept.
    void retry();
    /// No new request from here on. What is in hand goes back to the source.
    void close();
    /// The same until resume().
    void pause();
    void resume();
    bool paused() const { return paused_; }
    /// Gives back to the source what is in hand, but for one record to probe with: somebody else sends it.
    void hand_over();
    /// Nothing is in flight.
    bool quiet() const { return in_flight_ == 0 && !fetching_; }

    /// Does whatever is due. Call when wake_at() has come; calling early or often is harmless.
    void pump();
    /// When pump() wants to be called next, if nothing else happens.
    std::optional<SteadyTime> wake_at() const { return wake_at_; }
    /// Called at the end of everything that may have moved wake_at() or quiet().
    void on_change(std::function<void()> callback) { changed_ = std::move(callback); }

    LaneStatus status() const;

  private:
    struct Flight {
        Batch batch;
        SteadyTime sent_at{};
        WallTime sent_wall{};
        Endpoint endpoint = Endpoint::bulk;
        std::string url;
    };
    struct Stop {
        std::string reason;
        SteadyTime probe_at{};
        Endpoint endpoint = Endpoint::bulk;  ///< where the fault came from, and the probe goes
        bool blames_key = false;
        bool by_refusals = false;  ///< see RefusalRun: only a success ends it
    };

    // What to send: lane.cpp.
    bool step();
    bool act();
    bool probe();
    std::size_t untried_probe_wanted() const;
    void probe_from_hand();
    bool full_of_probes() const;
    bool newest_probe_wanted() const;
    SteadyTime open_at(Endpoint endpoint) const;
    std::uint32_t width() const { return stop_ ? 1 : congestion_.width(); }
    std::size_t max_record_bytes() const;
    bool held(const Batch& batch) const;
    void give_back(bool all);
    void note_pacing(bool paced);
    void fetch(Order order, std::size_t max_records);
    void fetched(std::vector<Slice> slices, Order order, std::uint64_t waiting_before, bool as_probe);
    void send_from_hand(std::size_t at, Endpoint endpoint, std::size_t max_records);
    void absorb_others(Batch& batch, std::size_t from);
    void send(Batch batch, Endpoint endpoint);
    std::string url(Endpoint endpoint) const;
    std::string server() const;

    // What an answer means: lane_replies.cpp.
    void replied(Flight flight, const Reply& reply);
    void point_to_section(std::string& reason) const;
    void count(const Flight& flight, const Reply& reply, const Verdict& verdict);
    void note_duplicates(const Flight& flight);
    void on_passed(const Flight& flight, const Verdict& verdict);
    void on_refused(Flight flight, Verdict verdict);
    void hold(Flight flight, Verdict verdict, RefusalRun::Ruling ruling);
    void settle(const Flight& flight, const Verdict& verdict);
    void report_refusals(const Flight& flight, const Verdict& verdict, std::size_t dead);
    void on_operator_fault(Flight flight, Verdict verdict);
    void stop(const Flight& flight, const Verdict& verdict, std::string reason, bool by_refusals);
    void on_transient(Flight flight, const Verdict& verdict);
    void report(const std::optional<LogLine>& line) const;

    LaneState state(SteadyTime now) const;

    const Clock& clock_;
    UploadSettings settings_;
    spool::LaneId lane_;
    std::string name_;  ///< for messages; empty: the only lane, or the default one
    BatchSource& source_;
    Transport& transport_;
    Congestion congestion_;
    Pacer pacer_;
    RetryBudget budget_;
    Endpoints endpoints_;
    RefusalRun refusals_;
    BodyLimit body_limit_;
    Health health_;
    LogLimiter row_log_;
    std::function<void()> changed_;

    /// Batches that came back or wait for their turn, oldest first. How many there can be: README.md,
    /// "Promises".
    std::deque<Batch> queue_;
    bool started_ = false;
    bool closed_ = false;
    bool paused_ = false;
    bool fetching_ = false;
    bool source_dry_ = false;                  ///< the last fetch brought nothing; on_available will tell
    bool newest_dry_ = false;                  ///< the same for Order::newest
    bool woken_by_source_ = false;             ///< on_available came while a fetch was under way
    std::optional<SteadyTime> waiting_since_;  ///< since when records may wait in the source
    std::optional<Stop> stop_;
    std::string backoff_reason_;
    std::optional<SteadyTime> paced_since_;
    std::optional<SteadyTime> wake_at_;
    bool pumping_ = false;
    bool pump_again_ = false;

    std::uint32_t in_flight_ = 0;
    std::uint64_t in_flight_records_ = 0;
    std::uint64_t passed_ = 0;  ///< requests of which the server took at least one record
    std::chrono::microseconds create_takes_ = kAssumedLatency;
    LaneCounters counters_;

    /// Callbacks of source and transport hold a weak copy: they may come after the lane is gone.
    std::shared_ptr<Lane*> self_ = std::make_shared<Lane*>(this);
};

}  // namespace respand::upload
