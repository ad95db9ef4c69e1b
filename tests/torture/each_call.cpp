#include "each_call.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "base/log.hpp"
#include "failing_calls.hpp"
#include "spool/spool.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

using spool::Chunk;
using spool::Spool;
using test::DiskFault;
using test::FaultDisk;
namespace account = spool::account;

constexpr std::size_t kEverything = std::size_t{1} << 30;
constexpr std::chrono::hours kDay{24};

// ---- what is in the file ----

/// Every row of every table, in the words of SQLite.
std::string dump(const std::string& path) {
    sqlite3* database = nullptr;
    std::string text;
    const auto query = [&](const std::string& sql, const std::function<void(const std::string&)>& row) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
            return text.append(sqlite3_errmsg(database)).append("\n"), void();
        while (sqlite3_step(statement) == SQLITE_ROW)
            row(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
        sqlite3_finalize(statement);
    };
    sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
    query("PRAGMA integrity_check", [&](const std::string& row) { text += "integrity " + row + "\n"; });
    std::vector<std::string> tables;
    query("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
          [&](const std::string& row) { tables.push_back(row); });
    for (const std::string& table : tables) {
        std::string columns;
        query("SELECT name FROM pragma_table_info('" + table + "')", [&](const std::string& column) {
            columns += (columns.empty() ? "quote(" : "||','||quote(") + column + ")";
        });
        query("SELECT " + columns + " FROM " + table + " ORDER BY 1",
              [&](const std::string& row) { text += table + " " + row + "\n"; });
    }
    sqlite3_close(database);
    return text;
}

/// Where two dumps differ: the beginning of that line, and what follows.
std::string difference(const std::string& expected, const std::string& found) {
    const auto at = static_cast<std::size_t>(std::ranges::mismatch(expected, found).in1 - expected.begin());
    const std::size_t line = at == 0 ? 0 : expected.rfind('\n', at - 1) + 1;
    const auto shown = [&](const std::string& text) {
        constexpr std::size_t kOfLine = 24, kOfRest = 80;
        if (at >= text.size()) return std::string("nothing");
        return text.substr(line, std::min(at - line, kOfLine)) + " … " +
               text.substr(at, std::min(text.find('\n', at) - at, kOfRest));
    };
    return "expected \"" + shown(expected) + "\", found \"" + shown(found) + "\"";
}

// ---- a spool that has some of everything ----

spool::NewChunk chunk_of(int number, std::size_t records, std::size_t bytes, WallTime now) {
    spool::NewChunk chunk;
    chunk.created = now;
    for (std::size_t i = 0; i < records; ++i) {
        std::string record =
            R"({"n":)" + std::to_string(number * 100 + static_cast<int>(i)) + R"(,"input":")";
        record.append(bytes, static_cast<char>('a' + number % 26));
        record += "\"}";
        if (!chunk.body.empty()) chunk.body += ',';
        chunk.body += record;
        chunk.lengths.push_back(static_cast<std::uint32_t>(record.size()));
    }
    return chunk;
}

spool::Parked parked_of(const Chunk& chunk, std::uint32_t index) {
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < index; ++i) at += chunk.lengths[i] + 1;
    spool::Parked parked;
    parked.chunk = chunk.id;
    parked.chunk_records = static_cast<std::uint32_t>(chunk.records());
    parked.index = index;
    parked.created = chunk.created;
    parked.status = 422;
    parked.answer = "no such model";
    parked.model = "m";
    parked.body = std::string_view(chunk.body).substr(at, chunk.lengths[index]);
    return parked;
}

/// Chunks, a bit of everything else, and the books of it.
spool::Changes changes_of(int first, Spool& spool, WallTime now) {
    spool::Changes changes;
    for (int i = 0; i < 3; ++i) {
        changes.append.push_back(chunk_of(first + i, 4, i == 1 ? 30'000 : 200, now));
        spool::RecordHash hash{};
        hash[0] = static_cast<std::uint8_t>(first + i);
        changes.seen.push_back(hash);
    }
    changes.sources.push_back(
        {spool.next_source(), "sha256:1", "2026", "m" + std::to_string(first), "exact"});
    changes.coverage.push_back({20'000, "m", "table", 12});
    changes.ledger.add(account::kReceived, {}, 13);
    changes.ledger.add(account::kRejected, "not_json", 1);
    return changes;
}

/// Of the first chunk two records are delivered and one is refused; the second is delivered as a whole.
void settle_some(spool::Changes& changes, const std::vector<Chunk>& chunks) {
    const Chunk& first = chunks.at(0);
    changes.delivered.push_back({first.id, static_cast<std::uint32_t>(first.records()), 0, 2});
    changes.parked.push_back(parked_of(first, 2));
    const Chunk& second = chunks.at(1);
    const auto all = static_cast<std::uint32_t>(second.records());
    changes.delivered.push_back({second.id, all, 0, all});
}

/// Everything that waits in the default lane. A read ends before what it can't read: the next one says why.
Result<std::vector<Chunk>> read_chunks(Spool& spool) {
    std::vector<Chunk> all;
    for (;;) {
        auto chunks =
            spool.read(spool::kDefaultLane, all.empty() ? 0 : all.back().id, kEverything, kEverything);
        if (!chunks) return chunks;
        if (chunks->empty()) return all;
        std::ranges::move(*chunks, std::back_inserter(all));
    }
}

Status commit_more(Spool& spool, int first, WallTime now, const std::vector<Chunk>& chunks) {
    spool::Changes changes = changes_of(first, spool, now);
    if (chunks.size() >= 2) settle_some(changes, chunks);
    return spool.commit(changes);
}
Status commit_more(Spool& spool, int first, WallTime now) {
    auto chunks = read_chunks(spool);
    if (!chunks) return std::unexpected(chunks.error());
    return commit_more(spool, first, now, *chunks);
}

// ---- the operations ----

/// A spool at work, and the time by which it goes.
struct Scene {
    std::string path;
    ManualClock clock;
    std::unique_ptr<Spool> spool;
    std::vector<Chunk> chunks;  ///< what a worker has read before the fault

    Status open() {
        spool.reset();
        auto opened = Spool::open({path, 4_GiB}, clock);
        if (!opened) return std::unexpected(opened.error());
        spool = std::move(*opened);
        return {};
    }
};

template <class Value>
Status status_of(const Result<Value>& result) {
    return result ? Status{} : Status(std::unexpected(result.error()));
}

struct Operation {
    const char* name;
    std::function<Status(Scene&)> run;
    enum class Found : std::uint8_t {
        work,    ///< some of everything
        little,  ///< free pages, and next to nothing else
        damage,  ///< a file that is rescued: what a failed try leaves behind is no matter, what comes of it
                 ///< is
    };
    Found found = Found::work;
    bool of_damage() const { return found == Found::damage; }
};

Status read_all(Scene& scene) {
    return status_of(spool::recovering(*scene.spool, [](Spool& spool) { return read_chunks(spool); }));
}

std::vector<Operation> operations() {
    return {
        {"commit",
         [](Scene& scene) { return commit_more(*scene.spool, 50, scene.clock.wall(), scene.chunks); }},
        {"requeue", [](Scene& scene) { return status_of(scene.spool->requeue({}, "operator")); }},
        {"discard", [](Scene& scene) { return status_of(scene.spool->discard({}, "operator")); }},
        {"move", [](Scene& scene) { return status_of(scene.spool->move(spool::kDefaultLane, 1)); }},
        {"add_lane", [](Scene& scene) { return status_of(scene.spool->add_lane("third")); }},
        {"drop_oldest", [](Scene& scene) { return status_of(scene.spool->drop_oldest(6, 0, {})); }},
        {"expire", [](Scene& scene) { return status_of(scene.spool->expire(kDay, {})); }},
        {"expire_seen", [](Scene& scene) { return status_of(scene.spool->expire_seen(kDay, 1'000)); }},
        {"read", [](Scene& scene) { return read_all(scene); }},
        {"audit", [](Scene& scene) { return status_of(scene.spool->audit()); }},
        {"dead_letters", [](Scene& scene) { return status_of(scene.spool->dead_letters({}, 100)); }},
        {"coverage", [](Scene& scene) { return status_of(scene.spool->coverage(0)); }},
        {"checkpoint", [](Scene& scene) { return scene.spool->checkpoint(); }},
        {"checkpoint beside",
         [](Scene& scene) {
             if (auto moved = spool::checkpoint_beside(scene.spool->log_pass()); !moved)
                 return status_of(moved);
             return status_of(scene.spool->finish_checkpoint());
         }},
        {"shrink", [](Scene& scene) { return scene.spool->shrink(ByteCount{1}); }, Operation::Found::little},
        {"open", [](Scene& scene) { return scene.open(); }},
        {"rescue", read_all, Operation::Found::damage},
        {"rescue at open", [](Scene& scene) { return scene.open(); }, Operation::Found::damage},
    };
}

// ---- the loop ----

class Loop {
  public:
    /// Of `every` calls one fails; which one, `first` says. 1: each.
    Loop(const Operation& operation, std::uint64_t first, std::uint64_t every, Outcome& outcome)
        : operation_(operation), first_(first), every_(every), outcome_(outcome) {}

    void run() {
        if (auto made = prepare(); !made) return broken("can't be prepared: " + made.error().message);
        if (auto done = set_scene(); !done) return broken("can't be opened: " + done.error().message);
        before_ = contents();
        if (auto done = operation_.run(scene_); !done)
            return broken("fails without a fault: " + done.error().message);
        after_ = contents();
        if (operation_.of_damage() && !scene_.spool->rescued())
            return broken("found no damage to rescue from");
        for (const FailingCall& kind : kFailingCalls)
            for (const std::uint64_t times : {std::uint64_t{1}, DiskFault::kForever})
                for (std::uint64_t n = first_++ % every_; try_with(kind, n, times);) n += every_;
        scene_.spool.reset();
    }

  private:
    std::string path() const { return dir_.file("spool.db"); }
    std::string kept() const { return dir_.file("kept"); }

    /// Of a rescued file without what each rescue draws anew, and without the time of the last commit.
    std::string contents() const {
        std::string text = dump(path());
        if (!operation_.of_damage()) return text;
        for (const char* table : {"\nclock ", "\nidentity "})
            if (const std::size_t row = text.find(table); row != std::string::npos)
                text.erase(row, text.find('\n', row + 1) - row);
        return text;
    }

    void broken(const std::string& what) { outcome_.fail(std::string(operation_.name) + ": " + what); }

    /// A file with some of everything, as it is found by each try.
    Status prepare() {
        scene_.path = path();
        if (auto done = scene_.open(); !done) return done;
        Spool& spool = *scene_.spool;
        if (auto done = spool.add_lane("other"); !done) return std::unexpected(done.error());
        if (auto done = commit_more(spool, 1, scene_.clock.wall()); !done) return done;
        scene_.clock.advance(2 * kDay);
        for (const int first : {10, 20})
            if (auto done = commit_more(spool, first, scene_.clock.wall()); !done) return done;
        now_ = scene_.clock.wall();
        if (auto done = spool.checkpoint(); !done) return done;
        // What each try finds in the log.
        if (operation_.found == Operation::Found::little)
            if (auto done = spool.drop_oldest(30, 0, {}); !done) return std::unexpected(done.error());
        if (operation_.found != Operation::Found::little)
            if (auto done = commit_more(spool, 30, scene_.clock.wall()); !done) return done;
        const auto audit = spool.audit();
        if (!audit) return std::unexpected(audit.error());
        records_ = audit->ledger.sum(account::kReceived) - audit->ledger.sum(account::kRejected);
        copy_all(dir_.path(), kept());
        scene_.spool.reset();
        if (operation_.of_damage()) damage();
        return {};
    }

    /// A bit in a body, which is found by reading; or the way from one page to the next, which is found by
    /// opening. Where the log has no newer page.
    void damage() {
        std::fstream file(kept() + "/spool.db", std::ios::in | std::ios::out | std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        const bool at_open = std::string_view(operation_.name).ends_with("open");
        // 30,000 times the same letter fill pages of their own.
        const std::size_t body = bytes.find(std::string(10'000, 'v'));
        file.clear();
        constexpr std::size_t kPage = 16'384;
        // A page of its own begins with the number of the next one.
        file.seekp(static_cast<std::streamoff>(at_open ? body / kPage * kPage + kPage : body + 1'000));
        file << (at_open ? "\xff\xff\xff\xff" : "x");
    }

    static void copy_all(const std::string& from, const std::string& to) {
        std::filesystem::create_directories(to);
        for (const auto& file : std::filesystem::directory_iterator(from))
            if (file.is_regular_file() && file.path().extension() != ".lock")
                std::filesystem::copy_file(file, to + "/" + file.path().filename().string(),
                                           std::filesystem::copy_options::overwrite_existing);
    }

    Status set_scene() {
        scene_.spool.reset();
        for (const auto& file : std::filesystem::directory_iterator(dir_.path()))
            if (file.is_regular_file()) std::filesystem::remove(file);
        copy_all(kept(), dir_.path());
        scene_.clock.advance(now_ - scene_.clock.wall());
        scene_.chunks.clear();
        const bool opens = std::string_view(operation_.name).ends_with("open");
        if (opens && operation_.of_damage()) return {};
        if (auto done = scene_.open(); !done || operation_.of_damage()) return done;
        auto chunks = read_chunks(*scene_.spool);
        if (!chunks) return std::unexpected(chunks.error());
        scene_.chunks = std::move(*chunks);
        return {};
    }

    /// A spool that can't go on ends its process; the next one opens it anew.
    Status run_operation() {
        try {
            return operation_.run(scene_);
        } catch (const std::runtime_error& error) {
            scene_.spool.reset();
            return fail(ErrorKind::io, error.what());
        }
    }

    /// False: there is no n-th call of this kind.
    bool try_with(const FailingCall& kind, std::uint64_t n, std::uint64_t times) {
        const auto told = [&](const std::string& what) {
            broken(std::string(kind.name) + " at call " + std::to_string(n + 1) +
                   (times == 1 ? "" : " and on") + ": " + what);
            return false;
        };
        if (auto done = set_scene(); !done) return told("can't be opened: " + done.error().message);
        const std::uint64_t failed_before = disk_.failed();
        disk_.inject({kind.call, kind.code, n, times});
        Status status = run_operation();
        disk_.heal();
        if (disk_.failed() == failed_before) return false;
        ++outcome_.runs;
        outcome_.records += records_;
        if (!status && !operation_.of_damage()) {
            if (scene_.spool == nullptr)
                if (auto opened = scene_.open(); !opened)
                    return told("can't be opened: " + opened.error().message);
            if (const std::string found = contents(); found != before_)
                return told("failed, and left something behind: " + difference(before_, found));
        }
        if (!status) {
            // A rescue is not tried again at once.
            if (operation_.of_damage()) scene_.clock.advance(Spool::kRecoverInterval);
            status = scene_.spool == nullptr ? scene_.open() : Status{};
            if (status) status = run_operation();
        }
        if (!status) return told("the fault is gone, and it fails: " + status.error().message);
        if (const std::string found = contents(); found != after_)
            return told("not what it is without a fault: " + difference(after_, found));
        if (auto opened = scene_.open(); !opened)
            return told("can't be opened again: " + opened.error().message);
        if (const std::string found = contents(); found != after_)
            return told("not the same when opened again: " + difference(after_, found));
        const auto audit = scene_.spool->audit();
        if (!audit) return told("no audit: " + audit.error().message);
        if (!audit->faults.empty()) return told("audit: " + audit->faults.front());
        ++outcome_.recovered;
        return true;
    }

    const Operation& operation_;
    std::uint64_t first_, every_;
    Outcome& outcome_;
    FaultDisk disk_;
    test::TempDir dir_{test::memory_directory()};
    Scene scene_;
    WallTime now_{};
    std::uint64_t records_ = 0;
    std::string before_, after_;
};

}  // namespace

Outcome EachCall::run(const Plan& plan) {
    const auto every = static_cast<std::uint64_t>(std::max(1.0, std::round(1 / plan.scale)));
    const auto level = spdlog::get_level();
    spdlog::set_level(spdlog::level::off);  // a thousand rescues, each of which would be told
    // So that SQLite keeps hardly a page in memory: what is read is asked of the disk.
    sqlite3_soft_heap_limit64(1);
    Outcome outcome;
    std::string calls;
    for (const Operation& operation : operations()) {
        const std::uint64_t before = outcome.runs;
        Loop(operation, plan.seed, every, outcome).run();
        calls += (calls.empty() ? "" : ", ") + std::string(operation.name) + " " +
                 std::to_string(outcome.runs - before);
    }
    outcome.notes.push_back("calls that failed: " + calls);
    sqlite3_soft_heap_limit64(0);
    spdlog::set_level(level);
    return outcome;
}

}  // namespace respand::torture
