#include "kill.hpp"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>
#include <set>

#include "arrivals.hpp"
#include "daemon.hpp"
#include "load.hpp"
#include "sandbox/server/server.hpp"
#include "spool/spool.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// After so many kills, or so many records, the server behaves, everything is delivered and looked at.
constexpr std::uint64_t kKillsPerRound = 25;
constexpr std::size_t kRecordsPerRound = 150'000;
/// A record that comes twice was in a request, or answered and not yet noted, when the kill came: a request,
/// the linger of settlements and a commit ago. Generous, for busy machines.
constexpr Seconds kInFlight{5};

/// What a kill left behind in the spool, and what is to be expected of it.
struct Committed {
    std::size_t hash = 0;
    std::uint32_t kills = 0;  ///< at which it was in the spool, not settled
};

class Siege {
  public:
    explicit Siege(const Plan& plan) : plan_(plan), random_(static_cast<unsigned>(plan.seed)) {}

    Outcome run() {
        if (!start_server()) return std::move(outcome_);
        daemon_.emplace(
            plan_,
            Daemon::Setup{
                dir_.path(), dir_.file("spool.db"), server_->base_url(), {}, "max_connections = 3\n", {}});
        const std::uint64_t kills = plan_.runs(Kill::kUsualRuns);
        daemon_->launch();
        while (outcome_.runs < kills && outcome_.broken.empty()) round(kills);
        daemon_->stop();
        add_notes();
        return std::move(outcome_);
    }

  private:
    bool start_server() {
        sandbox::Options options;
        options.faults = misbehaviour();
        options.accepted = [this](std::string_view log) { arrivals_.take(log); };
        auto started = sandbox::Server::start(std::move(options));
        if (!started) outcome_.fail("no server: " + started.error().message);
        if (started) server_ = std::move(*started);
        return static_cast<bool>(server_);
    }

    static sandbox::Faults misbehaviour() {
        sandbox::Faults faults;
        faults.fail = {{503, 0.05}, {429, 0.02}, {500, 0.03}};
        faults.reset_rate = 0.05;
        faults.latency = std::chrono::milliseconds(3);
        return faults;
    }

    /// Some kills under load, then peace, and everything is counted.
    void round(std::uint64_t kills) {
        arrivals_.clear();
        committed_.clear();
        (void)server_->set_faults(misbehaviour());
        if (!daemon_->ready()) return outcome_.fail("it does not start: " + daemon_->last_words());
        Load load(
            *daemon_,
            {Kind::stream, Kind::stream, Kind::datagram, Kind::datagram, Kind::udp, Kind::http, Kind::http},
            random_());
        for (std::uint64_t i = 0; i < kKillsPerRound && outcome_.runs < kills; ++i) {
            if (committed_.size() > kRecordsPerRound) break;
            if (!kill_once()) return;
        }
        load.stop();
        (void)server_->set_faults({});
        if (!wait_until_delivered()) return;
        check(load);
    }

    bool kill_once() {
        ++outcome_.runs;
        // Mostly while it works, now and then while it starts.
        if (random_() % 8 != 0) {
            const auto started = daemon_->ready();
            if (!started) {
                outcome_.fail("it does not come back after a kill: " + daemon_->last_words());
                return false;
            }
            restarts_.push_back(started->count());
            arrivals_.wait_for(1 + random_() % 3'000, std::chrono::milliseconds(1 + random_() % 150));
        } else {
            ::poll(nullptr, 0, static_cast<int>(random_() % 20));
        }
        const auto moment = steady_clock::now();
        if (!daemon_->kill()) {
            outcome_.fail("it ended by itself: " + daemon_->last_words());
            return false;
        }
        const bool readable = look_inside(moment);
        daemon_->launch();
        if (readable) ++outcome_.recovered;
        return readable;
    }

    /// Reads a copy of what the kill left, so that the daemon itself has to recover the original.
    bool look_inside(steady_clock::time_point moment) {
        const std::string copy = dir_.file("copy.db");
        for (const char* suffix : {"", "-wal"}) {
            fs::remove(copy + suffix);
            if (fs::exists(daemon_->spool() + suffix))
                fs::copy_file(daemon_->spool() + suffix, copy + suffix);
        }
        fs::remove(copy + "-shm");
        auto spool = spool::Spool::open({copy, 4_GiB});
        if (!spool) {
            outcome_.fail("the spool is damaged: " + spool.error().message);
            return false;
        }
        if ((*spool)->rescued() || !(*spool)->log_kept_as().empty()) {
            outcome_.fail("what a kill left was taken for damage");
            return false;
        }
        const auto audit = (*spool)->audit();
        if (!audit || !audit->faults.empty()) {
            outcome_.fail("the books do not add up: " +
                          (audit ? audit->faults.front() : audit.error().message));
            return false;
        }
        note_pending(**spool, moment);
        return true;
    }

    void note_pending(spool::Spool& spool, steady_clock::time_point moment) {
        std::uint64_t again = 0;
        for (spool::ChunkId after = 0;;) {
            const auto chunks = spool.read(spool::kDefaultLane, after, 10'000, 8 << 20);
            if (!chunks || chunks->empty()) break;
            for (const spool::Chunk& chunk : *chunks) {
                std::size_t at = 0;
                for (std::size_t i = 0; i < chunk.records(); at += chunk.lengths[i++] + 1) {
                    if (!chunk.settled.empty() && chunk.settled[i]) continue;
                    const auto text = std::string_view(chunk.body).substr(at, chunk.lengths[i]);
                    const std::string name(name_in(text));
                    Committed& record = committed_[name];
                    record.hash = std::hash<std::string_view>{}(text);
                    ++record.kills;
                    const auto arrival = arrivals_.find(name);
                    if (!arrival || arrival->last < daemon_->launched()) continue;  // of an earlier life
                    ++again;
                    oldest_ = std::max<Seconds>(oldest_, moment - arrival->last);
                }
                after = chunk.id;
            }
        }
        most_again_ = std::max(most_again_, again);
    }

    bool wait_until_delivered() {
        if (!daemon_->ready()) {
            outcome_.fail("it does not come back: " + daemon_->last_words());
            return false;
        }
        const auto end = steady_clock::now() + std::chrono::minutes(2);
        for (;;) {
            const auto records = daemon_->status()["records"];
            if (records["pending"] == 0 && records["dead"] == 0) return true;
            if (steady_clock::now() > end) {
                outcome_.fail("not everything is delivered two minutes after the last kill: " +
                              records.dump());
                return false;
            }
            ::poll(nullptr, 0, 20);
        }
    }

    void check(const Load& load) {
        const auto arrived = arrivals_.snapshot();
        outcome_.records += arrived.size();
        for (const auto& [name, record] : committed_) {
            const auto found = arrived.find(name);
            if (found != arrived.end() && found->second.hash == record.hash && !found->second.changed)
                continue;
            ++outcome_.lost;
            outcome_.fail(name + " was committed and " +
                          (found == arrived.end() ? "did not arrive" : "arrived changed"));
        }
        for (const std::string& name : load.answered()) {
            if (arrived.contains(name)) continue;
            ++outcome_.lost;
            outcome_.fail(name + " was answered 201 over HTTP and did not arrive");
        }
        answered_ += load.answered().size();
        std::map<std::pair<unsigned, unsigned>, std::pair<unsigned, unsigned>> connections;
        for (const auto& [text, arrival] : arrived) {
            const auto committed = committed_.find(text);
            const std::uint32_t may = 1 + (committed == committed_.end() ? 0 : committed->second.kills);
            outcome_.duplicated += arrival.times - 1;
            if (arrival.times > may)
                outcome_.fail(text + " arrived " + std::to_string(arrival.times) +
                              " times, and was in the spool at " + std::to_string(may - 1) + " kills");
            const RecordName name = RecordName::parse(text);
            auto& [count, highest] = connections[{name.sender, name.connection}];
            ++count;
            highest = std::max(highest, name.number);
        }
        for (const auto& [key, seen] : connections)
            if (load.kind_of(key.first) != Kind::udp && seen.first != seen.second + 1)
                outcome_.fail("sender " + std::to_string(key.first) + ", connection " +
                              std::to_string(key.second) + ": " + std::to_string(seen.first) +
                              " records arrived, the last of them was number " +
                              std::to_string(seen.second + 1));
        if (oldest_ > kInFlight)
            outcome_.fail("a record came twice that was answered " + std::to_string(oldest_.count()) +
                          " s before the kill");
        const auto audit = daemon_->ask("/audit");
        if (!audit.is_object() || !audit.value("faults", nlohmann::json::array()).empty())
            outcome_.fail("audit: " + audit.dump());
    }

    void add_notes() {
        if (restarts_.empty()) return;
        std::ranges::sort(restarts_);
        char text[200];
        std::snprintf(text, sizeof text, "ready again after a kill: median %.0f ms, longest %.0f ms",
                      restarts_[restarts_.size() / 2] * 1e3, restarts_.back() * 1e3);
        outcome_.notes.emplace_back(text);
        std::snprintf(
            text, sizeof text,
            "arrived and not yet noted at a kill: at most %llu records, taken at most %.0f ms before",
            static_cast<unsigned long long>(most_again_), oldest_.count() * 1e3);
        outcome_.notes.emplace_back(text);
        outcome_.notes.push_back("answered 201 over HTTP: " + std::to_string(answered_) + " records");
    }

    const Plan& plan_;
    std::mt19937 random_;
    Outcome outcome_;
    test::TempDir dir_;
    Arrivals arrivals_;
    std::unique_ptr<sandbox::Server> server_;
    std::optional<Daemon> daemon_;
    std::unordered_map<std::string, Committed> committed_;
    std::vector<double> restarts_;
    std::uint64_t most_again_ = 0, answered_ = 0;
    Seconds oldest_{0};
};

}  // namespace

Outcome Kill::run(const Plan& plan) { return Siege(plan).run(); }

}  // namespace respand::torture
