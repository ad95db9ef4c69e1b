// Bounded steps over the queue that no delivery caused: moving to another lane, discarding by policy.
#include "spool/store.hpp"

namespace respand::spool {
namespace {

/// Chunks that one step touches at most: about 16 MiB, tens of milliseconds.
constexpr std::size_t kStepChunks = 64;

struct Discard {
    std::string_view reason;
    /// False: this chunk and those after it stay.
    std::function<bool(const ChunkFacts&, const QueueStep&)> wants;
};

/// The oldest chunks that are not held, in order, until `wants` says no.
Result<QueueStep> discard_chunks(Store& store, const Discard& discard, const ChunkSet& held) {
    // Held chunks at the front must not keep the step from reaching others.
    const auto chunks = store.chunks.list(std::nullopt, 0, kStepChunks + held.size());
    if (!chunks) return std::unexpected(chunks.error());
    QueueStep step;
    step.more = chunks->size() == kStepChunks + held.size();
    auto done = store.transact([&](Tally& tally) -> Status {
        for (const ChunkFacts& chunk : *chunks) {
            if (held.contains(chunk.id)) continue;
            if (!discard.wants(chunk, step)) {
                step.more = false;
                break;
            }
            const std::uint64_t records = chunk.records - store.progress.settled(chunk.id);
            if (auto gone = store.chunks.remove(chunk.id); !gone) return gone;
            if (auto gone = store.progress.forget(chunk.id); !gone) return gone;
            LaneChange& lane = tally.lanes[chunk.lane];
            lane.chunks -= 1;
            lane.records -= static_cast<std::int64_t>(records);
            lane.bytes -= static_cast<std::int64_t>(chunk.bytes);
            tally.ledger.add(account::kDiscarded, discard.reason, records);
            step.records += records;
            step.bytes += chunk.bytes;
        }
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return step;
}

Result<QueueStep> move_chunks(Store& store, LaneId from, LaneId to, const ChunkSet& held) {
    const auto chunks = store.chunks.list(from, 0, kStepChunks + held.size());
    if (!chunks) return std::unexpected(chunks.error());
    QueueStep step;
    step.more = chunks->size() == kStepChunks + held.size();
    auto done = store.transact([&](Tally& tally) -> Status {
        for (const ChunkFacts& chunk : *chunks) {
            if (held.contains(chunk.id)) continue;
            if (auto moved = store.chunks.set_lane(chunk.id, to); !moved) return moved;
            const std::uint64_t records = chunk.records - store.progress.settled(chunk.id);
            for (const auto& [id, sign] : {std::pair{from, -1}, std::pair{to, 1}}) {
                LaneChange& lane = tally.lanes[id];
                lane.chunks += sign;
                lane.records += sign * static_cast<std::int64_t>(records);
                lane.bytes += sign * static_cast<std::int64_t>(chunk.bytes);
            }
            step.records += records;
            step.bytes += chunk.bytes;
        }
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return step;
}

Result<QueueStep> move_dead(Store& store, LaneId from, LaneId to) {
    DeadFilter filter;
    filter.lane = from;
    const auto letters = store.dead.facts(store.database, filter, kDeadStep);
    if (!letters) return std::unexpected(letters.error());
    QueueStep step;
    step.more = letters->size() == kDeadStep;
    auto done = store.transact([&](Tally& tally) -> Status {
        for (const DeadFacts& letter : *letters) {
            if (auto moved = store.dead.set_lane(letter.id, to); !moved) return moved;
            for (const auto& [id, sign] : {std::pair{from, -1}, std::pair{to, 1}}) {
                tally.lanes[id].dead += sign;
                tally.lanes[id].dead_bytes += sign * static_cast<std::int64_t>(letter.bytes);
            }
            step.records += 1;
            step.bytes += letter.bytes;
        }
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return step;
}

}  // namespace

Result<QueueStep> move(Store& store, LaneId from, LaneId to, const ChunkSet& held) {
    for (const LaneId lane : {from, to})
        if (!store.lanes.names().contains(lane))
            return fail(ErrorKind::usage, "there is no lane " + std::to_string(lane) + " in the spool");
    if (from == to) return QueueStep{};
    auto step = move_chunks(store, from, to, held);
    if (!step || step->more || step->records > 0) {
        if (step) step->more = true;  // the dead letters come after the last chunk
        return step;
    }
    return move_dead(store, from, to);
}

Result<QueueStep> drop_oldest(Store& store, std::uint64_t records, std::uint64_t bytes,
                              const ChunkSet& held) {
    return discard_chunks(store,
                          {"drop_oldest",
                           [&](const ChunkFacts&, const QueueStep& so_far) {
                               return so_far.records < records || so_far.bytes < bytes;
                           }},
                          held);
}

Result<QueueStep> expire(Store& store, std::chrono::microseconds max_age, const ChunkSet& held) {
    const std::int64_t before_us = store.ages.now_us() - max_age.count();
    return discard_chunks(
        store,
        {"max_age", [&](const ChunkFacts& chunk, const QueueStep&) { return chunk.age_us < before_us; }},
        held);
}

}  // namespace respand::spool
