// Random faults against a model of the server: whatever happens, every record ends exactly once, and rightly.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "fakes.hpp"
#include "upload/lane.hpp"

namespace respand::upload {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Knows which records are good and what it took, and fails in every way it can.
class ModelServer {
  public:
    explicit ModelServer(std::uint64_t seed) : random_(seed), body_limit_(20'000 + random_() % 200'000) {}

    bool is_bad(std::uint64_t id) const { return id % 97 == 13; }
    bool calm = false;
    std::set<std::uint64_t> taken;

    Reply reply_to(const test::ScriptedTransport::Exchange& exchange) {
        Reply reply;
        if (!calm) {
            if (locked_ > 0) --locked_;
            switch (random_() % 12) {
                case 0:
                    return refuse(429, R"({"detail":"slow","retry_after":3})");
                case 1:
                    return refuse(500 + static_cast<int>(random_() % 5), "<html>");
                case 2:  // Took it, and the answer was lost.
                    take(exchange);
                    reply.fault = random_() % 2 == 0 ? TransportFault::timeout : TransportFault::reset;
                    return reply;
                case 3:
                    reply.fault = TransportFault::connect_failed;
                    return reply;
                case 4:
                    locked_ = static_cast<int>(random_() % 4);
                    break;
                default:
                    break;
            }
            if (locked_ > 0) return refuse(401, "");
            if (exchange.is_bulk() && random_() % 40 == 0) return refuse(405, "");
        }
        if (exchange.bytes > body_limit_ && exchange.ids.size() > 1) return refuse(413, "");
        return judge(exchange);
    }

  private:
    static Reply refuse(int status, std::string body) {
        Reply reply;
        reply.status = status;
        reply.body = std::move(body);
        return reply;
    }

    void take(const test::ScriptedTransport::Exchange& exchange) {
        for (const std::uint64_t id : exchange.ids) {
            if (!is_bad(id)) taken.insert(id);
        }
    }

    Reply judge(const test::ScriptedTransport::Exchange& exchange) {
        std::string errors;
        std::size_t count = 0;
        for (std::size_t i = 0; i < exchange.ids.size(); ++i) {
            if (is_bad(exchange.ids[i]) && ++count > 0)
                errors +=
                    (errors.empty() ? "" : ",") + (R"({"index":)" + std::to_string(i) + R"(,"error":"bad"})");
        }
        const bool some = errors.empty() || count < exchange.ids.size();
        if (errors.empty() || (exchange.is_bulk() && some && random_() % 2 == 0)) {
            take(exchange);
            return refuse(201, exchange.is_bulk() ? "{\"errors\":[" + errors + "]}" : "{}");
        }
        return refuse(random_() % 2 == 0 ? 400 : 422,
                      random_() % 4 == 0 ? "{\"errors\":[" + errors + "]}" : "no");
    }

    std::mt19937_64 random_;
    std::size_t body_limit_;
    int locked_ = 0;
};

struct Run {
    std::uint64_t seed;
    Mode mode;
};

class AnyFaults : public testing::TestWithParam<Run> {};

TEST_P(AnyFaults, LoseNoRecordAndBuryNoGoodOne) {
    std::mt19937_64 random(GetParam().seed);
    ManualClock clock;
    UploadSettings settings;
    settings.mode = GetParam().mode;
    settings.max_connections = 1 + static_cast<std::uint32_t>(random() % 4);
    settings.bulk_requests_per_minute = random() % 2 == 0 ? 30 : 0;
    settings.max_body = ByteCount{8'000 + random() % 200'000};
    settings.linger = milliseconds(random() % 2'000);
    test::MemorySource source;
    source.hold_fetches = random() % 2 == 0;
    test::ScriptedTransport transport;
    ModelServer server(GetParam().seed + 1);
    Lane lane(clock, settings, spool::kDefaultLane, source, transport, GetParam().seed + 2);
    lane.start();

    source.offer_newest = random() % 2 == 0;
    const std::size_t total = settings.mode == Mode::create ? 600 : 6'000;
    std::optional<SteadyTime> last_sent;
    int seen = 0;
    for (int step = 0; source.settled.size() < total; ++step) {
        ASSERT_LT(step, 500'000) << "it does not come to an end";
        server.calm = step > 5'000;
        if (source.added() < total && random() % 3 == 0)
            source.add(std::min<std::size_t>(total - source.added(), 1 + random() % 700), 1 + random() % 500,
                       random() % 10 == 0 ? 3'000 : random() % 300);
        for (const auto& exchange : transport.pending) {
            if (exchange.number <= seen || !exchange.is_bulk() || settings.bulk_requests_per_minute == 0)
                continue;
            ASSERT_TRUE(!last_sent || clock.steady() - *last_sent >= seconds(2));
            last_sent = clock.steady();
        }
        seen = transport.requests;
        ASSERT_LE(transport.pending.size(), settings.max_connections);
        for (const auto& exchange : transport.pending) {
            ASSERT_LE(exchange.ids.size(), exchange.is_bulk() ? spool::kMaxChunkRecords : 1);
            ASSERT_TRUE(settings.mode == Mode::automatic ||
                        exchange.is_bulk() == (settings.mode == Mode::bulk));
            ASSERT_TRUE(exchange.bytes <= settings.max_body.value || exchange.ids.size() == 1);
        }
        switch (random() % 4) {
            case 0:
                source.finish_fetch();
                break;
            case 1:
                if (!transport.pending.empty()) {
                    const std::size_t at = random() % transport.pending.size();
                    transport.answer(server.reply_to(transport.pending[at]), at);
                }
                break;
            case 2:
                if (lane.wake_at())
                    clock.advance(std::max(*lane.wake_at() - clock.steady(), SteadyTime::duration{0}));
                lane.pump();
                break;
            default:
                clock.advance(milliseconds(random() % 300));
                if (random() % 500 == 0) lane.reload(settings);
                lane.pump();
                break;
        }
    }
    for (const auto& [id, settlement] : source.settled) {
        if (settlement.outcome == Settlement::Outcome::dead) {
            EXPECT_TRUE(server.is_bad(id)) << id;
        } else {
            EXPECT_TRUE(server.taken.contains(id)) << id;
        }
    }
    EXPECT_EQ(lane.status().in_flight, 0U);
}

std::vector<Run> runs() {
    std::vector<Run> out;
    for (std::uint64_t seed = 1; seed <= 24; ++seed)
        out.push_back({seed, std::array{Mode::automatic, Mode::create, Mode::bulk}[seed % 3]});
    return out;
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyFaults, testing::ValuesIn(runs()),
                         [](const auto& run) { return std::to_string(run.param.seed); });

}  // namespace
}  // namespace respand::upload
