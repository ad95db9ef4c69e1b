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
#include "upload/backoff.hpp"
#include "upload/batch.hpp"
#include "upload/classify.hpp"
#include "upload/health.hpp"
#include "upload/pacer.hpp"
#include "upload/uploader.hpp"

namespace respand::upload {

/// One thread. See README.md for the states and what holds in each of them.
class Lane {
  public:
    /// While stopped by an operator fault, one small request this often.
    static constexpr std::chrono::seconds kProbeInterval{60};
    /// While a batch lingers, how often it looks whether it is full meanwhile.
    static constexpr std::chrono::milliseconds kLingerPoll{50};
    /// How long smaller bodies are sent after a 413.
    static constexpr std::chrono::minutes kSmallBodies{10};
    /// Not even a 413 makes batches smaller than this: below, the record is to blame, not the batch.
    static constexpr std::size_t kSmallestBody = 16 * 1024;
    /// A lone record that is refused this often with a status that blames the operator, while others pass, is
    /// itself to blame (a firewall that dislikes its text, say).
    static constexpr std::uint32_t kRefusalsToPark = 3;

    Lane(const Clock& clock, UploadSettings settings, spool::LaneId lane, BatchSource& source,
         Transport& transport, std::uint64_t jitter_seed);

    void start();
    void reload(const UploadSettings& settings);
    /// No new request from here on. What is in hand stays in the spool.
    void close();
    /// Nothing is in flight.
    bool quiet() const { return in_flight_ == 0; }

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
        Mode mode = Mode::bulk;
        std::string url;
    };
    struct Stop {
        std::string reason;
        SteadyTime probe_at{};
        bool blames_key = false;
    };

    bool step();
    SteadyTime gate() const;
    std::uint32_t width() const;
    std::size_t max_records() const;
    std::size_t max_record_bytes() const;
    bool fresh_probe_wanted() const;
    bool fetch_wanted(SteadyTime now);
    void fetch();
    void fetched(std::vector<Slice> slices, std::uint64_t waiting_before, bool as_probe);
    void send(Batch batch);
    void replied(Flight flight, const Reply& reply);
    void on_answered(const Flight& flight, const Verdict& verdict);
    void report_refusals(const Flight& flight, const Verdict& verdict, std::size_t dead);
    bool fit_together(const Batch& a, const Batch& b) const;
    void on_operator_fault(Flight flight, Verdict verdict);
    void on_transient(Flight flight, const Verdict& verdict);
    void remember_too_large(const Batch& batch);
    void report(const std::optional<LogLine>& line) const;
    std::string url() const;
    std::string server() const;

    const Clock& clock_;
    UploadSettings settings_;
    spool::LaneId lane_;
    BatchSource& source_;
    Transport& transport_;
    Backoff backoff_;
    Pacer pacer_;
    Width width_;
    Health health_;
    LogLimiter row_log_;
    std::function<void()> changed_;

    /// Batches that came back or wait for their turn; only when it is empty is more fetched, so that never
    /// more than max_connections batches are in hand (one more while stopped).
    std::deque<Batch> queue_;
    bool started_ = false;
    bool closed_ = false;
    bool fetching_ = false;
    bool source_empty_ = false;                ///< the last fetch brought nothing; on_available will tell
    bool woken_by_source_ = false;             ///< on_available came while a fetch was under way
    std::optional<SteadyTime> waiting_since_;  ///< since when records may wait in the source
    std::optional<Stop> stop_;
    std::string backoff_reason_;
    std::optional<std::size_t> small_body_;  ///< bytes, after a 413
    SteadyTime small_body_until_{};
    std::optional<SteadyTime> wake_at_;
    bool pumping_ = false;
    bool pump_again_ = false;

    std::uint32_t in_flight_ = 0;
    std::uint64_t requests_ = 0, failures_ = 0, retries_ = 0;
    std::uint64_t passed_ = 0;  ///< requests of which the server took at least one record

    /// Callbacks of source and transport hold a weak copy: they may come after the lane is gone.
    std::shared_ptr<Lane*> self_ = std::make_shared<Lane*>(this);
};

}  // namespace respand::upload
