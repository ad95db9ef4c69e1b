#include "pipeline/spool_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "pipeline/parking.hpp"

namespace respand::pipeline {
namespace {

/// Bodies kept for reuse: two commits' worth under a flood.
constexpr std::size_t kSpareBodies = 48;
/// A larger body (of one huge record) is given back instead.
constexpr std::size_t kMaxSpareCapacity = 2 * spool::kMaxChunkBytes;

/// Below this, room inside the file is looked at too.
constexpr ByteCount kLittleSpace = 256_MiB;

/// Size of the log at which it is emptied when the disk is low.
constexpr ByteCount kLogOnLowDisk = 1_MiB;

SpoolLevel level_of(const spool::Spool& spool) {
    const spool::Standing standing = spool.standing();
    SpoolLevel level{standing.pending, standing.live, spool.wal_size(), spool.free_space(), {},
                     standing.newest};
    if (level.free < kLittleSpace) level.free_pages = spool.free_pages();
    return level;
}

std::vector<Appended> appended_by(const spool::Changes& changes) {
    std::vector<Appended> lanes;
    for (const spool::NewChunk& chunk : changes.append) {
        auto lane = std::ranges::find(lanes, chunk.lane, &Appended::lane);
        if (lane == lanes.end()) lane = lanes.insert(lanes.end(), {chunk.lane, 0});
        lane->records += chunk.records();
    }
    return lanes;
}

/// Between two commits, on the spool thread: the log is kept short, and an emptied file small.
Status look_after_file(spool::Spool& spool) {
    Status done;
    const bool low = level_of(spool).disk_is_low();
    // On a disk with little left the log is emptied early, but not so often that it keeps losing its reserve.
    const ByteCount limit = low ? kLogOnLowDisk : spool::kWalLimit;
    // Blocks of a log that has started again are still there.
    if (spool.wal_size() > limit || (low && spool.wal_blocks() > limit)) done = spool.checkpoint();
    if (done && spool.standing().pending == 0) done = low ? spool.shrink(1_MiB) : spool.shrink();
    if (!done && done.error().kind == ErrorKind::temporary)
        return {};  // busy or full: tried again after the next commit
    return done;
}

}  // namespace

SpoolWriter::SpoolWriter(boost::asio::io_context& io, runtime::Offload& spool_thread, runtime::Offload& aside,
                         spool::Spool& spool, const Clock& clock)
    : retry_timer_(io),
      settle_timer_(io),
      spool_thread_(spool_thread),
      aside_(aside),
      spool_(spool),
      clock_(clock),
      level_(level_of(spool)) {}

void SpoolWriter::append(spool::NewChunk chunk) {
    next_.bytes += chunk.body.size();
    next_.records += chunk.records();
    next_.changes.append.push_back(std::move(chunk));
}

void SpoolWriter::note(std::vector<spool::NewSource> sources, std::vector<spool::Coverage> coverage) {
    spool::Changes& changes = next_.changes;
    std::ranges::move(sources, std::back_inserter(changes.sources));
    std::ranges::move(coverage, std::back_inserter(changes.coverage));
}

void SpoolWriter::Work::take_settlements(Work& other) {
    for (const spool::Delivered& run : std::exchange(other.changes.delivered, {}))
        changes.delivered.push_back(run);
    for (upload::Settlement& settlement : std::exchange(other.dead, {}))
        dead.push_back(std::move(settlement));
    settled += std::exchange(other.settled, 0);
}

void SpoolWriter::remember(std::vector<spool::RecordHash> hashes) {
    for (const spool::RecordHash& hash : hashes) next_.changes.seen.push_back(hash);
}

void SpoolWriter::when_committed(std::vector<std::function<void(bool)>> callbacks) {
    std::ranges::move(callbacks, std::back_inserter(next_.waiting));
}

void SpoolWriter::Work::tell(bool committed) {
    for (const auto& callback : std::exchange(waiting, {})) callback(committed);
}

void SpoolWriter::settle(std::vector<upload::Settlement> settlements) {
    for (upload::Settlement& settlement : settlements) {
        const upload::Slice& slice = settlement.slice;
        next_.settled += slice.count;
        unnoted_ += slice.count;
        // Of what was delivered nothing but its place is kept: the chunk's memory goes now.
        if (settlement.outcome == upload::Settlement::Outcome::delivered)
            next_.changes.delivered.push_back({slice.chunk->id,
                                               static_cast<std::uint32_t>(slice.chunk->records()),
                                               slice.first, slice.count});
        else
            next_.dead.push_back(std::move(settlement));
    }
    if (std::exchange(settle_timer_set_, true)) return;
    settle_timer_.expires_after(kSettleLinger);
    settle_timer_.async_wait([this](boost::system::error_code) {
        settle_timer_set_ = false;
        flush();
    });
}

void SpoolWriter::flush() {
    const bool settlements_due = next_.has_settlements() && !settle_timer_set_;
    if (state_ != State::idle || (!next_.has_records() && !settlements_due)) return;
    start(std::make_shared<Work>(std::exchange(next_, {})));
}

void SpoolWriter::start(std::shared_ptr<Work> work, bool after_failure) {
    // Here and not in settle(): the views must point into strings that no longer move.
    work->changes.parked.clear();
    work->names.clear();
    for (const upload::Settlement& settlement : work->dead)
        park(settlement, work->names, work->changes.parked);
    state_ = State::committing;
    spool_thread_.submit(
        [this, work, after_failure]() -> Outcome {
            if (after_failure)
                (void)spool_.checkpoint();  // a log that filled the disk makes room; the commit tells
            // A file that turns out to be damaged is replaced, and what is in memory goes into the fresh one.
            auto status = spool::recovering(
                spool_, [&work](spool::Spool& spool) { return spool.commit(work->changes); });
            Status upkeep = status ? look_after_file(spool_) : Status{};
            return {std::move(status), level_of(spool_), std::move(upkeep), spool_.log_pass()};
        },
        [this, work](const Outcome& outcome) { finished(work, outcome); });
}

void SpoolWriter::finished(const std::shared_ptr<Work>& work, const Outcome& outcome) {
    if (!outcome.status) {
        failed(work, outcome.status.error());
        return;
    }
    ++commits_;
    if (!outcome.upkeep && stuck_log_.allow(clock_.steady()))
        spdlog::warn("check-point failed: {}{}", outcome.upkeep.error().message, stuck_log_.suffix());
    level_ = outcome.level;
    log_pass_ = outcome.log_pass;
    unnoted_ -= work->settled;
    work->tell(true);
    if (work->settled > 0 && on_noted_) on_noted_(work->changes);
    for (spool::NewChunk& chunk : work->changes.append) {
        if (spare_.size() >= kSpareBodies || chunk.body.capacity() > kMaxSpareCapacity) continue;
        chunk.body.clear();
        spare_.push_back(std::move(chunk.body));
    }
    if (stuck_) {  // the part that was tried alone has passed; now the rest
        retry();
        return;
    }
    if (!stuck_reason_.empty()) {
        spdlog::warn("the spool takes records again");
        stuck_reason_.clear();
    }
    state_ = State::idle;
    look_after_log();
    if (!work->changes.append.empty() && on_appended_) on_appended_(appended_by(work->changes));
    if (on_idle_) on_idle_();
    flush();
    check_drained();
}

void SpoolWriter::failed(const std::shared_ptr<Work>& work, const Error& error) {
    state_ = State::stuck;
    stuck_reason_ = error.message;
    if (stuck_log_.allow(clock_.steady()))
        spdlog::error("the spool can't be written: {}; intake pauses, nothing is dropped, next try in {} s{}",
                      error.message, kRetryInterval.count(), stuck_log_.suffix());
    // Put the work back together with what was split from it; then deliveries that came meanwhile go first,
    // alone.
    if (stuck_) {
        stuck_->take_settlements(*work);
        refusals_.add(work->changes.ledger);
    } else {
        stuck_ = work;
    }
    retry_timer_.expires_after(kRetryInterval);
    retry_timer_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) retry();
    });
    check_drained();
}

void SpoolWriter::retry() {
    stuck_->take_settlements(next_);
    if (on_retry_) refusals_.add(on_retry_());
    if ((stuck_->has_settlements() || !refusals_.empty()) && stuck_->has_records()) {
        auto light = std::make_shared<Work>();
        light->take_settlements(*stuck_);
        light->changes.ledger = std::exchange(refusals_, {});
        start(std::move(light), true);
    } else {
        stuck_->changes.ledger.add(std::exchange(refusals_, {}));
        start(std::exchange(stuck_, nullptr), true);
    }
}

void SpoolWriter::look_after_log() {
    switch (log_care_.after_commit(level_.wal)) {
        case LogCare::Next::nothing:
            break;
        case LogCare::Next::pass:
            aside_.submit([pass = log_pass_] { return spool::checkpoint_beside(pass); },
                          [this](const Result<ByteCount>& moved) { log_moved(moved); });
            break;
        case LogCare::Next::finish:
            ask([](spool::Spool& spool) { return spool.finish_checkpoint(); },
                [this](const Result<ByteCount>& moved) { log_moved(moved); });
            break;
    }
}

void SpoolWriter::log_moved(const Result<ByteCount>& moved) {
    log_care_.moved(moved ? *moved : ByteCount{});
    if (!moved && stuck_log_.allow(clock_.steady()))
        spdlog::warn("check-point failed: {}; it is tried again{}", moved.error().message,
                     stuck_log_.suffix());
}

void SpoolWriter::refresh() {
    // With no commit on its way nobody else would empty a log that keeps the disk low.
    ask(
        [](spool::Spool& spool) {
            (void)look_after_file(spool);
            return level_of(spool);
        },
        [this](const SpoolLevel& level) {
            level_ = level;
            if (state_ == State::idle && on_idle_) on_idle_();
        });
}

void SpoolWriter::drain(std::function<void(Left)> done) {
    drained_ = std::move(done);
    settle_timer_.cancel();
    settle_timer_set_ = false;
    if (on_idle_) on_idle_();
    flush();
    check_drained();
}

void SpoolWriter::check_drained() {
    if (!drained_ || state_ == State::committing) return;
    Left left;
    if (state_ == State::stuck) {
        retry_timer_.cancel();
        left = {stuck_->records + next_.records, stuck_->settled + next_.settled};
        stuck_->tell(false);
        next_.tell(false);
    }
    std::exchange(drained_, nullptr)(left);
}

std::string SpoolWriter::spare_body() {
    if (spare_.empty()) {
        std::string body;
        body.reserve(spool::kMaxChunkBytes);
        return body;
    }
    std::string body = std::move(spare_.back());
    spare_.pop_back();
    return body;
}

}  // namespace respand::pipeline
