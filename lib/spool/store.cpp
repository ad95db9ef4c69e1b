#include "spool/store.hpp"

#include "spool/codec.hpp"
#include "spool/schema.hpp"

namespace respand::spool {

using sqlite::Statement;

namespace {

/// The queue's clock is saved with a commit when it is this far on: so much age is lost in a crash at most.
constexpr std::int64_t kSaveClockEveryUs = 60'000'000;

}  // namespace

Status Store::prepare() {
    if (auto ready = prepare_schema(database); !ready) return ready;
    if (auto ready = chunks.prepare(database); !ready) return ready;
    if (auto ready = progress.prepare(database); !ready) return ready;
    if (auto ready = dead.prepare(database); !ready) return ready;
    if (auto ready = coverage.prepare(database); !ready) return ready;
    if (auto ready = seen.prepare(database); !ready) return ready;
    auto ready = database.prepare_all({
        {&add_ledger_,
         "INSERT INTO ledger(account,reason,amount) VALUES(?,?,?) ON CONFLICT(account,reason) DO UPDATE SET "
         "amount=amount+excluded.amount"},
        {&save_clock_,
         "INSERT INTO clock(id,age_us,wall_us) VALUES(1,?,?) ON CONFLICT(id) DO UPDATE SET "
         "age_us=excluded.age_us,wall_us=excluded.wall_us"},
        {&page_count_, "PRAGMA page_count"},
    });
    if (!ready) return ready;
    return load();
}

Status Store::load() {
    const auto size = database.value("PRAGMA page_size");
    if (!size) return std::unexpected(size.error());
    page_size = *size;
    if (auto loaded = lanes.load(database); !loaded) return loaded;
    if (auto loaded = chunks.load(database, totals, next_chunk); !loaded) return loaded;
    if (auto loaded = progress.load(database, chunks, totals); !loaded) return loaded;
    if (auto loaded = dead.load(database, totals); !loaded) return loaded;
    if (auto ready = sources.prepare(database, totals.live); !ready) return ready;
    if (auto loaded = load_clock(); !loaded) return loaded;
    auto rows = database.prepare("SELECT account,reason,amount FROM ledger");
    if (!rows) return std::unexpected(rows.error());
    return rows->each([&](const Statement& row) {
        totals.ledger.add(row.column_bytes(0), row.column_bytes(1), column_count(row.column_int64(2)));
    });
}

Status Store::load_clock() {
    std::int64_t age_us = 0;
    WallTime saved{};
    auto rows = database.prepare("SELECT age_us,wall_us FROM clock");
    if (!rows) return std::unexpected(rows.error());
    auto read = rows->each([&](const Statement& row) {
        age_us = row.column_int64(0);
        saved = wall_time(row.column_int64(1));
    });
    if (!read) return read;
    ages = AgeClock(wall, age_us, saved);
    return {};
}

Status Store::write_ledger(const Ledger& delta) {
    for (const auto& [key, amount] : delta.amounts()) {
        add_ledger_.bind_text(1, key.first)
            .bind_text(2, key.second)
            .bind(3, static_cast<std::int64_t>(amount));
        if (auto added = add_ledger_.run(); !added) return added;
    }
    return {};
}

Status Store::write_clock() {
    if (clock_written_ && ages.now_us() - clock_saved_us_ < kSaveClockEveryUs) return {};
    clock_saved_us_ = ages.now_us();
    clock_written_ = true;
    return save_clock_.bind(1, clock_saved_us_).bind(2, micros(wall.wall())).run();
}

Status Store::take_room(PagesNeeded more) {
    const auto row = page_count_.step();
    const std::int64_t pages = row && *row ? page_count_.column_int64(0) : 0;
    page_count_.reset();
    if (!row) return std::unexpected(row.error());
    return room.admit(more, page_size, database.wal_pages(), pages);
}

Status Store::transact(const std::function<Status(Tally&)>& work) {
    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) return std::unexpected(transaction.error());
    Tally tally;
    tally.next_chunk = next_chunk;
    Status done = work(tally);
    if (done) done = write_ledger(tally.ledger);
    if (done) done = write_clock();
    if (done) done = transaction->commit();
    if (!done) {
        progress.rolled_back();
        clock_written_ = false;
        return done;
    }
    progress.committed();
    next_chunk = tally.next_chunk;
    totals.ledger.add(tally.ledger);
    add_up(tally.lanes, totals);
    seen.committed(tally.seen);
    return {};
}

}  // namespace respand::spool
