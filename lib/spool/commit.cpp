// Spool::commit: what comes in, and what became of what went out.
#include "spool/store.hpp"

namespace respand::spool {
namespace {

Status append(Store& store, const std::vector<NewChunk>& chunks, Tally& tally) {
    const std::int64_t age_us = store.ages.now_us();
    for (const NewChunk& chunk : chunks) {
        if (chunk.lengths.empty()) continue;
        if (auto inserted = store.chunks.insert(tally.next_chunk++, chunk, age_us); !inserted)
            return inserted;
        LaneChange& lane = tally.lanes[chunk.lane];
        lane.chunks += 1;
        lane.records += static_cast<std::int64_t>(chunk.records());
        lane.bytes += static_cast<std::int64_t>(chunk.body.size());
        tally.ledger.add(account::kAccepted, {}, chunk.records());
    }
    return {};
}

Status park(Store& store, const Parked& parked, Tally& tally) {
    const auto fresh = store.progress.mark(store.chunks, parked.chunk, parked.index, 1);
    if (!fresh) return std::unexpected(fresh.error());
    if (*fresh == 0) return {};
    LaneChange& lane = tally.lanes[parked.lane];
    lane.dead += 1;
    lane.dead_bytes += static_cast<std::int64_t>(parked.body.size());
    tally.ledger.add(account::kDead, {}, 1);
    return store.dead.insert(parked, store.wall.wall());
}

Status settle(Store& store, const Changes& changes, Tally& tally) {
    for (const Delivered& run : changes.delivered) {
        const auto fresh = store.progress.mark(store.chunks, run.chunk, run.first, run.count);
        if (!fresh) return std::unexpected(fresh.error());
        tally.ledger.add(account::kDelivered, {}, *fresh);
    }
    for (const Parked& parked : changes.parked)
        if (auto done = park(store, parked, tally); !done) return done;
    return store.progress.write(store.chunks, tally);
}

}  // namespace

Status commit(Store& store, const Changes& changes) {
    auto done = store.transact([&](Tally& tally) -> Status {
        // What only settles and counts has the reserve.
        if (!changes.append.empty()) {
            const auto page = static_cast<std::uint64_t>(store.page_size);
            if (auto taken = store.take_room(pages_for(changes, page)); !taken) return taken;
        }
        tally.ledger.add(changes.ledger);
        tally.seen = static_cast<std::int64_t>(changes.seen.size());
        if (auto added = store.sources.insert(changes.sources); !added) return added;
        if (auto appended = append(store, changes.append, tally); !appended) return appended;
        if (auto settled = settle(store, changes, tally); !settled) return settled;
        if (auto added = store.coverage.add(changes.coverage); !added) return added;
        return store.seen.insert(changes.seen, store.ages.now_us());
    });
    if (done) store.sources.committed(changes.sources);
    return done;
}

}  // namespace respand::spool
