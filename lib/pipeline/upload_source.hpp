// The joint between spool and uploaders: chunks out as slices, outcomes back in.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/log.hpp"
#include "pipeline/lane_reader.hpp"
#include "pipeline/slices.hpp"
#include "pipeline/spool_writer.hpp"
#include "upload/batch_source.hpp"

namespace respand::pipeline {

/// A reader for each lane, and what they share. What was handed out and not settled at a crash comes again at
/// the next start. I/O thread only.
class UploadSource final : public upload::BatchSource {
  public:
    /// Nothing is handed out while the outcome of so many records waits for its commit (a spool that can't be
    /// written): after a crash they would all be sent again.
    static constexpr std::uint64_t kMaxUnnoted = 32'000;
    /// A spool that can't be read is tried again after this long.
    static constexpr std::chrono::seconds kRetryInterval{1};

    /// `totals`: of the spool as it stands. Wires itself to SpoolWriter::on_noted.
    UploadSource(boost::asio::io_context& io, SpoolWriter& writer, const Clock& clock,
                 const spool::Totals& totals);
    ~UploadSource() override;

    void fetch(spool::LaneId lane, upload::Order order, std::size_t max_records, std::size_t max_bytes,
               std::function<void(std::vector<upload::Slice>)> done) override;
    void settle(std::vector<upload::Settlement> settlements) override;
    void give_back(std::vector<upload::Slice> slices) override;
    void on_available(spool::LaneId lane, std::function<void()> callback) override;
    std::uint64_t waiting(spool::LaneId lane) const override;

    /// From now on `by` is also given the records of `lane`, in turns with its own; `lane` itself: no longer.
    void stand_in(spool::LaneId lane, spool::LaneId by);

    struct Moved {
        std::uint64_t records = 0;  ///< pending ones and dead letters
        std::uint64_t bytes = 0;
        std::uint64_t in_hand = 0;  ///< chunks of any lane that stayed: their requests are under way
    };
    /// Moves what waits in one lane to another, and its dead letters, but for what is under way just now.
    /// Nothing of `from` is handed out meanwhile. Errors: busy (another move runs), and those of the spool.
    void move(spool::LaneId from, spool::LaneId to, std::function<void(Result<Moved>)> done);

    /// Records were committed (wired to SpoolWriter::on_appended).
    void appended(std::span<const Appended> commits);
    /// Records were added to the spool otherwise (dead letters that are tried again).
    void refresh();
    /// A commit is done (wired to SpoolWriter::on_idle).
    void writer_idle();
    /// All chunks that were read, or are being read, and whose outcome is not committed.
    Held held() const;
    /// Records that were reported delivered since the start.
    std::uint64_t delivered() const { return delivered_; }
    /// Lets go of timers; call when the uploaders have stopped.
    void stop() { retry_timer_.cancel(); }

  private:
    struct Fetch;
    struct Move;
    LaneReader& reader(spool::LaneId lane);
    void try_next(const std::shared_ptr<Fetch>& fetch);
    void notify(spool::LaneId lane);
    void move_step(const std::shared_ptr<Move>& move);
    void move_ended(const std::shared_ptr<Move>& move);
    void noted(const spool::Changes& changes);
    void report_unreadable(const Error& error);

    boost::asio::steady_timer retry_timer_;
    SpoolWriter& writer_;
    const Clock& clock_;
    LaneReader::Shared shared_;
    std::map<spool::LaneId, LaneReader> readers_;
    std::map<spool::LaneId, std::function<void()>> available_;
    std::map<spool::LaneId, spool::LaneId> stand_ins_;  ///< who is also given the records of a lane
    std::uint64_t turn_ = 0;                            ///< of those that a stand-in takes from
    std::uint64_t delivered_ = 0;
    std::vector<spool::LaneId> held_back_;  ///< their last fetch brought nothing because of kMaxUnnoted
    bool moving_ = false;
    LogLimiter read_log_;
};

}  // namespace respand::pipeline
