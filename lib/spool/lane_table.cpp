#include "spool/lane_table.hpp"

namespace respand::spool {

Status LaneTable::load(sqlite::Connection& database) {
    auto rows = database.prepare("SELECT id,name FROM lane");
    if (!rows) return std::unexpected(rows.error());
    return rows->each(
        [&](const sqlite::Statement& row) { names_[row.column_int64(0)] = row.column_text(1); });
}

Status LaneTable::write(sqlite::Connection& database, LaneId id, std::string_view name) {
    auto insert = database.prepare("INSERT INTO lane(id,name) VALUES(?,?)");
    if (!insert) return std::unexpected(insert.error());
    if (auto added = insert->bind(1, id).bind_text(2, name).run(); !added) return added;
    names_.emplace(id, name);
    return {};
}

Status LaneTable::keep(sqlite::Connection& database, LaneId id, std::string name) {
    if (names_.contains(id)) return {};
    for (const auto& [other, known] : names_)
        if (known == name) name += "-" + std::to_string(id);
    return write(database, id, name);
}

Result<LaneId> LaneTable::add(sqlite::Connection& database, std::string_view name) {
    for (const auto& [id, known] : names_)
        if (known == name) return id;
    if (name.empty() || name.size() > kMaxLaneName)
        return fail(ErrorKind::config, "a lane's name has 1 to " + std::to_string(kMaxLaneName) +
                                           " bytes, this one has " + std::to_string(name.size()));
    LaneId id = kDefaultLane;
    while (names_.contains(id)) ++id;
    if (auto added = write(database, id, name); !added) return std::unexpected(added.error());
    return id;
}

}  // namespace respand::spool
