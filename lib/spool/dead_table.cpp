#include "spool/dead_table.hpp"

#include "spool/checksum.hpp"
#include "spool/codec.hpp"

namespace respand::spool {

using sqlite::Statement;

namespace {

constexpr std::string_view kFacts =
    "id,lane,created_us,first_tried_us,parked_us,cause,status,answer,attempts,model,record_id,source,bytes";

DeadLetter letter_from(const Statement& row) {
    DeadLetter letter;
    letter.id = row.column_int64(0);
    letter.lane = row.column_int64(1);
    letter.created = wall_time(row.column_int64(2));
    letter.first_tried = wall_time(row.column_int64(3));
    letter.parked = wall_time(row.column_int64(4));
    letter.cause = row.column_text(5);
    letter.status = static_cast<int>(row.column_int64(6));
    letter.answer = row.column_text(7);
    letter.attempts = static_cast<std::uint32_t>(row.column_int64(8));
    letter.model = row.column_text(9);
    letter.record_id = row.column_text(10);
    letter.source = static_cast<SourceId>(row.column_int64(11));
    letter.bytes = column_count(row.column_int64(12));
    return letter;
}

/// A WHERE clause whose numbers stand in it and whose texts are bound by bind_texts().
std::string where(const DeadFilter& filter) {
    std::string sql =
        " WHERE id>" + std::to_string(filter.after) + " AND id<=" + std::to_string(filter.up_to);
    if (!filter.ids.empty()) {
        sql += " AND id IN (";
        for (const DeadLetterId id : filter.ids) sql += std::to_string(id) + ",";
        sql.back() = ')';
    }
    if (filter.lane) sql += " AND lane=" + std::to_string(*filter.lane);
    if (filter.parked_from) sql += " AND parked_us>=" + std::to_string(micros(*filter.parked_from));
    if (filter.parked_before) sql += " AND parked_us<" + std::to_string(micros(*filter.parked_before));
    if (filter.cause) sql += " AND cause=?1";
    if (filter.model) sql += " AND model=?2";
    return sql;
}

void bind_texts(Statement& statement, const DeadFilter& filter) {
    if (filter.cause) statement.bind_text(1, *filter.cause);
    if (filter.model) statement.bind_text(2, *filter.model);
}

}  // namespace

Status DeadTable::prepare(sqlite::Connection& database) {
    path_ = database.path();
    return database.prepare_all({
        {&insert_,
         "INSERT INTO "
         "dead_letter(lane,created_us,first_tried_us,parked_us,cause,status,answer,attempts,model,"
         "record_id,source,bytes,checksum,body) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
        {&remove_, "DELETE FROM dead_letter WHERE id=?"},
        {&set_lane_, "UPDATE dead_letter SET lane=?2 WHERE id=?1"},
        {&get_, "SELECT " + std::string(kFacts) + ",checksum,body FROM dead_letter WHERE id=?"},
        {&last_, "SELECT coalesce(max(id),0) FROM dead_letter"},
    });
}

Status DeadTable::load(sqlite::Connection& database, Totals& totals) {
    auto sums = database.prepare(
        "SELECT lane,count(*),sum(bytes) FROM dead_letter INDEXED BY dead_letter_facts GROUP BY lane");
    if (!sums) return std::unexpected(sums.error());
    std::map<LaneId, LaneChange> lanes;
    auto summed = sums->each([&](const Statement& row) {
        LaneChange& lane = lanes[row.column_int64(0)];
        lane.dead = row.column_int64(1);
        lane.dead_bytes = row.column_int64(2);
    });
    add_up(lanes, totals);
    return summed;
}

Status DeadTable::insert(const Parked& parked, WallTime now) {
    const std::string by_status = "http_" + std::to_string(parked.status);
    return insert_.bind(1, parked.lane)
        .bind(2, micros(parked.created))
        .bind(3, micros(parked.first_tried))
        .bind(4, micros(parked.parked == WallTime{} ? now : parked.parked))
        .bind_text(5, parked.cause.empty() ? std::string_view(by_status) : parked.cause)
        .bind(6, parked.status)
        .bind_text(7, cut(parked.answer, kMaxAnswer))
        .bind(8, parked.attempts)
        .bind_text(9, cut(parked.model, kMaxModelName))
        .bind_text(10, cut(parked.record_id, kMaxRecordId))
        .bind(11, parked.source)
        .bind(12, static_cast<std::int64_t>(parked.body.size()))
        .bind(13, checksum(parked.body))
        .bind_blob(14, parked.body)
        .run();
}

Status DeadTable::remove(DeadLetterId id) { return remove_.bind(1, id).run(); }

Status DeadTable::set_lane(DeadLetterId id, LaneId lane) { return set_lane_.bind(1, id).bind(2, lane).run(); }

Result<std::optional<DeadLetter>> DeadTable::get(DeadLetterId id) {
    std::optional<DeadLetter> letter;
    bool damaged = false;
    auto read = get_.bind(1, id).each([&](const Statement& row) {
        letter = letter_from(row);
        letter->body = row.column_text(14);
        const std::int64_t noted = row.column_int64(13);
        damaged = noted != 0 && noted != checksum(letter->body);
    });
    if (!read) return std::unexpected(read.error());
    if (damaged)
        return fail(ErrorKind::data,
                    path_ + ": dead letter " + std::to_string(id) + " is damaged: its checksum does not fit");
    return letter;
}

Result<DeadLetterId> DeadTable::last() {
    DeadLetterId id = 0;
    if (auto read = last_.each([&](const Statement& row) { id = row.column_int64(0); }); !read)
        return std::unexpected(read.error());
    return id;
}

Result<std::vector<DeadLetter>> DeadTable::list(sqlite::Connection& database, const DeadFilter& filter,
                                                std::size_t limit, DeadOrder order) {
    const std::string by = order == DeadOrder::newest_first ? " ORDER BY id DESC" : " ORDER BY id";
    auto rows =
        database.prepare("SELECT " + std::string(kFacts) + " FROM dead_letter WHERE id IN (SELECT id FROM " +
                         "dead_letter INDEXED BY dead_letter_facts" + where(filter) + by + " LIMIT " +
                         std::to_string(limit) + ")" + by);
    if (!rows) return std::unexpected(rows.error());
    bind_texts(*rows, filter);
    std::vector<DeadLetter> letters;
    if (auto read = rows->each([&](const Statement& row) { letters.push_back(letter_from(row)); }); !read)
        return std::unexpected(read.error());
    return letters;
}

Result<std::vector<DeadFacts>> DeadTable::facts(sqlite::Connection& database, const DeadFilter& filter,
                                                std::size_t limit) {
    auto rows = database.prepare("SELECT id,lane,bytes FROM dead_letter INDEXED BY dead_letter_facts" +
                                 where(filter) + " ORDER BY id LIMIT " + std::to_string(limit));
    if (!rows) return std::unexpected(rows.error());
    bind_texts(*rows, filter);
    std::vector<DeadFacts> letters;
    auto read = rows->each([&](const Statement& row) {
        letters.push_back({row.column_int64(0), row.column_int64(1), column_count(row.column_int64(2))});
    });
    if (!read) return std::unexpected(read.error());
    return letters;
}

}  // namespace respand::spool
