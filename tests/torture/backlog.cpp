#include "backlog.hpp"

#include <cstdio>
#include <sstream>

#include "daemon.hpp"
#include "spool/spool.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

/// What was promised for a start, however much waits.
constexpr std::chrono::seconds kReady{1};
/// Bytes, resident, once ready.
constexpr std::uint64_t kMemory = 64ULL << 20;
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

Status fill(spool::Spool& spool, std::uint64_t records) {
    for (std::uint64_t done = 0; done < records;) {
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

}  // namespace

Outcome Backlog::run(const Plan& plan) {
    Outcome outcome;
    const test::TempDir dir;
    Daemon daemon(
        plan, {dir.path(), dir.file("spool.db"), "http://127.0.0.1:1/api", "max_size = \"64GiB\"\n", {}, {}});
    const std::uint64_t records = plan.runs(kUsualRuns) / spool::kMaxChunkRecords * spool::kMaxChunkRecords;
    {
        auto spool = spool::Spool::open({daemon.spool(), ByteCount{64ULL << 30}});
        if (!spool) return outcome.fail(spool.error().message), outcome;
        if (auto filled = fill(**spool, records); !filled)
            return outcome.fail(filled.error().message), outcome;
    }
    outcome.runs = 1;
    outcome.records = records;
    daemon.launch();
    const auto ready = daemon.ready();
    if (!ready) return outcome.fail("it does not start: " + daemon.last_words()), outcome;
    const std::uint64_t memory = resident_bytes(daemon.pid());
    char text[120];
    std::snprintf(text, sizeof text, "ready after %.0f ms, %.1f MiB resident", ready->count() * 1e3,
                  static_cast<double>(memory) / (1 << 20));
    outcome.notes.emplace_back(text);
    if (*ready > kReady) outcome.fail("start-up takes over a second");
    if (memory > kMemory) outcome.fail("memory grows with the backlog");
    const std::uint64_t pending = daemon.status()["records"]["pending"];
    if (pending > records) outcome.fail("more waits than was committed");
    outcome.lost = records - std::min(records, pending);
    if (outcome.broken.empty()) ++outcome.recovered;
    daemon.stop();
    return outcome;
}

}  // namespace respand::torture
