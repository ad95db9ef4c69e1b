// respand-bench: the whole path on this machine. One sender writes records to the datagram socket, respand
// makes them durable and delivers them in bulk to a server that only counts (respan-sandbox --count-only).
//
//   respand-bench [--records N] [--size BYTES] [--runs N] [--rate R] [--dir DIR]
//
// Prints records per second from the first send to the last arrival, CPU seconds of the daemon per million
// records, its peak memory, and the latency from send to arrival: under a flood, and paced. In the same run
// it measures what merely receiving the datagrams costs (recvmmsg into a buffer, nothing else), so that
// figures can be told as ratios: machines differ, ratios differ less.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"

namespace {

namespace fs = std::filesystem;
using respand::UniqueFd;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kStall{10};  // without progress for so long, a run has failed
constexpr double kPacedSeconds = 3;

struct Options {
    std::uint64_t records = 300'000;
    std::size_t size = 1024;
    int runs = 3;
    double rate = 5'000;
    fs::path dir = fs::temp_directory_path();
};

std::uint64_t now_ns() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

double cpu_seconds(const rusage& usage) {
    auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A program of ours, started in the foreground and ended with SIGTERM.
class Program {
  public:
    explicit Program(std::vector<std::string> command, const fs::path& log) {
        pid_ = ::fork();
        if (pid_ != 0) return;
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        std::vector<char*> arguments;
        for (std::string& word : command) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    bool running() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }
    /// User and system time so far.
    double cpu() const {
        const std::string stat = read_file("/proc/" + std::to_string(pid_) + "/stat");
        unsigned long user = 0, system = 0;
        std::sscanf(stat.c_str() + stat.rfind(')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                    &user, &system);
        return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    double peak_mib() const {
        const std::string status = read_file("/proc/" + std::to_string(pid_) + "/status");
        const auto at = status.find("VmHWM:");
        return at == std::string::npos ? 0 : std::atof(status.c_str() + at + 6) / 1024;
    }

  private:
    pid_t pid_;
};

UniqueFd connect_unix(const fs::path& path) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd.reset();
    return fd;
}

/// Answer of GET /stats; empty when nobody answers.
std::string stats(int port, std::uint64_t expected) {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
    const std::string request = "GET /stats?expect=" + std::to_string(expected) +
                                " HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
    std::string answer;
    std::array<char, 8192> buffer{};
    for (ssize_t size = 0; (size = ::recv(fd.get(), buffer.data(), buffer.size(), 0)) > 0;)
        answer.append(buffer.data(), static_cast<std::size_t>(size));
    return answer;
}

/// The number behind "name": in a JSON text, at or after `from`.
double number(const std::string& json, const std::string& name, std::size_t from = 0) {
    const auto at = json.find("\"" + name + "\":", from);
    return at == std::string::npos ? 0 : std::atof(json.c_str() + at + name.size() + 3);
}

/// A record of the wanted size; the identifier is written into it for each send.
class RecordTemplate {
  public:
    explicit RecordTemplate(std::size_t size) {
        text_ =
            R"({"model":"openai/gpt-4o-mini","usage":{"prompt_tokens":812,"completion_tokens":310},)"
            R"("generation_time":1.25,"customer_params":{"customer_identifier":"user_4711"},"custom_identifier":")";
        at_ = text_.size();
        text_ += std::string(3 + 12 + 1 + 19, '0') + R"(","prompt_messages":[{"role":"user","content":")";
        const std::string words =
            "please summarise the contract and \\\"quote\\\" the clauses on liability, caf\xc3\xa9 ";
        while (text_.size() + words.size() + 4 < size) text_ += words;
        if (text_.size() + 4 < size) text_.append(size - text_.size() - 4, '.');
        text_ += "\"}]}";
    }
    const std::string& stamped(std::uint64_t sequence) {
        char id[64];
        std::snprintf(id, sizeof id, "~bq%012llu.%019llu", static_cast<unsigned long long>(sequence),
                      static_cast<unsigned long long>(now_ns()));
        std::memcpy(text_.data() + at_, id, 3 + 12 + 1 + 19);
        return text_;
    }

  private:
    std::string text_;
    std::size_t at_ = 0;
};

/// Sends `count` records from `first` on; `rate` 0: as fast as the socket takes them.
void send_records(int fd, RecordTemplate& record, std::uint64_t first, std::uint64_t count, double rate) {
    const auto start = steady_clock::now();
    for (std::uint64_t i = 0; i < count; ++i) {
        if (rate > 0)
            std::this_thread::sleep_until(start + std::chrono::nanoseconds(static_cast<std::int64_t>(
                                                      static_cast<double>(i) / rate * 1e9)));
        const std::string& text = record.stamped(first + i);
        if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0)
            throw std::runtime_error("sending failed");
    }
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

struct Result {
    double per_second = 0, cpu_per_million = 0, peak_mib = 0, p50_ms = 0, p99_ms = 0;
    std::uint64_t lost = 0, duplicates = 0;
};

Result measure(const Options& options, const fs::path& bin, std::uint64_t records, double rate) {
    std::string pattern = (options.dir / "respand-bench-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
        throw std::runtime_error("no directory can be made in " + options.dir.string());
    const fs::path dir = pattern;
    Result result;
    {
        const Program server({bin / "respan-sandbox", "--listen", "127.0.0.1:0", "--port-file", dir / "port",
                              "--count-only", "--quiet"},
                             dir / "server.log");
        auto await = [](auto ready, const char* what) {
            const auto end = steady_clock::now() + kStall;
            while (!ready()) {
                if (steady_clock::now() > end)
                    throw std::runtime_error(std::string(what) + " does not answer");
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        };
        await(
            [&] {
                return !read_file(dir / "port").empty() &&
                       !stats(std::atoi(read_file(dir / "port").c_str()), 0).empty();
            },
            "the sandbox");
        const int port = std::atoi(read_file(dir / "port").c_str());
        std::ofstream(dir / "respand.toml")
            << "[ingest.unix_datagram]\npath = \"" << (dir / "in.sock").string() << "\"\n[spool]\npath = \""
            << (dir / "spool.db").string() << "\"\n[pricing]\ntable = \""
            << (bin.parent_path() / "share/respand/pricing.json").string() << "\"\noverlays = \""
            << (dir / "pricing.d").string() << "\"\n[upload]\nbase_url = \"http://127.0.0.1:" << port
            << "/api\"\napi_key = { env = \"RESPAN_API_KEY\" }\nmode = \"bulk\"\nlinger = \"1ms\"\n"
               "bulk_requests_per_minute = 0\n[control]\npath = \""
            << (dir / "control.sock").string() << "\"\n[log]\nformat = \"text\"\n";
        const Program daemon({bin / "respand", "--config", dir / "respand.toml"}, dir / "respand.log");
        UniqueFd fd;
        await([&] { return static_cast<bool>(fd = connect_unix(dir / "in.sock")); }, "respand");
        const double cpu_before = daemon.cpu();
        const std::uint64_t start = now_ns();
        RecordTemplate record(options.size);
        send_records(fd.get(), record, 0, records, rate);
        std::string seen;
        double unique = -1;
        for (auto last = steady_clock::now(); steady_clock::now() - last < kStall;) {
            seen = stats(port, records);
            if (number(seen, "unique_ids") > unique) last = steady_clock::now();
            unique = number(seen, "unique_ids");
            if (unique >= static_cast<double>(records)) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        // What is left to do after the last arrival belongs to the cost: the commit that frees the spool.
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        const double seconds = (number(seen, "t_last_ns") - static_cast<double>(start)) / 1e9;
        const auto latency = seen.find("latency_us");
        result.per_second = unique / seconds;
        result.cpu_per_million = (daemon.cpu() - cpu_before) / unique * 1e6;
        result.peak_mib = daemon.peak_mib();
        result.p50_ms = number(seen, "p50", latency) / 1e3;
        result.p99_ms = number(seen, "p99", latency) / 1e3;
        result.lost = records - static_cast<std::uint64_t>(unique);
        result.duplicates = static_cast<std::uint64_t>(number(seen, "duplicate_ids"));
    }
    fs::remove_all(dir);
    return result;
}

template <class Value>
double median(const std::vector<Result>& results, Value value) {
    std::vector<double> values;
    for (const Result& result : results) values.push_back(value(result));
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void report(const char* what, const std::vector<Result>& results, double floor) {
    std::uint64_t lost = 0, duplicates = 0;
    for (const Result& result : results) {
        lost += result.lost;
        duplicates += result.duplicates;
    }
    const double cpu = median(results, [](const Result& r) { return r.cpu_per_million; });
    std::printf("%-16s %10.0f %14.2f %10.1f %12.1f %10.2f %10.2f %8llu %6llu\n", what,
                median(results, [](const Result& r) { return r.per_second; }), cpu, cpu / floor,
                median(results, [](const Result& r) { return r.peak_mib; }),
                median(results, [](const Result& r) { return r.p50_ms; }),
                median(results, [](const Result& r) { return r.p99_ms; }),
                static_cast<unsigned long long>(lost), static_cast<unsigned long long>(duplicates));
}

Options parse(int argc, char** argv) {
    Options options;
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
        else
            throw std::runtime_error("unknown option " + name);
    }
    if (argc == 2 && std::string(argv[1]) == "--help") {
        std::puts("usage: respand-bench [--records N] [--size BYTES] [--runs N] [--rate R] [--dir DIR]");
        std::exit(0);
    }
    if (argc % 2 == 0 || options.records == 0 || options.runs < 1)
        throw std::runtime_error(
            "usage: respand-bench [--records N] [--size BYTES] [--runs N] [--rate R] [--dir DIR]");
    return options;
}

int run(int argc, char** argv) {
    const Options options = parse(argc, argv);
    const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
    ::setenv("RESPAN_API_KEY", "bench", 1);
    std::string queue = read_file("/proc/sys/net/unix/max_dgram_qlen");
    queue.erase(queue.find_last_not_of('\n') + 1);
    std::printf(
        "%llu records of %zu bytes, median of %d runs, %u processors, spool in %s, datagram queue %s\n\n",
        static_cast<unsigned long long>(options.records), options.size, options.runs,
        std::thread::hardware_concurrency(), options.dir.c_str(), queue.c_str());
    const double floor = receive_floor(options);
    std::vector<Result> flood, paced;
    for (int i = 0; i < options.runs; ++i) flood.push_back(measure(options, bin, options.records, 0));
    const auto paced_records = static_cast<std::uint64_t>(options.rate * kPacedSeconds);
    for (int i = 0; i < options.runs && options.rate > 0; ++i)
        paced.push_back(measure(options, bin, paced_records, options.rate));
    std::printf("%-16s %10s %14s %10s %12s %10s %10s %8s %6s\n", "", "records/s", "CPU s per M", "x floor",
                "peak MiB", "p50 ms", "p99 ms", "lost", "twice");
    std::printf("%-16s %10s %14.2f %10.1f\n", "receive only", "", floor, 1.0);
    report("flood", flood, floor);
    char name[32];
    std::snprintf(name, sizeof name, "paced %.0f/s", options.rate);
    if (!paced.empty()) report(name, paced, floor);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "respand-bench: %s\n", e.what());
        return 1;
    }
}
