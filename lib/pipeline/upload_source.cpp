#include "pipeline/upload_source.hpp"

#include <algorithm>
#include <utility>

namespace respand::pipeline {

using spool::LaneId;
using upload::Slice;

UploadSource::UploadSource(boost::asio::io_context& io, SpoolWriter& writer, const Clock& clock,
                           const spool::Totals& totals)
    : retry_timer_(io), writer_(writer), clock_(clock), shared_{writer} {
    shared_.unreadable = [this](const Error& error) { report_unreadable(error); };
    for (const auto& [lane, amounts] : totals.lanes)
        readers_.try_emplace(lane, lane, shared_, amounts.records);
    writer_.on_noted([this](const spool::Changes& changes) { noted(changes); });
}

UploadSource::~UploadSource() { writer_.on_noted(nullptr); }

LaneReader& UploadSource::reader(LaneId lane) {
    return readers_.try_emplace(lane, lane, shared_, std::uint64_t{0}).first->second;
}

/// The lanes that are still to be asked.
struct UploadSource::Fetch {
    std::vector<LaneId> lanes;
    upload::Order order;
    std::size_t max_records, max_bytes;
    std::function<void(std::vector<Slice>)> done;
};

void UploadSource::fetch(LaneId lane, upload::Order order, std::size_t max_records, std::size_t max_bytes,
                         std::function<void(std::vector<Slice>)> done) {
    if (writer_.unnoted() >= kMaxUnnoted) {
        if (std::ranges::find(held_back_, lane) == held_back_.end()) held_back_.push_back(lane);
        writer_.defer([done = std::move(done)] { done({}); });
        return;
    }
    std::vector<LaneId> lanes{lane};
    if (order == upload::Order::oldest)
        for (const auto& [from, by] : stand_ins_)
            if (by == lane) lanes.push_back(from);
    // In turns, so that none of them waits for the others to run dry.
    std::ranges::rotate(lanes, lanes.begin() + static_cast<std::ptrdiff_t>(turn_++ % lanes.size()));
    try_next(std::make_shared<Fetch>(std::move(lanes), order, max_records, max_bytes, std::move(done)));
}

void UploadSource::try_next(const std::shared_ptr<Fetch>& fetch) {
    const LaneId lane = fetch->lanes.front();
    fetch->lanes.erase(fetch->lanes.begin());
    reader(lane).fetch(fetch->order, fetch->max_records, fetch->max_bytes,
                       [this, fetch](std::vector<Slice> slices) {
                           if (slices.empty() && !fetch->lanes.empty())
                               try_next(fetch);
                           else
                               fetch->done(std::move(slices));
                       });
}

void UploadSource::settle(std::vector<upload::Settlement> settlements) {
    for (const upload::Settlement& settlement : settlements)
        if (settlement.outcome == upload::Settlement::Outcome::delivered)
            delivered_ += settlement.slice.count;
    writer_.settle(std::move(settlements));
}

void UploadSource::noted(const spool::Changes& changes) {
    for (const spool::Delivered& run : changes.delivered) shared_.in_hand.remove(run.chunk, run.count);
    for (const spool::Parked& record : changes.parked) shared_.in_hand.remove(record.chunk, 1);
}

void UploadSource::give_back(std::vector<Slice> slices) {
    std::map<LaneId, std::vector<Slice>> by_lane;
    for (Slice& slice : slices) by_lane[slice.chunk->lane].push_back(std::move(slice));
    for (auto& [lane, own] : by_lane) {
        reader(lane).take_back(std::move(own));
        reader(lane).wake();
        notify(lane);
    }
}

void UploadSource::on_available(LaneId lane, std::function<void()> callback) {
    available_[lane] = std::move(callback);
}

/// Tells those who take from the lane.
void UploadSource::notify(LaneId lane) {
    const auto tell = [this](LaneId who) {
        const auto found = available_.find(who);
        if (found != available_.end() && found->second) found->second();
    };
    tell(lane);
    const auto by = stand_ins_.find(lane);
    if (by != stand_ins_.end()) tell(by->second);
}

std::uint64_t UploadSource::waiting(LaneId lane) const {
    const auto of = [this](LaneId which) {
        const auto found = readers_.find(which);
        return found == readers_.end() ? 0 : found->second.waiting();
    };
    std::uint64_t sum = of(lane);
    for (const auto& [from, by] : stand_ins_)
        if (by == lane) sum += of(from);
    return sum;
}

void UploadSource::stand_in(LaneId lane, LaneId by) {
    if (by == lane)
        stand_ins_.erase(lane);
    else
        stand_ins_[lane] = by;
    reader(lane).wake();
    notify(lane);
}

struct UploadSource::Move {
    LaneId from, to;
    Moved moved;
    std::function<void(Result<Moved>)> done;
    std::optional<Error> error;
};

void UploadSource::move(LaneId from, LaneId to, std::function<void(Result<Moved>)> done) {
    if (moving_) {
        writer_.defer([done = std::move(done)] {
            done(fail(ErrorKind::temporary, "another move is under way; try again when it has ended"));
        });
        return;
    }
    moving_ = true;
    reader(from).freeze(true);
    auto move = std::make_shared<Move>(from, to, Moved{}, std::move(done), std::nullopt);
    // What was being read just now has come when this answers.
    writer_.ask([](spool::Spool&) { return true; },
                [this, move](bool) {
                    reader(move->from).rewind(0);
                    move_step(move);
                });
}

void UploadSource::move_step(const std::shared_ptr<Move>& move) {
    spool::ChunkSet stay = shared_.in_hand.chunks();
    reader(move->from).add_ready(stay);
    move->moved.in_hand = stay.size();
    writer_.ask([from = move->from, to = move->to,
                 stay = std::move(stay)](spool::Spool& spool) { return spool.move(from, to, stay); },
                [this, move](Result<spool::QueueStep> step) {
                    if (!step) {
                        move->error = step.error();
                        return move_ended(move);
                    }
                    move->moved.records += step->records;
                    move->moved.bytes += step->bytes;
                    if (step->more)
                        move_step(move);
                    else
                        move_ended(move);
                });
}

void UploadSource::move_ended(const std::shared_ptr<Move>& move) {
    writer_.ask([](spool::Spool& spool) { return spool.totals().lanes; },
                [this, move](const std::map<LaneId, spool::LaneTotals>& lanes) {
                    for (const LaneId lane : {move->from, move->to}) {
                        const auto found = lanes.find(lane);
                        reader(lane).rewind(found == lanes.end() ? 0 : found->second.records);
                        reader(lane).freeze(false);
                        reader(lane).wake();
                        notify(lane);
                    }
                    moving_ = false;
                    if (move->error)
                        move->done(std::unexpected(*move->error));
                    else
                        move->done(move->moved);
                });
}

Held UploadSource::held() const {
    spool::ChunkSet chunks = shared_.in_hand.chunks();
    for (const auto& [lane, reader] : readers_) reader.add_ready(chunks);
    return {std::move(chunks), shared_.last_reads};
}

void UploadSource::report_unreadable(const Error& error) {
    if (read_log_.allow(clock_.steady()))
        spdlog::error("the spool can't be read: {}{}", error.message, read_log_.suffix());
    retry_timer_.expires_after(kRetryInterval);
    retry_timer_.async_wait([this](boost::system::error_code stopped) {
        if (stopped) return;
        for (auto& [lane, reader] : readers_)
            if (reader.wake()) notify(lane);
    });
}

void UploadSource::writer_idle() {
    if (writer_.unnoted() >= kMaxUnnoted) return;
    for (const LaneId lane : std::exchange(held_back_, {}))
        if (const auto found = available_.find(lane); found != available_.end()) found->second();
}

void UploadSource::refresh() {
    writer_.ask([](spool::Spool& spool) { return spool.totals().lanes; },
                [this](const std::map<LaneId, spool::LaneTotals>& lanes) {
                    for (const auto& [lane, totals] : lanes) {
                        reader(lane).recount(totals.records);
                        if (reader(lane).wake()) notify(lane);
                    }
                });
}

void UploadSource::appended(std::span<const Appended> commits) {
    for (const Appended& commit : commits)
        if (reader(commit.lane).appended(commit.records)) notify(commit.lane);
}

}  // namespace respand::pipeline
