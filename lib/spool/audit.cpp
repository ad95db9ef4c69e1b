#include "spool/audit.hpp"

#include <algorithm>
#include <map>

#include "spool/chunk.hpp"
#include "spool/closed_file.hpp"

namespace respand::spool {

using sqlite::Connection;
using sqlite::Statement;

namespace {

/// Structural faults: a query that counts rows which must not be there, and the sentence for it.
struct Check {
    std::int64_t since;  ///< the schema that has these columns
    const char* sql;
    const char* sentence;
};
constexpr Check kChecks[] = {
    {1, "SELECT count(*) FROM chunk NOT INDEXED WHERE records*4<>length(lengths) OR records<1",
     "chunks whose list of lengths does not fit their number of records"},
    {2, "SELECT count(*) FROM chunk WHERE length(sources) NOT IN (0,length(lengths))",
     "chunks whose list of sources does not fit their number of records"},
    {1, "SELECT count(*) FROM chunk WHERE bytes<>length(body)", "chunks whose body is not as long as noted"},
    {2,
     "SELECT abs((SELECT count(*) FROM chunk NOT INDEXED)-"
     "(SELECT count(*) FROM chunk INDEXED BY chunk_by_lane))",
     "chunks more or fewer in the table than in its index"},
    {2,
     "SELECT abs((SELECT coalesce(sum(records),0) FROM chunk NOT INDEXED)-"
     "(SELECT coalesce(sum(records),0) FROM chunk INDEXED BY chunk_by_lane))",
     "records more or fewer in the table of chunks than in its index"},
    {1, "SELECT count(*) FROM progress WHERE chunk NOT IN (SELECT id FROM chunk)",
     "notes of progress without a chunk"},
    {1, "SELECT count(*) FROM progress JOIN chunk ON chunk.id=progress.chunk WHERE length(settled)<>records",
     "notes of progress that do not fit their chunk"},
    {2, "SELECT count(*) FROM dead_letter WHERE bytes<>length(body)",
     "dead letters whose body is not as long as noted"},
    {1, "SELECT count(*) FROM ledger WHERE amount<0", "lines of the ledger below zero"},
};

/// Rows of one snapshot, by lane.
class RowCount {
  public:
    explicit RowCount(Connection& database) : database_(database) {}

    Status read(std::int64_t schema) {
        if (schema > 1)
            if (auto named = name_lanes(); !named) return named;
        if (auto counted = count_pending(); !counted) return counted;
        return count_dead();
    }

    std::vector<LaneRows> lanes() const {
        std::vector<LaneRows> found;
        for (const auto& [id, lane] : lanes_) {
            if (lane.chunks == 0 && lane.dead == 0) continue;
            found.push_back(lane);
            if (lane.lane.empty()) found.back().lane = "number " + std::to_string(id);
        }
        return found;
    }

  private:
    Status name_lanes() {
        auto rows = database_.prepare("SELECT id,name FROM lane");
        if (!rows) return std::unexpected(rows.error());
        return rows->each(
            [&](const Statement& row) { lanes_[row.column_int64(0)].lane = row.column_text(1); });
    }

    /// Each chunk's records, as many as it has lengths of, less those that its progress marks.
    Status count_pending() {
        auto rows = database_.prepare(
            "SELECT c.lane,length(c.lengths)/4,p.settled FROM chunk c NOT INDEXED "
            "LEFT JOIN progress p ON p.chunk=c.id");
        if (!rows) return std::unexpected(rows.error());
        return rows->each([&](const Statement& row) {
            const auto records = static_cast<std::size_t>(row.column_int64(1));
            const std::string_view marks = row.column_bytes(2).substr(0, records);
            const auto settled = std::count_if(marks.begin(), marks.end(), [](char m) { return m != '\0'; });
            LaneRows& lane = lanes_[row.column_int64(0)];
            lane.chunks += 1;
            lane.pending += records - static_cast<std::size_t>(settled);
        });
    }

    Status count_dead() {
        auto rows = database_.prepare("SELECT lane FROM dead_letter NOT INDEXED");
        if (!rows) return std::unexpected(rows.error());
        return rows->each([&](const Statement& row) { lanes_[row.column_int64(0)].dead += 1; });
    }

    Connection& database_;
    std::map<LaneId, LaneRows> lanes_{{kDefaultLane, {.lane = "default"}}};
};

Result<Ledger> read_ledger(Connection& database) {
    auto rows = database.prepare("SELECT account,reason,amount FROM ledger");
    if (!rows) return std::unexpected(rows.error());
    Ledger ledger;
    auto read = rows->each([&](const Statement& row) {
        ledger.add(row.column_bytes(0), row.column_bytes(1), static_cast<std::uint64_t>(row.column_int64(2)));
    });
    if (!read) return std::unexpected(read.error());
    return ledger;
}

Result<Audit> audit_snapshot(Connection& database) {
    const auto schema = database.value("PRAGMA user_version");
    if (!schema) return std::unexpected(schema.error());
    auto ledger = read_ledger(database);
    if (!ledger) return std::unexpected(ledger.error());
    RowCount rows(database);
    if (auto counted = rows.read(*schema); !counted) return std::unexpected(counted.error());
    Audit audit;
    audit.ledger = std::move(*ledger);
    audit.lanes = rows.lanes();
    for (const LaneRows& lane : audit.lanes) {
        audit.pending_rows += lane.pending;
        audit.dead_rows += lane.dead;
    }
    audit.faults = faults_of(balance(audit.ledger, audit.lanes));
    for (const Check& check : kChecks) {
        if (*schema < check.since) continue;
        const auto count = database.value(check.sql);
        if (!count) return std::unexpected(count.error());
        if (*count != 0) audit.faults.push_back(std::to_string(*count) + " " + check.sentence);
    }
    return audit;
}

}  // namespace

Result<Audit> audit(Connection& database) {
    if (auto begun = database.exec("BEGIN"); !begun) return std::unexpected(begun.error());
    auto result = audit_snapshot(database);
    if (auto ended = database.exec("COMMIT"); !ended && result) return std::unexpected(ended.error());
    return result;
}

Result<Audit> audit_file(const std::string& path) {
    auto file = ClosedFile::open(path);
    if (!file) return std::unexpected(file.error());
    const auto schema = file->schema();
    if (!schema) return std::unexpected(schema.error());
    auto result = audit(file->database());
    if (result && !file->log_fault().empty()) result->faults.push_back(file->log_fault());
    return result;
}

}  // namespace respand::spool
