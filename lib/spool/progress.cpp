#include "spool/progress.hpp"

#include <algorithm>

namespace respand::spool {

using sqlite::Statement;

namespace {
std::uint64_t count_settled(const Marks& marks) {
    return static_cast<std::uint64_t>(
        std::count_if(marks.begin(), marks.end(), [](char mark) { return mark != '\0'; }));
}
}  // namespace

Status Progress::prepare(sqlite::Connection& database) {
    return database.prepare_all({
        {&save_,
         "INSERT INTO progress(chunk,settled) VALUES(?,?) ON CONFLICT(chunk) DO UPDATE SET "
         "settled=excluded.settled"},
        {&remove_, "DELETE FROM progress WHERE chunk=?"},
    });
}

Status Progress::load(sqlite::Connection& database, ChunkTable& chunks, Totals& totals) {
    auto rows = database.prepare("SELECT chunk,settled FROM progress");
    if (!rows) return std::unexpected(rows.error());
    auto read =
        rows->each([&](const Statement& row) { partial_[row.column_int64(0)] = Marks(row.column_bytes(1)); });
    if (!read) return read;
    std::map<LaneId, LaneChange> lanes;
    for (auto& [id, marks] : partial_) {
        const auto chunk = chunks.facts(id);
        if (!chunk) return std::unexpected(chunk.error());
        if (*chunk) lanes[(*chunk)->lane].records -= static_cast<std::int64_t>(count_settled(marks));
    }
    add_up(lanes, totals);
    return {};
}

const Marks* Progress::find(ChunkId chunk) const {
    const auto found = partial_.find(chunk);
    return found == partial_.end() ? nullptr : &found->second;
}

std::uint64_t Progress::settled(ChunkId chunk) const {
    const Marks* marks = find(chunk);
    return marks != nullptr ? count_settled(*marks) : 0;
}

Result<std::uint64_t> Progress::mark(ChunkTable& chunks, ChunkId chunk, std::uint32_t first,
                                     std::uint32_t count) {
    auto found = staged_.find(chunk);
    if (found == staged_.end()) {
        const auto facts = chunks.facts(chunk);
        if (!facts) return std::unexpected(facts.error());
        Staged staged{facts->value_or(ChunkFacts{.id = chunk}), {}, 0};
        const Marks* before = find(chunk);
        if (before != nullptr && *facts) staged.marks = *before;
        staged.marks.resize(staged.chunk.records, '\0');
        found = staged_.emplace(chunk, std::move(staged)).first;
    }
    Staged& staged = found->second;
    std::uint64_t fresh = 0;
    const std::size_t end = std::min<std::size_t>(std::size_t{first} + count, staged.marks.size());
    for (std::size_t i = first; i < end; ++i)
        if (std::exchange(staged.marks[i], '\1') == '\0') ++fresh;
    staged.fresh += fresh;
    return fresh;
}

Status Progress::write(ChunkTable& chunks, Tally& tally) {
    for (const auto& [id, staged] : staged_) {
        if (staged.chunk.records == 0) continue;
        LaneChange& lane = tally.lanes[staged.chunk.lane];
        lane.records -= static_cast<std::int64_t>(staged.fresh);
        if (staged.marks.find('\0') != Marks::npos) {
            if (auto saved = save_.bind(1, id).bind_blob(2, staged.marks).run(); !saved) return saved;
            continue;
        }
        lane.chunks -= 1;
        lane.bytes -= static_cast<std::int64_t>(staged.chunk.bytes);
        if (auto gone = chunks.remove(id); !gone) return gone;
        if (auto gone = forget(id); !gone) return gone;
    }
    return {};
}

Status Progress::forget(ChunkId chunk) {
    if (!partial_.contains(chunk)) return {};
    forgotten_.push_back(chunk);
    return remove_.bind(1, chunk).run();
}

void Progress::committed() {
    for (auto& [id, staged] : staged_)
        if (staged.chunk.records != 0 && staged.marks.find('\0') != Marks::npos)
            partial_[id] = std::move(staged.marks);
    for (const ChunkId id : forgotten_) partial_.erase(id);
    rolled_back();
}

void Progress::rolled_back() {
    staged_.clear();
    forgotten_.clear();
}

}  // namespace respand::spool
