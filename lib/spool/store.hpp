// An open spool: the file, its tables, and the figures kept in memory beside them. Inside this room only.
#pragma once
#include <functional>
#include <memory>

#include "spool/age_clock.hpp"
#include "spool/chunk_table.hpp"
#include "spool/coverage_table.hpp"
#include "spool/dead_table.hpp"
#include "spool/lane_table.hpp"
#include "spool/progress.hpp"
#include "spool/room.hpp"
#include "spool/seen_table.hpp"
#include "spool/source_table.hpp"
#include "spool/spool.hpp"
#include "spool/tally.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

struct Store {
    Store(sqlite::Connection connection, const Clock& clock)
        : room(connection.path()), database(std::move(connection)), ages(clock, 0, {}), wall(clock) {}

    /// Checks or makes the tables and loads what is kept in memory.
    Status prepare();

    /// Runs `work` in one transaction, with the ledger that comes of it; what is in memory follows when it is
    /// committed, and only then.
    Status transact(const std::function<Status(Tally&)>& work);

    /// Takes the room for what is appended before a byte of it is written.
    Status take_room(PagesNeeded more);

    Room room;  // let go after the database is closed
    sqlite::Connection database;
    ChunkTable chunks;
    Progress progress;
    DeadTable dead;
    LaneTable lanes;
    SourceTable sources;
    CoverageTable coverage;
    SeenTable seen;
    AgeClock ages;
    const Clock& wall;
    Totals totals;
    ChunkId next_chunk = 1;
    std::int64_t page_size = 0;

  private:
    Status load();
    Status load_clock();
    Status write_ledger(const Ledger& delta);
    Status write_clock();

    sqlite::Statement add_ledger_, save_clock_, page_count_;
    std::int64_t clock_saved_us_ = 0;
    bool clock_written_ = false;
};

/// The parts of Spool's operations.
Status commit(Store& store, const Changes& changes);
Result<QueueStep> move(Store& store, LaneId from, LaneId to, const ChunkSet& held);
Result<QueueStep> drop_oldest(Store& store, std::uint64_t records, std::uint64_t bytes, const ChunkSet& held);
Result<QueueStep> expire(Store& store, std::chrono::microseconds max_age, const ChunkSet& held);
Result<DeadStep> requeue(Store& store, const DeadFilter& filter, std::string_view by_whom);
Result<DeadStep> discard(Store& store, const DeadFilter& filter, std::string_view by_whom);

}  // namespace respand::spool
