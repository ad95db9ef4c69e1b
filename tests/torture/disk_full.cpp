#include "disk_full.hpp"

#include <poll.h>

#include <csignal>
#include <functional>

#include "arrivals.hpp"
#include "daemon.hpp"
#include "load.hpp"
#include "sandbox/server/server.hpp"
#include "small_disk.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

constexpr std::chrono::seconds kPatience{60};

/// Polls; false when it takes too long.
bool wait_until(const std::function<bool()>& holds, std::chrono::seconds patience = kPatience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        ::poll(nullptr, 0, 10);
    }
    return true;
}

/// One time through: outage, full disk, delivery on the full disk, room again.
class Siege {
  public:
    Siege(const Plan& plan, Outcome& outcome) : plan_(plan), outcome_(outcome), dir_(plan.small_disk) {}

    bool run(std::uint64_t seed) {
        sandbox::Options options;
        options.faults.fail = {{503, 1.0}};
        options.accepted = [this](std::string_view log) { arrivals_.take(log); };
        auto server = sandbox::Server::start(std::move(options));
        if (!server) return broken("no server: " + server.error().message);
        daemon_.emplace(plan_,
                        Daemon::Setup{dir_.path(), dir_.file("spool.db"), (*server)->base_url(), {}, {}, {}});
        daemon_->launch();
        if (!daemon_->ready()) return broken("it does not start: " + daemon_->last_words());
        Load load(*daemon_,
                  {Kind::stream, Kind::stream, Kind::datagram, Kind::datagram, Kind::udp, Kind::http}, seed,
                  8000);
        if (!fills_up(load) || !empties_itself(**server) || !goes_on(load)) return false;
        load.stop();
        return adds_up(load);
    }

  private:
    bool broken(const std::string& sentence) {
        outcome_.fail(sentence);
        return false;
    }
    nlohmann::json spool() const { return daemon_->status()["spool"]; }
    std::uint64_t count(const char* name) const {
        const auto status = daemon_->status();
        return status.is_null() ? 0 : status["records"][name].get<std::uint64_t>();
    }

    /// The disk runs low: nobody's record is taken any more, and Unix senders wait.
    bool fills_up(const Load& load) {
        if (!wait_until([&] { return spool()["full"] == true; }))
            return broken("intake does not pause on a small disk: " + daemon_->status().dump());
        std::uint64_t before = 0, now = load.sent_over_unix();
        if (!wait_until([&] {
                before = std::exchange(now, load.sent_over_unix());
                ::poll(nullptr, 0, 200);
                return before == now;
            }))
            return broken("Unix senders are not held back by a full disk");
        if (!wait_until([&] { return load.turned_away() > 0; }))
            return broken("HTTP is not answered 503 on a full disk");
        return true;
    }

    /// Somebody takes the rest of the disk. The API is back: everything is delivered and noted without a byte
    /// more.
    bool empties_itself(sandbox::Server& server) {
        const Neighbour neighbour(plan_.small_disk);
        const std::uint64_t accepted = count("accepted");
        (void)server.set_faults({});
        daemon_->signal(SIGHUP);  // try again now
        std::string stuck;
        const bool delivered = wait_until([&] {
            const auto status = daemon_->status();
            if (status["spool"].contains("stuck") && status["spool"]["stuck"].is_string())
                stuck = status["spool"]["stuck"];
            return status["records"]["pending"] == 0;
        });
        if (!delivered) return broken("no delivery on a full disk: " + daemon_->status().dump());
        if (!stuck.empty()) return broken("a settlement found no room: " + stuck);
        if (count("accepted") != accepted) return broken("records were accepted on a full disk");
        return true;
    }

    /// There is room again: it goes on by itself.
    bool goes_on(const Load& load) {
        const std::uint64_t accepted = count("accepted"), sent = load.sent_over_unix();
        if (!wait_until(
                [&] { return load.sent_over_unix() > sent + 100 && count("accepted") > accepted + 100; }))
            return broken("intake does not resume when the disk has room: " + daemon_->status().dump());
        return true;
    }

    /// Every record that was sent arrived; of UDP, every one that did not is in the books.
    bool adds_up(const Load& load) {
        const std::uint64_t pushable = load.sent_over_unix() + load.sent_over_http();
        const std::uint64_t udp_sent = load.sent() - pushable;
        std::uint64_t last_words = 0;
        auto all_booked = [&] {
            return count("received") == load.sent() + last_words && count("pending") == 0;
        };
        if (!wait_until([&] {  // the kernel tells of drops with the next datagram
                load.send_one_by_udp(last_words++);
                return wait_until(all_booked, std::chrono::seconds(5));
            }))
            return broken(std::to_string(load.sent()) + " were sent, in the books are " +
                          daemon_->status()["records"].dump());
        const std::uint64_t dropped = count("dropped");
        const auto arrived = arrivals_.snapshot();
        outcome_.records += arrived.size();
        std::uint64_t by_udp = 0;
        for (const auto& [name, arrival] : arrived) {
            outcome_.duplicated += arrival.times - 1;
            by_udp += load.kind_of(RecordName::parse(name).sender) == Kind::udp ? 1U : 0U;
        }
        const std::uint64_t by_others = arrived.size() - by_udp;
        outcome_.lost += pushable - by_others;
        if (by_udp + dropped != udp_sent + last_words)
            return broken(std::to_string(udp_sent + last_words) + " sent over UDP, " +
                          std::to_string(by_udp) + " arrived, " + std::to_string(dropped) +
                          " counted as dropped");
        dropped_ = dropped;
        return daemon_->stop() == 0 || broken("it does not stop in order");
    }

    const Plan& plan_;
    Outcome& outcome_;
    test::TempDir dir_;
    Arrivals arrivals_;
    std::optional<Daemon> daemon_;

  public:
    std::uint64_t dropped_ = 0;
};

}  // namespace

Outcome DiskFull::run(const Plan& plan) {
    Outcome outcome;
    if (plan.small_disk.empty()) {
        outcome.available = false;
        outcome.notes.push_back(plan.no_small_disk);
        return outcome;
    }
    std::uint64_t dropped = 0;
    for (const std::uint64_t wanted = plan.runs(kUsualRuns);
         outcome.runs < wanted && outcome.broken.empty();) {
        Siege siege(plan, outcome);
        if (siege.run(plan.seed + outcome.runs)) ++outcome.recovered;
        dropped += siege.dropped_;
        ++outcome.runs;
    }
    outcome.notes.push_back("dropped by the kernel on UDP, and counted: " + std::to_string(dropped));
    return outcome;
}

}  // namespace respand::torture
