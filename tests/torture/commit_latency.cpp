#include "commit_latency.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/fd.hpp"
#include "pipeline/spool_writer.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

using std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// A commit of the flood: chunks of 1 KB records, about 1 MB in all.
constexpr std::size_t kChunks = 4, kRecords = 250, kRecordBytes = 1'000;
/// What was appended so many commits ago is delivered, so that the file does not only grow.
constexpr std::size_t kBehind = 50;

std::string distribution(const char* what, std::vector<double>& times) {
    std::ranges::sort(times);
    auto at = [&](double share) {
        const auto index = static_cast<std::size_t>(share * static_cast<double>(times.size()));
        return times[std::min(index, times.size() - 1)];
    };
    char text[200];
    std::snprintf(text, sizeof text, "%-26s p50 %6.1f   p99 %6.1f   p99.9 %6.1f   max %6.1f ms", what,
                  at(0.5), at(0.99), at(0.999), times.back());
    return text;
}

/// One write and fdatasync of as many bytes, as often as there are commits.
std::vector<double> measure_sync(const std::string& path, std::uint64_t count) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string bytes(kChunks * kRecords * kRecordBytes, 'x');
    std::vector<double> times;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto start = steady_clock::now();
        const auto offset = static_cast<off_t>((i % 16) * bytes.size());  // over itself, like the log
        if (::pwrite(fd.get(), bytes.data(), bytes.size(), offset) < 0 || ::fdatasync(fd.get()) != 0) break;
        times.push_back(Milliseconds(steady_clock::now() - start).count());
    }
    return times;
}

class Flood {
  public:
    explicit Flood(spool::Spool& spool) : writer_(io_, spool_thread_, aside_, spool, clock_) {}

    /// From the hand-over of the records until the next ones may come: the commit and what the file needs
    /// after it.
    std::vector<double> run(std::uint64_t commits) {
        std::vector<double> times;
        for (std::uint64_t i = 0; i < commits; ++i) {
            hand_over();
            const auto start = steady_clock::now();
            writer_.flush();
            if (!test::run_until(io_, [this] { return writer_.idle(); })) break;
            times.push_back(Milliseconds(steady_clock::now() - start).count());
            largest_log_ = std::max(largest_log_, writer_.level().wal.value);
        }
        test::run_until(io_, [this] { return io_.poll() == 0 && writer_.idle(); });
        return times;
    }
    std::uint64_t largest_log() const { return largest_log_; }

  private:
    void hand_over() {
        const std::string record(kRecordBytes - 1, 'r');
        for (std::size_t i = 0; i < kChunks; ++i) {
            spool::NewChunk chunk;
            chunk.created = clock_.wall();
            chunk.body = writer_.spare_body();
            for (std::size_t n = 0; n < kRecords; ++n) {
                if (n > 0) chunk.body += ',';
                chunk.body += record;
                chunk.lengths.push_back(static_cast<std::uint32_t>(record.size()));
            }
            writer_.append(std::move(chunk));
        }
        spool::Ledger books;
        books.add(spool::account::kReceived, {}, kChunks * kRecords);
        writer_.book(books);
        if (++commits_ > kBehind) settle_old();
    }

    void settle_old() {
        std::vector<upload::Settlement> settlements;
        for (std::size_t i = 0; i < kChunks; ++i) {
            auto chunk = std::make_shared<spool::Chunk>();
            chunk->id = static_cast<spool::ChunkId>((commits_ - kBehind - 1) * kChunks + i + 1);
            chunk->lengths.assign(kRecords, kRecordBytes - 1);
            upload::Settlement settlement;
            settlement.slice = {chunk, 0, kRecords, 0, kRecords * kRecordBytes};
            settlement.outcome = upload::Settlement::Outcome::delivered;
            settlements.push_back(std::move(settlement));
        }
        writer_.settle(std::move(settlements));
    }

    SystemClock clock_;
    boost::asio::io_context io_;
    runtime::Offload spool_thread_{io_}, aside_{io_};
    pipeline::SpoolWriter writer_;
    std::uint64_t commits_ = 0, largest_log_ = 0;
};

}  // namespace

Outcome CommitLatency::run(const Plan& plan) {
    Outcome outcome;
    const test::TempDir dir;
    const std::uint64_t commits = plan.runs(kUsualRuns);
    auto syncs = measure_sync(dir.file("sync"), std::min<std::uint64_t>(commits, 500));
    auto spool = spool::Spool::open({dir.file("spool.db"), ByteCount{64ULL << 30}});
    if (!spool) {
        outcome.fail(spool.error().message);
        return outcome;
    }
    Flood flood(**spool);
    auto times = flood.run(commits);
    outcome.runs = outcome.recovered = times.size();
    outcome.records = times.size() * kChunks * kRecords;
    if (times.size() < commits || syncs.empty()) outcome.fail("a commit did not come to its end");
    if (!syncs.empty()) outcome.notes.push_back(distribution("one sync of as many bytes", syncs));
    if (!times.empty()) outcome.notes.push_back(distribution("commit", times));
    outcome.notes.push_back("log at most " + approximate(ByteCount{flood.largest_log()}));
    constexpr std::uint64_t kOneCommit = 4ULL << 20;
    if (flood.largest_log() > spool::kWalLimit.value + kOneCommit) outcome.fail("the log is not bounded");
    return outcome;
}

}  // namespace respand::torture
