#include "pipeline/upload_source.hpp"

#include <algorithm>
#include <utility>

namespace respand::pipeline {

using upload::Slice;

std::vector<Slice> unsettled_slices(std::shared_ptr<const spool::Chunk> chunk) {
    std::vector<Slice> slices;
    std::size_t at = 0;
    bool open = false;
    for (std::uint32_t i = 0; i < chunk->records(); ++i) {
        const std::size_t length = chunk->lengths[i];
        const bool settled = i < chunk->settled.size() && chunk->settled[i];
        if (settled) {
            open = false;
        } else if (open) {
            slices.back().count += 1;
            slices.back().bytes += 1 + length;
        } else {
            slices.push_back({chunk, i, 1, at, length});
            open = true;
        }
        at += length + 1;
    }
    return slices;
}

spool::Chunk compacted(spool::Chunk chunk) {
    if (std::find(chunk.settled.begin(), chunk.settled.end(), true) == chunk.settled.end()) return chunk;
    std::string body;
    std::size_t at = 0;
    for (std::size_t i = 0; i < chunk.records(); ++i) {
        if (i > 0) body += ',';
        const std::size_t length = chunk.lengths[i];
        if (i < chunk.settled.size() && chunk.settled[i])
            chunk.lengths[i] = 0;
        else
            body.append(chunk.body, at, length);
        at += length + 1;
    }
    body.shrink_to_fit();
    chunk.body = std::move(body);
    return chunk;
}

std::vector<Slice> take_slices(std::deque<Slice>& ready, std::size_t max_records, std::size_t max_bytes) {
    std::vector<Slice> taken;
    std::size_t records = 0, bytes = 0;
    while (!ready.empty() && records < max_records) {
        Slice& next = ready.front();
        std::uint32_t count = 0;
        std::size_t size = 0;
        while (count < next.count && records + count < max_records) {
            const std::size_t more = next.chunk->lengths[next.first + count] + (count > 0 ? 1U : 0U);
            if (bytes + size + more > max_bytes && records + count > 0) break;
            size += more;
            ++count;
        }
        if (count == 0) break;
        taken.push_back({next.chunk, next.first, count, next.offset, size});
        records += count;
        bytes += size + 1;
        if (count == next.count) {
            ready.pop_front();
            continue;
        }
        next.first += count;
        next.count -= count;
        next.offset += size + 1;
        next.bytes -= size + 1;
        break;
    }
    return taken;
}

UploadSource::UploadSource(boost::asio::io_context& io, SpoolWriter& writer, const Clock& clock)
    : retry_timer_(io),
      writer_(writer),
      clock_(clock),
      newest_(writer.level().newest),
      unread_(writer.level().pending) {}

std::vector<Slice> UploadSource::take(std::size_t max_records, std::size_t max_bytes) {
    const bool from_tail = ready_.empty() && unread_ == 0;
    auto taken =
        from_tail ? take_newest(max_records, max_bytes) : take_slices(ready_, max_records, max_bytes);
    starved_ = taken.empty();
    if (from_tail) return taken;
    for (const Slice& slice : taken) ready_records_ -= slice.count;
    handed_out_.add(taken);
    return taken;
}

void UploadSource::fetch(spool::LaneId lane, upload::Order order, std::size_t max_records,
                         std::size_t max_bytes, std::function<void(std::vector<Slice>)> done) {
    if (writer_.unnoted() >= kMaxUnnoted) {
        held_back_ = true;
        writer_.defer([done = std::move(done)] { done({}); });
        return;
    }
    if (order == upload::Order::newest) return fetch_newest(lane, max_records, max_bytes, std::move(done));
    std::size_t ready_bytes = 0;
    for (const Slice& slice : ready_) ready_bytes += slice.bytes + 1;
    const bool enough = ready_records_ >= max_records || ready_bytes >= max_bytes;
    auto answer = [this, max_records, max_bytes, done = std::move(done)] {
        done(take(max_records, max_bytes));
    };
    if (enough || unread_ == 0)
        writer_.defer(
            std::move(answer));  // never from inside the call: the caller is in the middle of its own step
    else
        read(lane, std::move(answer));
}

void UploadSource::read(spool::LaneId lane, std::function<void()> done) {
    writer_.ask(
        [lane, after = cursor_](spool::Spool& spool) {
            return spool::recovering(spool, [&](spool::Spool& s) {
                return s.read(lane, after, kReadAheadRecords, kReadAheadBytes);
            });
        },
        [this, lane, done = std::move(done)](Result<std::vector<spool::Chunk>> chunks) mutable {
            if (!chunks) {
                report_unreadable(chunks.error());
                done();
                return;
            }
            const bool at_the_end = chunks->empty();
            take_over(std::move(*chunks));
            if (ready_.empty() && !at_the_end && unread_ > 0)
                read(lane, std::move(done));  // The tail had all of it.
            else
                done();
        });
}

/// Says so, and sees to it that it is tried again.
void UploadSource::report_unreadable(const Error& error) {
    if (read_log_.allow(clock_.steady()))
        spdlog::error("the spool can't be read: {}{}", error.message, read_log_.suffix());
    retry_timer_.expires_after(kRetryInterval);
    retry_timer_.async_wait([this](boost::system::error_code stopped) {
        if (stopped) return;
        starved_ = newest_starved_ = false;
        if (available_) available_();
    });
}

void UploadSource::take_over(std::vector<spool::Chunk> chunks) {
    if (chunks.empty()) unread_ = 0;  // what was counted is settled by now
    for (spool::Chunk& chunk : chunks) {
        cursor_ = chunk.id;
        if (tail_.taken(chunk.id)) continue;
        for (Slice& run :
             unsettled_slices(std::make_shared<const spool::Chunk>(compacted(std::move(chunk))))) {
            unread_ -= std::min<std::uint64_t>(unread_, run.count);
            ready_records_ += run.count;
            ready_.push_back(std::move(run));
        }
    }
}

void UploadSource::collect_held(spool::ChunkSet& chunks) const {
    for (const Slice& slice : ready_) chunks.insert(slice.chunk->id);
    for (const Slice& slice : ready_newest_) chunks.insert(slice.chunk->id);
    handed_out_.collect(chunks);
}

void UploadSource::fetch_newest(spool::LaneId lane, std::size_t max_records, std::size_t max_bytes,
                                std::function<void(std::vector<Slice>)> done) {
    auto answer = [this, max_records, max_bytes, done = std::move(done)] {
        auto taken = take_newest(max_records, max_bytes);
        newest_starved_ = taken.empty();
        done(std::move(taken));
    };
    const auto after = ready_newest_.empty() ? tail_.after() : std::nullopt;
    if (!after) return writer_.defer(std::move(answer));
    const auto read_one = [lane, after = *after](spool::Spool& spool) {
        return spool::recovering(spool, [&](spool::Spool& s) { return s.read(lane, after, 1, 1); });
    };
    writer_.ask(read_one, [this, answer = std::move(answer)](Result<std::vector<spool::Chunk>> chunks) {
        if (chunks)
            take_over_newest(std::move(*chunks));
        else
            report_unreadable(chunks.error());
        answer();
    });
}

void UploadSource::take_over_newest(std::vector<spool::Chunk> chunks) {
    if (chunks.empty()) return tail_.leave(newest_);
    spool::Chunk& chunk = chunks.front();
    if (chunk.records() > FreshTail::kFewRecords) return tail_.leave(newest_);
    tail_.took(chunk.id, chunk.records());
    for (Slice& run : unsettled_slices(std::make_shared<const spool::Chunk>(std::move(chunk)))) {
        unread_ -= std::min<std::uint64_t>(unread_, run.count);
        ready_newest_records_ += run.count;
        ready_newest_.push_back(std::move(run));
    }
}

std::vector<Slice> UploadSource::take_newest(std::size_t max_records, std::size_t max_bytes) {
    auto taken = take_slices(ready_newest_, max_records, max_bytes);
    for (const Slice& slice : taken) ready_newest_records_ -= slice.count;
    handed_out_.add(taken);
    return taken;
}

void UploadSource::settle(std::vector<upload::Settlement> settlements) {
    handed_out_.settled(settlements);
    for (const upload::Settlement& settlement : settlements)
        if (settlement.outcome == upload::Settlement::Outcome::delivered)
            delivered_ += settlement.slice.count;
    writer_.settle(std::move(settlements));
}

void UploadSource::on_available(spool::LaneId, std::function<void()> callback) {
    available_ = std::move(callback);
}

std::uint64_t UploadSource::waiting(spool::LaneId) const {
    return ready_records_ + ready_newest_records_ + unread_;
}

void UploadSource::writer_idle() {
    if (writer_.unnoted() < kMaxUnnoted && std::exchange(held_back_, false) && available_) available_();
}

void UploadSource::appended(std::uint64_t records) {
    const spool::ChunkId before = std::exchange(newest_, writer_.level().newest);
    tail_.committed(before, newest_, records, ready_records_ + unread_ > 0);
    unread_ += records;
    const bool fresh = newest_starved_ && tail_.after();
    if ((starved_ || fresh) && available_) {
        starved_ = newest_starved_ = false;
        available_();
    }
}

}  // namespace respand::pipeline
