#include "pipeline/lane_reader.hpp"

#include <algorithm>
#include <utility>

namespace respand::pipeline {

using upload::Slice;

namespace {

std::uint64_t records_of(const std::deque<Slice>& slices) {
    std::uint64_t sum = 0;
    for (const Slice& slice : slices) sum += slice.count;
    return sum;
}

}  // namespace

std::vector<Slice> LaneReader::handed_out(std::vector<Slice> slices) {
    for (const Slice& slice : slices) in_hand_.add(slice.chunk->id, slice.count);
    return slices;
}

std::vector<Slice> LaneReader::take(std::size_t max_records, std::size_t max_bytes) {
    if (frozen_) {
        starved_ = true;
        return {};
    }
    const bool from_tail = ready_.empty() && unread_ == 0;
    auto taken =
        from_tail ? take_newest(max_records, max_bytes) : take_slices(ready_, max_records, max_bytes);
    starved_ = taken.empty();
    if (from_tail) return taken;
    for (const Slice& slice : taken) ready_records_ -= slice.count;
    return handed_out(std::move(taken));
}

void LaneReader::fetch(upload::Order order, std::size_t max_records, std::size_t max_bytes, Done done) {
    if (order == upload::Order::newest) return fetch_newest(max_records, max_bytes, std::move(done));
    std::size_t ready_bytes = 0;
    for (const Slice& slice : ready_) ready_bytes += slice.bytes + 1;
    const bool enough = ready_records_ >= max_records || ready_bytes >= max_bytes;
    auto answer = [this, max_records, max_bytes, done = std::move(done)] {
        done(take(max_records, max_bytes));
    };
    if (enough || unread_ == 0 || frozen_)
        writer_.defer(
            std::move(answer));  // never from inside the call: the caller is in the middle of its own step
    else
        read(std::move(answer));
}

template <class Then>
void LaneReader::ask_spool(upload::Order order, spool::ChunkId after, std::size_t max_records,
                           std::size_t max_bytes, Then then) {
    writer_.ask(
        [lane = lane_, order, after, max_records, max_bytes,
         reads = shared_.last_reads](spool::Spool& spool) {
            auto chunks = spool::recovering(
                spool, [&](spool::Spool& s) { return s.read(lane, after, max_records, max_bytes); });
            if (chunks) reads->note(lane, order, *chunks);
            return chunks;
        },
        std::move(then));
}

void LaneReader::read(std::function<void()> done) {
    readers_.push_back(std::move(done));
    if (std::exchange(reading_, true)) return;
    ask_spool(upload::Order::oldest, cursor_, kReadAheadRecords, kReadAheadBytes,
              [this, epoch = epoch_](Result<std::vector<spool::Chunk>> chunks) {
                  read_was(std::move(chunks), epoch);
              });
}

void LaneReader::read_was(Result<std::vector<spool::Chunk>> chunks, std::uint64_t epoch) {
    reading_ = false;
    if (!chunks) {
        shared_.unreadable(chunks.error());
    } else if (epoch != epoch_ && !frozen_) {
        return read([] {});
    } else if (epoch == epoch_) {
        const bool at_the_end = chunks->empty();
        take_over(std::move(*chunks));
        if (ready_.empty() && !at_the_end && unread_ > 0 && !frozen_)
            return read([] {});  // All of it was out already: they wait on.
    }
    for (const auto& done : std::exchange(readers_, {})) done();
}

void LaneReader::take_over(std::vector<spool::Chunk> chunks) {
    if (chunks.empty()) unread_ = 0;  // what was counted is settled by now
    for (spool::Chunk& chunk : chunks) {
        cursor_ = chunk.id;
        // After a rewind, what is out is met again.
        const bool out = in_hand_.contains(chunk.id) ||
                         std::ranges::any_of(ready_, [&](const Slice& s) { return s.chunk->id == chunk.id; });
        if (tail_.taken(chunk.id) || (epoch_ > 0 && out)) continue;
        for (Slice& run :
             unsettled_slices(std::make_shared<const spool::Chunk>(compacted(std::move(chunk))))) {
            unread_ -= std::min<std::uint64_t>(unread_, run.count);
            ready_records_ += run.count;
            ready_.push_back(std::move(run));
        }
    }
}

void LaneReader::fetch_newest(std::size_t max_records, std::size_t max_bytes, Done done) {
    auto answer = [this, max_records, max_bytes, done = std::move(done)] {
        auto taken = frozen_ ? std::vector<Slice>{} : take_newest(max_records, max_bytes);
        newest_starved_ = taken.empty();
        done(std::move(taken));
    };
    const auto after = ready_newest_.empty() && !frozen_ ? tail_.after() : std::nullopt;
    if (!after) return writer_.defer(std::move(answer));
    ask_spool(upload::Order::newest, *after, 1, 1,
              [this, epoch = epoch_, answer = std::move(answer)](Result<std::vector<spool::Chunk>> chunks) {
                  if (!chunks)
                      shared_.unreadable(chunks.error());
                  else if (epoch == epoch_)
                      take_over_newest(std::move(*chunks));
                  answer();
              });
}

void LaneReader::take_over_newest(std::vector<spool::Chunk> chunks) {
    if (chunks.empty()) return tail_.leave(newest_);
    spool::Chunk& chunk = chunks.front();
    const bool known = chunk.id <= cursor_ || in_hand_.contains(chunk.id);
    if (known || chunk.records() > FreshTail::kFewRecords) return tail_.leave(newest_);
    tail_.took(chunk.id, chunk.records());
    for (Slice& run : unsettled_slices(std::make_shared<const spool::Chunk>(std::move(chunk)))) {
        unread_ -= std::min<std::uint64_t>(unread_, run.count);
        ready_newest_records_ += run.count;
        ready_newest_.push_back(std::move(run));
    }
}

std::vector<Slice> LaneReader::take_newest(std::size_t max_records, std::size_t max_bytes) {
    auto taken = take_slices(ready_newest_, max_records, max_bytes);
    for (const Slice& slice : taken) ready_newest_records_ -= slice.count;
    return handed_out(std::move(taken));
}

bool LaneReader::appended(std::uint64_t records) {
    const spool::ChunkId before = std::exchange(newest_, writer_.level().newest);
    tail_.committed(before, newest_, records, ready_records_ + unread_ > 0);
    unread_ += records;
    const bool fresh = newest_starved_ && tail_.after();
    return (starved_ || fresh) && wake();
}

void LaneReader::recount(std::uint64_t pending) {
    const std::uint64_t ready = ready_records_ + ready_newest_records_;
    unread_ = std::max(unread_, pending > ready ? pending - ready : 0);
}

bool LaneReader::wake() {
    const bool starved = starved_ || newest_starved_;
    starved_ = newest_starved_ = false;
    return starved;
}

void LaneReader::take_back(std::vector<Slice> slices) {
    for (auto slice = slices.rbegin(); slice != slices.rend(); ++slice) {
        in_hand_.remove(slice->chunk->id, slice->count);
        ready_records_ += slice->count;
        ready_.push_front(std::move(*slice));
    }
}

void LaneReader::rewind(std::uint64_t pending) {
    ++epoch_;
    cursor_ = 0;
    tail_ = FreshTail{};
    newest_ = writer_.level().newest;
    for (Slice& slice : ready_newest_) ready_.push_back(std::move(slice));
    ready_newest_.clear();
    ready_newest_records_ = 0;
    // What lies untouched is read again. A chunk of which some is out stays: as a whole it is passed over.
    std::erase_if(ready_, [&](const Slice& slice) { return !in_hand_.contains(slice.chunk->id); });
    ready_records_ = records_of(ready_);
    unread_ = pending > ready_records_ ? pending - ready_records_ : 0;
}

void LaneReader::add_ready(spool::ChunkSet& chunks) const {
    for (const auto* slices : {&ready_, &ready_newest_})
        for (const Slice& slice : *slices) chunks.insert(slice.chunk->id);
}

}  // namespace respand::pipeline
