// respand-bench: the whole path on this machine. One sender writes records to the datagram socket, respand
// makes them durable and delivers them in bulk to a server that only counts (respan-sandbox --count-only).
//
//   respand-bench [--records N] [--size BYTES] [--runs N] [--rate R] [--dir DIR] [--table FILE]
//
// Prints records per second from the first send to the last arrival, CPU seconds of the daemon per million
// records, its peak memory, and the latency from send to arrival: under a flood, paced, and paced while a
// price table that has changed (FILE, in either format; default: the one that comes along) is loaded again
// and again, once by the daemon and once, for comparison, by a process that has nothing to do with it: what
// that costs is the machine's share, sender and server included. In the same run it measures what merely
// receiving the datagrams costs (recvmmsg into a buffer, nothing else), so that figures can be told as
// ratios: machines differ, ratios differ less.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "programs.hpp"
#include "records.hpp"

namespace respand::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr double kPacedSeconds = 3;
/// Between two reloads, where there are some: much more than loading takes, much less than a run.
constexpr std::chrono::milliseconds kReloadInterval{250};

struct Options {
    std::uint64_t records = 300'000;
    std::size_t size = 1024;
    int runs = 3;
    double rate = 5'000;
    fs::path dir = fs::temp_directory_path();
    fs::path bin;    ///< where the programs are
    fs::path table;  ///< of prices
};

double cpu_seconds(const rusage& usage) {
    auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// CPU seconds per million datagrams for receiving alone.
double receive_floor(const Options& options) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) != 0)
        throw std::runtime_error("socketpair failed");
    const UniqueFd receiver(pair[0]);
    const pid_t sender = ::fork();
    if (sender == 0) {
        RecordTemplate record(options.size);
        send_records(pair[1], record, 0, options.records, 0);
        ::_exit(0);
    }
    ::close(pair[1]);
    constexpr std::size_t kBatch = 64, kSlot = 8192;
    std::vector<char> memory(kBatch * kSlot);
    std::vector<iovec> pieces(kBatch);
    std::vector<mmsghdr> messages(kBatch);
    for (std::size_t i = 0; i < kBatch; ++i) {
        pieces[i] = {memory.data() + i * kSlot, kSlot};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);
    for (std::uint64_t got = 0; got < options.records;) {
        const int count = ::recvmmsg(receiver.get(), messages.data(), kBatch, MSG_WAITFORONE, nullptr);
        if (count <= 0) throw std::runtime_error("receiving failed");
        got += static_cast<std::uint64_t>(count);
    }
    ::getrusage(RUSAGE_SELF, &after);
    ::waitpid(sender, nullptr, 0);
    return (cpu_seconds(after) - cpu_seconds(before)) / static_cast<double>(options.records) * 1e6;
}

/// What happens while records are sent, every kReloadInterval.
enum class Beside { nothing, reload, other_process };

struct Load {
    std::uint64_t records = 0;
    double rate = 0;  ///< per second; 0: as fast as it goes
    Beside beside = Beside::nothing;
};

struct Result {
    double per_second = 0, cpu_per_million = 0, peak_mib = 0, p50_ms = 0, p99_ms = 0, max_ms = 0;
    std::uint64_t lost = 0, duplicates = 0;
};

fs::path table_in(const fs::path& dir) { return dir / "pricing.json"; }

void write_config(const Options& options, const fs::path& dir, int port) {
    fs::copy_file(options.table, table_in(dir));
    std::ofstream(dir / "respand.toml")
        << "[ingest.unix_datagram]\npath = \"" << (dir / "in.sock").string() << "\"\n[spool]\npath = \""
        << (dir / "spool.db").string() << "\"\n[pricing]\ntable = \"" << table_in(dir).string()
        << "\"\noverlays = \"" << (dir / "pricing.d").string()
        << "\"\n[upload]\nbase_url = \"http://127.0.0.1:" << port
        << "/api\"\napi_key = { env = \"RESPAN_API_KEY\" }\nmode = \"bulk\"\nlinger = \"1ms\"\n"
           "bulk_requests_per_minute = 0\n[control]\npath = \""
        << (dir / "control.sock").string() << "\"\n[log]\nformat = \"text\"\n";
}

void load_prices_somewhere(const Load& load, const Options& options, const fs::path& dir,
                           const Program& daemon) {
    if (load.beside == Beside::other_process) {
        Program({options.bin / "respanctl", "price", "check", table_in(dir)}, dir / "check.log").wait();
    } else if (load.beside == Beside::reload) {
        std::ofstream(table_in(dir), std::ios::app) << '\n';  // what has not changed is not loaded
        daemon.signal(SIGHUP);
    }
}

/// Sends the load; returns what the server saw once all is there, or nothing more comes.
std::string run_load(const Load& load, const Options& options, const fs::path& dir, int socket, int port,
                     const Program& daemon) {
    RecordTemplate record(options.size);
    {
        const std::jthread loader([&](const std::stop_token& stop) {
            while (load.beside != Beside::nothing && !stop.stop_requested()) {
                const auto next = steady_clock::now() + kReloadInterval;
                load_prices_somewhere(load, options, dir, daemon);
                std::this_thread::sleep_until(next);
            }
        });
        send_records(socket, record, 0, load.records, load.rate);
    }
    std::string seen;
    double unique = -1;
    for (auto last = steady_clock::now(); steady_clock::now() - last < kStall;) {
        seen = stats(port, load.records);
        if (number(seen, "unique_ids") > unique) last = steady_clock::now();
        unique = number(seen, "unique_ids");
        if (unique >= static_cast<double>(load.records)) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return seen;
}

Result measure_in(const fs::path& dir, const Options& options, const Load& load) {
    const Program server({options.bin / "respan-sandbox", "--listen", "127.0.0.1:0", "--port-file",
                          dir / "port", "--count-only", "--quiet"},
                         dir / "server.log");
    int port = 0;
    await([&] { return (port = std::atoi(read_file(dir / "port").c_str())) != 0 && !stats(port, 0).empty(); },
          "the sandbox");
    write_config(options, dir, port);
    const Program daemon({options.bin / "respand", "--config", dir / "respand.toml"}, dir / "respand.log");
    UniqueFd fd;
    await([&] { return static_cast<bool>(fd = connect_unix(dir / "in.sock")); }, "respand");
    const double cpu_before = daemon.cpu();
    const std::uint64_t start = now_ns();
    const std::string seen = run_load(load, options, dir, fd.get(), port, daemon);
    // What is left to do after the last arrival belongs to the cost: the commit that frees the spool.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const double unique = number(seen, "unique_ids");
    const double seconds = (number(seen, "t_last_ns") - static_cast<double>(start)) / 1e9;
    const auto latency = seen.find("latency_us");
    return {.per_second = unique / seconds,
            .cpu_per_million = (daemon.cpu() - cpu_before) / unique * 1e6,
            .peak_mib = daemon.peak_mib(),
            .p50_ms = number(seen, "p50", latency) / 1e3,
            .p99_ms = number(seen, "p99", latency) / 1e3,
            .max_ms = number(seen, "max", latency) / 1e3,
            .lost = load.records - static_cast<std::uint64_t>(unique),
            .duplicates = static_cast<std::uint64_t>(number(seen, "duplicate_ids"))};
}

std::vector<Result> measure(const Options& options, const Load& load) {
    std::vector<Result> results;
    for (int i = 0; i < options.runs; ++i) {
        std::string pattern = (options.dir / "respand-bench-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("no directory can be made in " + options.dir.string());
        results.push_back(measure_in(pattern, options, load));
        fs::remove_all(pattern);
    }
    return results;
}

template <class Value>
double median(const std::vector<Result>& results, Value value) {
    std::vector<double> values;
    for (const Result& result : results) values.push_back(value(result));
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void report(const std::string& what, const std::vector<Result>& results, double floor) {
    std::uint64_t lost = 0, duplicates = 0;
    for (const Result& result : results) {
        lost += result.lost;
        duplicates += result.duplicates;
    }
    const double cpu = median(results, [](const Result& r) { return r.cpu_per_million; });
    std::printf("%-24s %10.0f %14.2f %8.1f %10.1f %9.2f %9.2f %9.2f %6llu %6llu\n", what.c_str(),
                median(results, [](const Result& r) { return r.per_second; }), cpu, cpu / floor,
                median(results, [](const Result& r) { return r.peak_mib; }),
                median(results, [](const Result& r) { return r.p50_ms; }),
                median(results, [](const Result& r) { return r.p99_ms; }),
                median(results, [](const Result& r) { return r.max_ms; }),
                static_cast<unsigned long long>(lost), static_cast<unsigned long long>(duplicates));
}

constexpr const char* kUsage =
    "usage: respand-bench [--records N] [--size BYTES] [--runs N] [--rate R] [--dir DIR] [--table FILE]";

Options parse(int argc, char** argv) {
    Options options;
    options.bin = fs::read_symlink("/proc/self/exe").parent_path();
    options.table = options.bin.parent_path() / "share/respand/pricing.json";
    if (argc == 2 && std::string(argv[1]) == "--help") {
        std::puts(kUsage);
        std::exit(0);
    }
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--records")
            options.records = std::strtoull(value.c_str(), nullptr, 10);
        else if (name == "--size")
            options.size = std::strtoull(value.c_str(), nullptr, 10);
        else if (name == "--runs")
            options.runs = std::atoi(value.c_str());
        else if (name == "--rate")
            options.rate = std::atof(value.c_str());
        else if (name == "--dir")
            options.dir = value;
        else if (name == "--table")
            options.table = fs::absolute(value);
        else
            throw std::runtime_error("unknown option " + name);
    }
    if (argc % 2 == 0 || options.records == 0 || options.runs < 1) throw std::runtime_error(kUsage);
    return options;
}

int run(int argc, char** argv) {
    const Options options = parse(argc, argv);
    ::setenv("RESPAN_API_KEY", "bench", 1);
    std::string queue = read_file("/proc/sys/net/unix/max_dgram_qlen");
    queue.erase(queue.find_last_not_of('\n') + 1);
    std::printf(
        "%llu records of %zu bytes, median of %d runs, %u processors, spool in %s, datagram queue %s\n\n",
        static_cast<unsigned long long>(options.records), options.size, options.runs,
        std::thread::hardware_concurrency(), options.dir.c_str(), queue.c_str());
    const double floor = receive_floor(options);
    std::printf("%-24s %10s %14s %8s %10s %9s %9s %9s %6s %6s\n", "", "records/s", "CPU s per M", "x floor",
                "peak MiB", "p50 ms", "p99 ms", "max ms", "lost", "twice");
    std::printf("%-24s %10s %14.2f %8.1f\n", "receive only", "", floor, 1.0);
    report("flood", measure(options, {options.records}), floor);
    if (options.rate <= 0) return 0;
    char name[32];
    std::snprintf(name, sizeof name, "paced %.0f/s", options.rate);
    const auto paced_records = static_cast<std::uint64_t>(options.rate * kPacedSeconds);
    report(name, measure(options, {paced_records, options.rate}), floor);
    report("  prices reloaded", measure(options, {paced_records, options.rate, Beside::reload}), floor);
    report("  loaded elsewhere", measure(options, {paced_records, options.rate, Beside::other_process}),
           floor);
    return 0;
}

}  // namespace
}  // namespace respand::bench

int main(int argc, char** argv) {
    try {
        return respand::bench::run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "respand-bench: %s\n", e.what());
        return 1;
    }
}
