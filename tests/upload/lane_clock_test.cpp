// Somebody sets the wall clock while a lane delivers, backs off and waits for a rate limit: nothing that it
// does changes.
#include <gtest/gtest.h>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <random>

#include "fakes.hpp"
#include "upload/lane.hpp"

namespace respand::upload {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string http_date(WallTime time) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(
                           std::chrono::time_point_cast<std::chrono::system_clock::duration>(time))));
}

/// A server with a clock of its own, which is right.
class Server {
  public:
    Server(std::uint64_t seed, const ManualClock& clock)
        : random_(seed), clock_(clock), start_(clock.steady()) {}

    Reply reply_to(const test::ScriptedTransport::Exchange& exchange) {
        switch (random_() % 8) {
            case 0:
                return refuse(500 + static_cast<int>(random_() % 4));
            case 1:
                return ask(seconds(1 + random_() % 600));
            case 2: {
                Reply reply = refuse(429);
                reply.retry_after = std::to_string(1 + random_() % 90);
                return reply;
            }
            case 3: {
                Reply reply = refuse(429);
                reply.date = http_date(now());
                reply.rate_limit_reset =
                    std::to_string((now() + seconds(30)).time_since_epoch() / seconds(1));
                return reply;
            }
            case 4: {
                Reply reply;
                reply.fault = random_() % 2 == 0 ? TransportFault::timeout : TransportFault::connect_failed;
                return reply;
            }
            default:
                return refuse(201, exchange.is_bulk() ? R"({"errors":[]})" : "{}");
        }
    }

  private:
    WallTime now() const {
        return WallTime{seconds{1'790'000'000}} +
               std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady() - start_);
    }
    static Reply refuse(int status, std::string body = {}) {
        Reply reply;
        reply.status = status;
        reply.body = std::move(body);
        return reply;
    }
    /// A moment, not a span.
    Reply ask(seconds wait) {
        Reply reply = refuse(random_() % 2 == 0 ? 429 : 503);
        reply.date = http_date(now());
        reply.retry_after = http_date(now() + wait);
        return reply;
    }

    std::mt19937_64 random_;
    const ManualClock& clock_;
    SteadyTime start_;
};

/// Everything that a lane sends, and when, until all is delivered. `sets`: where the wall clock is set now
/// and then.
std::vector<std::string> trace(std::uint64_t seed, Mode mode, std::mt19937_64* sets) {
    std::mt19937_64 random(seed);
    ManualClock clock;
    const SteadyTime start = clock.steady();
    UploadSettings settings;
    settings.mode = mode;
    settings.max_connections = 1 + static_cast<std::uint32_t>(random() % 3);
    settings.linger = milliseconds(random() % 500);
    test::MemorySource source;
    test::ScriptedTransport transport;
    Server server(seed + 1, clock);
    Lane lane(clock, settings, spool::kDefaultLane, source, transport, seed + 2);
    lane.start();
    std::vector<std::string> seen;
    int noted = 0;
    constexpr std::size_t kRecords = 400;
    for (int step = 0; source.settled.size() < kRecords && step < 100'000; ++step) {
        if (sets != nullptr && (*sets)() % 3 == 0) {
            const auto jump = days((*sets)() % 40'000);
            clock.set_wall((*sets)() % 2 == 0 ? WallTime{} + jump : WallTime{seconds{1'790'000'000}} + jump);
        }
        if (source.added() < kRecords && random() % 4 == 0)
            source.add(std::min<std::size_t>(kRecords - source.added(), 1 + random() % 60), 20);
        for (const auto& exchange : transport.pending) {
            if (exchange.number <= noted) continue;
            noted = exchange.number;
            std::string line = std::to_string((clock.steady() - start) / std::chrono::microseconds{1}) +
                               " us " + exchange.target;
            for (const std::uint64_t id : exchange.ids) line += " " + std::to_string(id);
            seen.push_back(std::move(line));
        }
        if (!transport.pending.empty() && random() % 2 == 0) {
            const std::size_t at = random() % transport.pending.size();
            transport.answer(server.reply_to(transport.pending[at]), at);
        } else if (lane.wake_at() && random() % 2 == 0) {
            clock.advance(std::max(*lane.wake_at() - clock.steady(), SteadyTime::duration{0}));
        } else {
            clock.advance(milliseconds(random() % 200));
        }
        lane.pump();
    }
    EXPECT_EQ(source.settled.size(), kRecords) << "seed " << seed;
    return seen;
}

TEST(LaneClock, AWallClockThatIsSetChangesNoRequestAndNoWait) {
    std::size_t requests = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        for (const Mode mode : {Mode::automatic, Mode::create, Mode::bulk}) {
            std::mt19937_64 sets(seed);
            const auto undisturbed = trace(seed, mode, nullptr);
            ASSERT_EQ(trace(seed, mode, &sets), undisturbed) << "seed " << seed;
            requests += undisturbed.size();
        }
    }
    EXPECT_GT(requests, 5'000U);
}

}  // namespace
}  // namespace respand::upload
