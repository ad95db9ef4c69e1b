#include "spool/coverage_table.hpp"

#include <optional>

#include "spool/codec.hpp"

namespace respand::spool {

using sqlite::Statement;

Status CoverageTable::prepare(sqlite::Connection& database) {
    return database.prepare_all({
        {&add_,
         "INSERT INTO model_day(day,model,outcome,records) VALUES(?,?,?,?) ON CONFLICT(day,model,outcome) DO "
         "UPDATE SET records=records+excluded.records"},
        {&since_, "SELECT day,model,outcome,records FROM model_day WHERE day>=? ORDER BY day,model,outcome"},
        {&models_, "SELECT DISTINCT model FROM model_day WHERE day=?"},
        {&oldest_kept_, "SELECT DISTINCT day FROM model_day WHERE day<>? ORDER BY day DESC LIMIT 1 OFFSET ?"},
        {&expire_, "DELETE FROM model_day WHERE day<?1 AND day<>?2"},
    });
}

/// Deletes days until there are kCoverageDays with this one.
Status CoverageTable::make_room(std::int64_t day) {
    std::optional<std::int64_t> oldest;
    // Of the others kCoverageDays - 1 stay; offsets count from 0.
    auto read = oldest_kept_.bind(1, day).bind(2, kCoverageDays - 2).each([&](const Statement& row) {
        oldest = row.column_int64(0);
    });
    if (!read || !oldest) return read;
    return expire_.bind(1, *oldest).bind(2, day).run();
}

/// Reads which models the day has already; a day that has none is new, and the oldest make room.
Status CoverageTable::begin_day(std::int64_t day) {
    day_ = -1;
    models_of_day_.clear();
    auto read =
        models_.bind(1, day).each([&](const Statement& row) { models_of_day_.insert(row.column_text(0)); });
    if (!read) return read;
    if (models_of_day_.empty())
        if (auto gone = make_room(day); !gone) return gone;
    day_ = day;
    return {};
}

Status CoverageTable::add(std::span<const Coverage> deltas) {
    for (const Coverage& delta : deltas) {
        if (delta.records == 0) continue;
        if (delta.day != day_)
            if (auto begun = begin_day(delta.day); !begun) return begun;
        std::string_view model = cut(delta.model, kMaxModelName);
        if (!models_of_day_.contains(std::string(model))) {
            if (models_of_day_.size() < kModelsPerDay)
                models_of_day_.emplace(model);
            else
                model = kOtherModels;
        }
        add_.bind(1, delta.day)
            .bind_text(2, model)
            .bind_text(3, delta.outcome)
            .bind(4, static_cast<std::int64_t>(delta.records));
        if (auto added = add_.run(); !added) return added;
    }
    return {};
}

Result<std::vector<Coverage>> CoverageTable::since(std::int64_t day) {
    std::vector<Coverage> rows;
    auto read = since_.bind(1, day).each([&](const Statement& row) {
        rows.push_back(
            {row.column_int64(0), row.column_text(1), row.column_text(2), column_count(row.column_int64(3))});
    });
    if (!read) return std::unexpected(read.error());
    return rows;
}

}  // namespace respand::spool
