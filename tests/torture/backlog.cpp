#include "backlog.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "daemon.hpp"
#include "spool/spool.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

/// What was promised for a start, however much waits.
constexpr std::chrono::seconds kReady{1};
/// Bytes, resident, that the whole queue may take beyond a tenth of it. What is read ahead is the same in
/// both; the rest is the allocator's.
constexpr std::uint64_t kGrowth = 16ULL << 20;
/// A queue of this part is what memory is compared with.
constexpr std::uint64_t kPart = 10;
constexpr std::size_t kChunksPerCommit = 40;

spool::NewChunk chunk_of_small_records(std::uint64_t first) {
    spool::NewChunk chunk;
    chunk.created = WallTime{std::chrono::seconds{1'790'000'000}};
    for (std::size_t i = 0; i < spool::kMaxChunkRecords; ++i) {
        const std::string text =
            R"({"model":"openai/gpt-4o-mini","custom_identifier":")" + std::to_string(first + i) + "\"}";
        if (i > 0) chunk.body += ',';
        chunk.body += text;
        chunk.lengths.push_back(static_cast<std::uint32_t>(text.size()));
    }
    return chunk;
}

/// Brings the spool from `done` records to `records`.
Status fill(spool::Spool& spool, std::uint64_t done, std::uint64_t records) {
    while (done < records) {
        spool::Changes changes;
        for (std::size_t i = 0; i < kChunksPerCommit && done < records; ++i) {
            changes.append.push_back(chunk_of_small_records(done));
            done += spool::kMaxChunkRecords;
            changes.ledger.add(spool::account::kReceived, {}, spool::kMaxChunkRecords);
        }
        if (auto committed = spool.commit(changes); !committed) return committed;
        if (spool.wal_size() > spool::kWalLimit)
            if (auto moved = spool.checkpoint(); !moved) return moved;
    }
    return {};
}

std::uint64_t resident_bytes(pid_t pid) {
    std::istringstream status(test::read_file("/proc/" + std::to_string(pid) + "/status"));
    for (std::string word; status >> word;)
        if (std::uint64_t kib = 0; word == "VmRSS:" && status >> kib) return kib * 1024;
    return 0;
}

/// What a start with a queue of some length was like.
struct Start {
    std::chrono::duration<double> ready;
    std::uint64_t memory = 0;   ///< bytes, resident
    std::uint64_t pending = 0;  ///< records, as it tells
};

/// Fills the spool up to `records`, starts the daemon on it, asks, and ends it.
Result<Start> start_with(Daemon& daemon, std::uint64_t done, std::uint64_t records) {
    {
        auto spool = spool::Spool::open({daemon.spool(), ByteCount{64ULL << 30}});
        if (!spool) return std::unexpected(spool.error());
        if (auto filled = fill(**spool, done, records); !filled) return std::unexpected(filled.error());
    }
    daemon.launch();
    const auto ready = daemon.ready();
    if (!ready) return respand::fail(ErrorKind::software, "it does not start: " + daemon.last_words());
    const Start start{*ready, resident_bytes(daemon.pid()), daemon.status()["records"]["pending"]};
    daemon.stop();
    return start;
}

}  // namespace

Outcome Backlog::run(const Plan& plan) {
    Outcome outcome;
    const test::TempDir dir;
    Daemon daemon(
        plan, {dir.path(), dir.file("spool.db"), "http://127.0.0.1:1/api", "max_size = \"64GiB\"\n", {}, {}});
    const std::uint64_t records = plan.runs(kUsualRuns) / spool::kMaxChunkRecords * spool::kMaxChunkRecords;
    const std::uint64_t part = records / kPart / spool::kMaxChunkRecords * spool::kMaxChunkRecords;
    const auto few = start_with(daemon, 0, part);
    if (!few) return outcome.fail(few.error().message), outcome;
    const auto all = start_with(daemon, part, records);
    if (!all) return outcome.fail(all.error().message), outcome;

    outcome.runs = 1;
    outcome.records = records;
    constexpr double kMiB = 1 << 20;
    char text[160];
    std::snprintf(text, sizeof text,
                  "ready after %.0f ms, %.1f MiB resident (%.0f ms, %.1f MiB with a tenth)",
                  all->ready.count() * 1e3, static_cast<double>(all->memory) / kMiB, few->ready.count() * 1e3,
                  static_cast<double>(few->memory) / kMiB);
    outcome.notes.emplace_back(text);
    if (all->ready > kReady) outcome.fail("start-up takes over a second");
    if (all->memory > few->memory + kGrowth) outcome.fail("memory grows with the backlog");
    if (all->pending > records) outcome.fail("more waits than was committed");
    outcome.lost = records - std::min(records, all->pending);
    if (outcome.broken.empty()) ++outcome.recovered;
    return outcome;
}

}  // namespace respand::torture
