// The joint between spool and uploader: chunks out as slices, outcomes back in.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/log.hpp"
#include "pipeline/fresh_tail.hpp"
#include "pipeline/handed_out.hpp"
#include "pipeline/spool_writer.hpp"
#include "upload/batch_source.hpp"

namespace respand::pipeline {

/// The runs of records of a chunk that still have to be sent. Pure.
std::vector<upload::Slice> unsettled_slices(std::shared_ptr<const spool::Chunk> chunk);

/// The chunk without the text of its settled records, so that those left to do hold no more memory than their
/// own size. Their places stay, with a length of 0: what is settled is counted by place. Pure.
spool::Chunk compacted(spool::Chunk chunk);

/// Takes slices from the front of `ready`, cutting the last one, until a limit is met; at least one record.
/// Pure.
std::vector<upload::Slice> take_slices(std::deque<upload::Slice>& ready, std::size_t max_records,
                                       std::size_t max_bytes);

/// Hands out each record once per process, oldest first, or the newest ahead of a backlog while few come
/// (FreshTail); what was handed out and not settled at a crash comes again at the next start, because the
/// cursor lives in memory only. I/O thread only.
class UploadSource final : public upload::BatchSource {
  public:
    /// What one read brings at most, beyond what was asked for: reads queue behind commits, so they are made
    /// few.
    static constexpr std::size_t kReadAheadRecords = 16 * spool::kMaxChunkRecords;
    static constexpr std::size_t kReadAheadBytes = 16 * spool::kMaxChunkBytes;
    /// Nothing is handed out while the outcome of so many records waits for its commit (a spool that can't be
    /// written): after a crash they would all be sent again.
    static constexpr std::uint64_t kMaxUnnoted = 32'000;
    /// A spool that can't be read is tried again after this long.
    static constexpr std::chrono::seconds kRetryInterval{1};

    UploadSource(boost::asio::io_context& io, SpoolWriter& writer, const Clock& clock);

    void fetch(spool::LaneId lane, upload::Order order, std::size_t max_records, std::size_t max_bytes,
               std::function<void(std::vector<upload::Slice>)> done) override;
    void settle(std::vector<upload::Settlement> settlements) override;
    void on_available(spool::LaneId lane, std::function<void()> callback) override;
    std::uint64_t waiting(spool::LaneId lane) const override;

    /// Records were committed (wired to SpoolWriter::on_appended).
    void appended(std::uint64_t records);
    /// A commit is done (wired to SpoolWriter::on_idle).
    void writer_idle();
    /// Adds the chunks that were read and are not settled.
    void collect_held(spool::ChunkSet& chunks) const;
    /// Records that were reported delivered since the start.
    std::uint64_t delivered() const { return delivered_; }
    /// Lets go of timers; call when the uploader has stopped.
    void stop() { retry_timer_.cancel(); }

  private:
    std::vector<upload::Slice> take(std::size_t max_records, std::size_t max_bytes);
    void read(spool::LaneId lane, std::function<void()> done);
    void take_over(std::vector<spool::Chunk> chunks);
    void fetch_newest(spool::LaneId lane, std::size_t max_records, std::size_t max_bytes,
                      std::function<void(std::vector<upload::Slice>)> done);
    void take_over_newest(std::vector<spool::Chunk> chunks);
    std::vector<upload::Slice> take_newest(std::size_t max_records, std::size_t max_bytes);
    void report_unreadable(const Error& error);

    boost::asio::steady_timer retry_timer_;
    SpoolWriter& writer_;
    const Clock& clock_;
    spool::ChunkId cursor_ = 0;        ///< the last chunk that was read
    std::deque<upload::Slice> ready_;  ///< read, not handed out: at most one read's worth
    FreshTail tail_;
    std::deque<upload::Slice> ready_newest_;  ///< the same from the tail: at most one small commit's worth
    spool::ChunkId newest_ = 0;               ///< the last commit's
    std::uint64_t ready_records_ = 0;
    std::uint64_t ready_newest_records_ = 0;
    std::uint64_t unread_ = 0;  ///< committed and not read yet; may include settled ones of a former run
    std::uint64_t delivered_ = 0;
    HandedOut handed_out_;
    bool held_back_ = false;       ///< the last fetch brought nothing because of kMaxUnnoted
    bool starved_ = false;         ///< the last fetch brought nothing
    bool newest_starved_ = false;  ///< the last fetch of the newest brought nothing
    LogLimiter read_log_;
    std::function<void()> available_;
};

}  // namespace respand::pipeline
