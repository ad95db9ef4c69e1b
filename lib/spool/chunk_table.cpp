#include "spool/chunk_table.hpp"

#include <algorithm>

#include "spool/checksum.hpp"
#include "spool/codec.hpp"

namespace respand::spool {

using sqlite::Statement;

Status ChunkTable::prepare(sqlite::Connection& database) {
    path_ = database.path();
    return database.prepare_all({
        {&insert_,
         "INSERT INTO chunk(id,lane,created_us,records,bytes,lengths,body,age_us,checksum,sources) "
         "VALUES(?,?,?,?,?,?,?,?,?,?)"},
        {&remove_, "DELETE FROM chunk WHERE id=?"},
        {&set_lane_, "UPDATE chunk SET lane=?2 WHERE id=?1"},
        // The primary key is the way to one row, the index to many: the planner is told, not asked.
        {&facts_, "SELECT id,lane,0,records,bytes FROM chunk WHERE id=?"},
        {&list_, "SELECT id,lane,age_us,records,bytes FROM chunk NOT INDEXED WHERE id>? ORDER BY id LIMIT ?"},
        {&list_lane_,
         "SELECT id,lane,age_us,records,bytes FROM chunk INDEXED BY chunk_by_lane WHERE id>? AND lane=?3 "
         "ORDER BY id LIMIT ?2"},
        {&read_,
         "SELECT id,created_us,bytes,lengths,body,sources,checksum FROM chunk INDEXED BY chunk_by_lane "
         "WHERE lane=? AND id>? ORDER BY id"},
        {&oldest_, "SELECT created_us FROM chunk INDEXED BY chunk_by_lane WHERE lane=? ORDER BY id LIMIT 1"},
    });
}

Status ChunkTable::load(sqlite::Connection& database, Totals& totals, ChunkId& next) {
    auto sums = database.prepare(
        "SELECT lane,count(*),sum(records),sum(bytes),max(id) FROM chunk INDEXED BY chunk_by_lane "
        "GROUP BY lane");
    if (!sums) return std::unexpected(sums.error());
    std::map<LaneId, LaneChange> lanes;
    auto summed = sums->each([&](const Statement& row) {
        LaneChange& lane = lanes[row.column_int64(0)];
        lane.chunks = row.column_int64(1);
        lane.records = row.column_int64(2);
        lane.bytes = row.column_int64(3);
        next = std::max(next, row.column_int64(4) + 1);
    });
    add_up(lanes, totals);
    return summed;
}

Status ChunkTable::insert(ChunkId id, const NewChunk& chunk, std::int64_t age_us) {
    const std::string_view lengths = bytes_of(chunk.lengths), sources = bytes_of(chunk.sources);
    return insert_.bind(1, id)
        .bind(2, chunk.lane)
        .bind(3, micros(chunk.created))
        .bind(4, static_cast<std::int64_t>(chunk.records()))
        .bind(5, static_cast<std::int64_t>(chunk.body.size()))
        .bind_blob(6, lengths)
        .bind_blob(7, chunk.body)
        .bind(8, age_us)
        .bind(9, chunk_checksum(chunk.created, lengths, sources, chunk.body))
        .bind_blob(10, sources)
        .run();
}

Status ChunkTable::remove(ChunkId id) { return remove_.bind(1, id).run(); }

Status ChunkTable::set_lane(ChunkId id, LaneId lane) { return set_lane_.bind(1, id).bind(2, lane).run(); }

namespace {

ChunkFacts facts_from(const Statement& row) {
    return {row.column_int64(0), row.column_int64(1), row.column_int64(2), column_count(row.column_int64(3)),
            column_count(row.column_int64(4))};
}

}  // namespace

Result<std::optional<ChunkFacts>> ChunkTable::facts(ChunkId id) {
    std::optional<ChunkFacts> found;
    if (auto read = facts_.bind(1, id).each([&](const Statement& row) { found = facts_from(row); }); !read)
        return std::unexpected(read.error());
    return found;
}

Result<std::vector<ChunkFacts>> ChunkTable::list(std::optional<LaneId> lane, ChunkId after,
                                                 std::size_t limit) {
    Statement& rows = lane ? list_lane_ : list_;
    rows.bind(1, after).bind(2, static_cast<std::int64_t>(limit));
    if (lane) rows.bind(3, *lane);
    std::vector<ChunkFacts> chunks;
    if (auto read = rows.each([&](const Statement& row) { chunks.push_back(facts_from(row)); }); !read)
        return std::unexpected(read.error());
    return chunks;
}

const char* chunk_fault(const Chunk& chunk, std::int64_t noted) {
    if (!chunk.sources.empty() && chunk.sources.size() != chunk.records())
        return "its list of sources does not fit its records";
    std::size_t size = chunk.records() > 0 ? chunk.records() - 1 : 0;
    for (const std::uint32_t length : chunk.lengths) size += length;
    if (chunk.lengths.empty() || size != chunk.body.size())
        return "its list of lengths does not fit its body";
    if (noted != 0 &&
        noted != chunk_checksum(chunk.created, bytes_of(chunk.lengths), bytes_of(chunk.sources), chunk.body))
        return "its checksum does not fit";
    return nullptr;
}

Result<std::vector<Chunk>> ChunkTable::read(LaneId lane, ChunkId after, std::size_t max_records,
                                            std::size_t max_bytes) {
    std::vector<Chunk> chunks;
    std::size_t records = 0, bytes = 0;
    read_.bind(1, lane).bind(2, after);
    while (records < max_records && bytes < max_bytes) {
        const auto row = read_.step();
        if (!row && chunks.empty()) return std::unexpected(row.error());
        if (!row || !*row) break;  // what was read before a fault is good; the fault comes again
        Chunk chunk;
        chunk.id = read_.column_int64(0);
        chunk.lane = lane;
        chunk.lengths = numbers_from(read_.column_bytes(3));
        const auto size = static_cast<std::size_t>(read_.column_int64(2));
        if (!chunks.empty() && (records + chunk.records() > max_records || bytes + size > max_bytes)) break;
        chunk.created = wall_time(read_.column_int64(1));
        chunk.body = read_.column_bytes(4);
        chunk.sources = numbers_from(read_.column_bytes(5));
        if (const char* fault = chunk_fault(chunk, read_.column_int64(6))) {
            read_.reset();
            if (!chunks.empty()) return chunks;
            return fail(ErrorKind::data,
                        path_ + ": chunk " + std::to_string(chunk.id) + " is damaged: " + fault);
        }
        records += chunk.records();
        bytes += size;
        chunks.push_back(std::move(chunk));
    }
    read_.reset();
    return chunks;
}

WallTime ChunkTable::oldest(LaneId lane) {
    WallTime found{};
    // A fault shows up where it matters, in read(); for a figure of status it is not worth more.
    (void)oldest_.bind(1, lane).each([&](const Statement& row) { found = wall_time(row.column_int64(0)); });
    return found;
}

}  // namespace respand::spool
