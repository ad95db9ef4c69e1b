// Days in seconds: steady intake against a server that is away, limits, flaps and changes its key. At the end
// every record is where it belongs, once.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <queue>
#include <random>

#include "lane_fixture.hpp"

namespace respand::upload {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// The server's side of the story: what it took, how often, and whether the limit per minute was kept.
class SimulatedServer {
  public:
    explicit SimulatedServer(std::uint64_t seed) : random_(seed) {}

    std::string key = "old";
    bool away = false, storming = false;
    bool losing_answers = false;  ///< takes a request now and then, and the answer is lost
    std::map<std::uint64_t, int> taken;
    std::uint64_t violations = 0, lost_answers = 0;
    int requests = 0;

    static bool is_bad(std::uint64_t id) { return id % 1'009 == 500; }

    Reply serve(const Request& request, const std::string& sent_key, SteadyTime now) {
        ++requests;
        Reply reply;
        if (away) {
            reply.fault = TransportFault::connect_failed;
            return reply;
        }
        if (sent_key != key) return answer(401, R"({"detail":"invalid key"})");
        if (storming && random_() % 3 != 0)
            return answer(429, random_() % 2 == 0 ? R"({"detail":"slow","retry_after":7})" : "");
        if (request.target == target(Endpoint::bulk) && over_limit(now)) return answer(429, "");
        const bool lost = losing_answers && random_() % 20 == 0;
        reply = judge(request);
        if (!lost) return reply;
        ++lost_answers;
        reply = {};
        reply.fault = TransportFault::reset;
        reply.may_have_arrived = true;
        return reply;
    }

  private:
    static Reply answer(int status, std::string body) {
        Reply reply;
        reply.status = status;
        reply.body = std::move(body);
        return reply;
    }

    bool over_limit(SteadyTime now) {
        bulk_.push_back(now);
        while (now - bulk_.front() >= minutes(1)) bulk_.pop_front();
        if (bulk_.size() <= 30) return false;
        ++violations;
        return true;
    }

    Reply judge(const Request& request) {
        std::string errors;
        std::size_t at = 0, good = 0;
        for (const std::uint64_t id : test::ids_of(request)) {
            if (is_bad(id)) {
                errors += (errors.empty() ? "" : ",") +
                          (R"({"index":)" + std::to_string(at) + R"(,"error":"bad"})");
            } else {
                ++taken[id];
                ++good;
            }
            ++at;
        }
        if (good == 0) return answer(422, R"({"detail":"bad"})");
        return answer(201, "{\"errors\":[" + errors + "]}");
    }

    std::mt19937_64 random_;
    std::deque<SteadyTime> bulk_;
};

/// Answers after a while, on the simulated clock.
class SimulatedTransport final : public Transport {
  public:
    SimulatedTransport(ManualClock& clock, SimulatedServer& server, std::uint64_t seed)
        : clock_(clock), server_(server), random_(seed) {}

    void send(Request request, std::function<void(Reply)> done) override {
        const auto takes = milliseconds(30 + random_() % 100);
        due_.emplace(clock_.steady() + takes,
                     std::pair(server_.serve(request, key_, clock_.steady()), std::move(done)));
        most_in_flight = std::max(most_in_flight, due_.size());
    }
    void cancel() override {}
    void set_api_key(std::string key) override { key_ = std::move(key); }

    std::optional<SteadyTime> next() const {
        return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
    }
    void deliver_one() {
        auto [reply, done] = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        done(std::move(reply));
    }
    std::size_t most_in_flight = 0;

  private:
    ManualClock& clock_;
    SimulatedServer& server_;
    std::mt19937_64 random_;
    std::string key_ = "old";
    std::multimap<SteadyTime, std::pair<Reply, std::function<void(Reply)>>> due_;
};

class DaysOfTrouble : public testing::TestWithParam<int> {
  protected:
    DaysOfTrouble() {
        settings.mode = std::array{Mode::automatic, Mode::bulk}[static_cast<std::size_t>(GetParam()) % 2];
        source.offer_newest = true;
        lane = std::make_unique<Lane>(clock, settings, spool::kDefaultLane, source, transport, seed + 2);
        lane->start();
    }
    /// Runs the world for `span`; a record comes every `every` on average, now and then a burst.
    template <class Duration>
    void live(Duration span, milliseconds every = seconds(20)) {
        const SteadyTime end = clock.steady() + span;
        SteadyTime next_record = clock.steady();
        while (clock.steady() < end) {
            SteadyTime next = std::min(end, next_record);
            if (const auto reply = transport.next()) next = std::min(next, *reply);
            if (const auto wake = lane->wake_at()) next = std::min(next, *wake);
            if (next > clock.steady()) clock.advance(next - clock.steady());
            if (clock.steady() >= next_record) {
                source.add(random() % 500 == 0 ? 700 : 1, 1 + random() % 100);
                next_record = clock.steady() + every / 2 + every * static_cast<int>(random() % 100) / 100;
            }
            if (transport.next() && *transport.next() <= clock.steady()) transport.deliver_one();
            lane->pump();
        }
    }
    void expect_the_books_to_add_up() {
        live(hours(2), minutes(10));
        ASSERT_EQ(source.settled.size(), source.added()) << name(lane->status().state);
        const LaneCounters counters = lane->status().counters;
        EXPECT_EQ(counters.delivered + counters.dead, source.added());
        EXPECT_EQ(lane->status().in_hand, 0U);
        std::uint64_t ended = 0;
        for (const EndpointCounters& endpoint : counters.endpoints)
            for (const std::uint64_t requests : endpoint.requests) ended += requests;
        EXPECT_EQ(ended, counters.requests);
        EXPECT_EQ(static_cast<int>(counters.requests), server.requests);
        std::uint64_t twice = 0;
        for (const auto& [id, settlement] : source.settled) {
            const bool dead = settlement.outcome == Settlement::Outcome::dead;
            ASSERT_EQ(dead, SimulatedServer::is_bad(id)) << id;
            if (dead) continue;
            ASSERT_TRUE(server.taken.contains(id)) << id << " is lost";
            twice += static_cast<std::uint64_t>(server.taken.at(id)) - 1;
        }
        EXPECT_LE(twice, counters.duplicate_records) << "each possible duplicate was counted";
        EXPECT_EQ(counters.duplicate_requests, server.lost_answers);
        EXPECT_TRUE(twice == 0 || server.lost_answers > 0);
        EXPECT_EQ(server.violations, 0U) << "more than 30 bulk requests in a minute";
        EXPECT_LE(transport.most_in_flight, settings.max_connections);
    }

    std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 100;
    std::mt19937_64 random{seed};
    ManualClock clock;
    UploadSettings settings;
    test::MemorySource source;
    SimulatedServer server{seed};
    SimulatedTransport transport{clock, server, seed + 1};
    std::unique_ptr<Lane> lane;
};

TEST_P(DaysOfTrouble, AnOutageOfThreeDaysCostsNothingAndDrainsSoon) {
    live(hours(6));
    server.away = true;
    const int before = server.requests;
    live(hours(72));
    EXPECT_LE(server.requests - before, 4 * 72 * 60 * 60 / 30) << "it knocks about twice a minute, no more";
    EXPECT_GE(server.requests - before, 72 * 60 / 2) << "and does not fall asleep";
    const std::uint64_t waiting = source.added() - source.settled.size();
    EXPECT_GT(waiting, 10'000U);
    server.away = false;
    live(minutes(2) + seconds(waiting / 100));  // 100 a second, with a budget of 250
    EXPECT_LE(source.added() - source.settled.size(), 50U);
    expect_the_books_to_add_up();
}

TEST_P(DaysOfTrouble, StormsAndFlappingCostNothing) {
    for (int day = 0; day < 2; ++day) {
        live(hours(3));
        server.storming = true;
        live(hours(2), seconds(2));
        server.storming = false;
        for (int i = 0; i < 200; ++i) {
            server.away = !server.away;
            live(seconds(1 + random() % 60), seconds(1));
        }
        server.away = false;
        server.losing_answers = true;
        live(hours(3), seconds(2));
        server.losing_answers = false;
    }
    EXPECT_GT(server.lost_answers, 0U);
    expect_the_books_to_add_up();
}

TEST_P(DaysOfTrouble, KeysChangeWithoutALostOrDoubledRecord) {
    for (int change = 0; change < 20; ++change) {
        live(minutes(10 + random() % 60), milliseconds(200 + random() % 5'000));
        server.key = "key " + std::to_string(change);  // requests under way carry the old one
        live(minutes(random() % 30), seconds(1));
        transport.set_api_key(server.key);
        lane->reload(settings);
        live(seconds(5));
        EXPECT_NE(lane->status().state, LaneState::stopped) << "a reload tries at once";
    }
    expect_the_books_to_add_up();
}

INSTANTIATE_TEST_SUITE_P(Seeds, DaysOfTrouble, testing::Range(1, 5));

}  // namespace
}  // namespace respand::upload
