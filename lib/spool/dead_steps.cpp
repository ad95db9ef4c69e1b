// Bounded steps over the dead letters: back into the queue, or away.
#include <map>

#include "spool/store.hpp"

namespace respand::spool {
namespace {

/// The letters of one step: kDeadStep of them, or fewer when they are large; at least one.
struct Selection {
    std::vector<DeadFacts> letters;
    std::uint64_t bytes = 0;
    bool more = false;
};

Result<Selection> select(Store& store, const DeadFilter& filter) {
    auto found = store.dead.facts(store.database, filter, kDeadStep);
    if (!found) return std::unexpected(found.error());
    Selection selection;
    selection.more = found->size() == kDeadStep;
    for (const DeadFacts& letter : *found) {
        if (selection.bytes + letter.bytes > kDeadStepBytes && !selection.letters.empty()) {
            selection.more = true;
            break;
        }
        selection.bytes += letter.bytes;
        selection.letters.push_back(letter);
    }
    return selection;
}

void take_away(const DeadFacts& letter, Tally& tally) {
    tally.lanes[letter.lane].dead -= 1;
    tally.lanes[letter.lane].dead_bytes -= static_cast<std::int64_t>(letter.bytes);
}

Status insert(Store& store, const NewChunk& chunk, Tally& tally) {
    LaneChange& lane = tally.lanes[chunk.lane];
    lane.chunks += 1;
    lane.records += static_cast<std::int64_t>(chunk.records());
    lane.bytes += static_cast<std::int64_t>(chunk.body.size());
    return store.chunks.insert(tally.next_chunk++, chunk, store.ages.now_us());
}

/// Adds a letter to the open chunk of its lane; a chunk that has no room for it is written first.
Status add_to_chunk(Store& store, const DeadLetter& letter, std::map<LaneId, NewChunk>& open, Tally& tally) {
    NewChunk& chunk = open[letter.lane];
    const bool full =
        chunk.records() >= kMaxChunkRecords || chunk.body.size() + 1 + letter.body.size() > kMaxChunkBytes;
    if (chunk.records() > 0 && full) {
        if (auto written = insert(store, chunk, tally); !written) return written;
        chunk = {};
    }
    chunk.lane = letter.lane;
    chunk.created = store.wall.wall();
    if (chunk.records() > 0) chunk.body.push_back(',');
    chunk.body += letter.body;
    chunk.lengths.push_back(static_cast<std::uint32_t>(letter.body.size()));
    chunk.sources.push_back(letter.source);
    return {};
}

Status requeue_all(Store& store, const std::vector<DeadFacts>& letters, Tally& tally) {
    std::map<LaneId, NewChunk> open;
    for (const DeadFacts& facts : letters) {
        const auto letter = store.dead.get(facts.id);
        if (!letter) return std::unexpected(letter.error());
        if (!*letter)
            return fail(ErrorKind::data, store.database.path() + ": dead letter " + std::to_string(facts.id) +
                                             " is in the index and not in the table");
        if (auto added = add_to_chunk(store, **letter, open, tally); !added) return added;
        if (auto gone = store.dead.remove(facts.id); !gone) return gone;
        take_away(facts, tally);
    }
    for (const auto& [lane, chunk] : open)
        if (auto written = insert(store, chunk, tally); !written) return written;
    return {};
}

Result<DeadStep> step_over(Store& store, const DeadFilter& filter,
                           const std::function<Status(const Selection&, Tally&)>& work) {
    const auto selection = select(store, filter);
    if (!selection) return std::unexpected(selection.error());
    if (selection->letters.empty()) return DeadStep{0, filter.after, false};
    if (auto done = store.transact([&](Tally& tally) { return work(*selection, tally); }); !done)
        return std::unexpected(done.error());
    return DeadStep{selection->letters.size(), selection->letters.back().id, selection->more};
}

/// A letter takes no part of the queue's limit that it did not have before; its chunk takes blocks of the
/// disk.
Status take_room(Store& store, const Selection& selection) {
    auto taken = store.take_room(pages_for_requeue(selection.letters.size(), selection.bytes,
                                                   static_cast<std::uint64_t>(store.page_size)));
    if (taken) return taken;
    return std::unexpected(
        std::move(taken.error())
            .within("these dead letters stay where they are until there is room on the disk for them in the "
                    "queue; free some, or let the queue drain, and ask again"));
}

}  // namespace

Result<DeadStep> requeue(Store& store, const DeadFilter& filter, std::string_view by_whom) {
    return step_over(store, filter, [&](const Selection& selection, Tally& tally) -> Status {
        if (auto taken = take_room(store, selection); !taken) return taken;
        tally.ledger.add(account::kRequeued, by_whom, selection.letters.size());
        return requeue_all(store, selection.letters, tally);
    });
}

Result<DeadStep> discard(Store& store, const DeadFilter& filter, std::string_view by_whom) {
    return step_over(store, filter, [&](const Selection& selection, Tally& tally) -> Status {
        tally.ledger.add(account::kDiscarded, by_whom, selection.letters.size());
        tally.ledger.add(account::kPurged, by_whom, selection.letters.size());
        for (const DeadFacts& letter : selection.letters) {
            if (auto gone = store.dead.remove(letter.id); !gone) return gone;
            take_away(letter, tally);
        }
        return {};
    });
}

}  // namespace respand::spool
