// Reading a file that can't be trusted. Inside this room only.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "spool/store.hpp"

namespace respand::spool {

/// Copies from a damaged database into a fresh store, skipping what can't be read or is not what was written.
/// What is damaged is counted; no room and a failing disk, on either side, are errors.
class Salvage {
  public:
    /// `lanes`: the names that are known without the file.
    Salvage(sqlite::Connection& from, Store& to, std::map<LaneId, std::string> lanes)
        : from_(from), to_(to), lanes_(std::move(lanes)) {}

    /// Chunks with their progress, dead letters, and the small tables. The ledger is left to the caller.
    Status run();

    /// Pending records that were copied.
    std::uint64_t records() const { return records_; }
    std::uint64_t dead_letters() const { return dead_letters_; }
    /// Chunks and dead letters that were found and are not what was written.
    std::uint64_t unreadable() const { return unreadable_; }
    /// The books of the damaged file; nothing when they can't be read whole.
    Result<std::optional<Ledger>> ledger();

  private:
    using Take = std::function<Status(const sqlite::Statement&)>;

    /// Calls `take` with each row in order of id, around what can't be read. The first column is the id.
    Status each_row(const std::string& table, const std::string& columns, const Take& take);
    Status take_chunk(const sqlite::Statement& row);
    Status take_dead(const sqlite::Statement& row);
    /// Of a table without which the spool can live: as far as it can be read.
    Status copy_table(const std::string& table, const std::string& columns, int count);
    Status load_progress();
    /// The lanes of the file, and those that are known without it.
    Status load_lanes();
    /// Sees to it that the lane has a name.
    Status have_lane(LaneId id);
    Status copied(std::size_t bytes);
    bool is_object(std::string_view text);
    bool all_objects(const Chunk& chunk);
    Result<bool> has_column(const std::string& table, const std::string& column);

    sqlite::Connection& from_;
    Store& to_;
    std::map<LaneId, std::string> lanes_;
    sqlite::Statement insert_dead_, insert_progress_, is_object_;
    std::unordered_map<ChunkId, Marks> progress_;
    std::uint64_t records_ = 0, dead_letters_ = 0, unreadable_ = 0;
    std::size_t uncommitted_ = 0;
};

}  // namespace respand::spool
