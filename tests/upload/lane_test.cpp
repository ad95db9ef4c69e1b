#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lane_fixture.hpp"
#include "upload/encode.hpp"

namespace respand::upload {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

/// Only /bulk/ is used, without a limit on its pace.
class ALane : public test::LaneFixture {
  protected:
    ALane() { settings.mode = Mode::bulk; }
};

TEST_F(ALane, SendsNothingWhenThereIsNothing) {
    start();
    pass(minutes(10));
    EXPECT_EQ(transport.requests, 0);
    EXPECT_EQ(source.fetches, 1) << "it asks once and then waits to be told";
    EXPECT_EQ(state(), LaneState::idle);
}

TEST_F(ALane, LetsABatchThatIsNotFullLinger) {
    start();
    source.add(3);
    pass(milliseconds(990));
    EXPECT_EQ(transport.requests, 0);
    source.add(4);
    pass(milliseconds(20));
    ASSERT_EQ(in_flight(), 1U);
    EXPECT_EQ(transport.pending[0].ids.size(), 7U);
    EXPECT_EQ(state(), LaneState::sending);
    transport.answer(201);
    EXPECT_EQ(source.delivered(), 7U);
    EXPECT_EQ(state(), LaneState::idle);
}

TEST_F(ALane, SendsAFullBatchAtOnceAlsoWhenItFillsWhileLingering) {
    start();
    source.add(499);
    EXPECT_EQ(in_flight(), 0U);
    source.add(1);
    pass(kLingerPoll);
    ASSERT_EQ(in_flight(), 1U);
    EXPECT_EQ(transport.pending[0].ids.size(), 500U);
}

TEST_F(ALane, DoesNotLingerForRecordsThatWereLeftBehind) {
    settings.max_body = 64_KiB;
    start();
    source.add(100, 10, 6'000);  // full by bytes long before 500 records
    pass(seconds(1));
    for (int i = 0; i < 9; ++i) {
        ASSERT_EQ(in_flight(), 2U);
        transport.answer(201);
    }
    EXPECT_GE(source.delivered(), 90U);
}

TEST_F(ALane, NeverHasMoreRequestsInFlightThanConnections) {
    source.add(5'000);
    start();
    EXPECT_EQ(in_flight(), 2U);
    transport.answer(201);
    EXPECT_EQ(in_flight(), 2U);
}

TEST_F(ALane, InCreateModeSendsOneRecordARequestWithoutLinger) {
    settings.mode = Mode::create;
    settings.bulk_requests_per_minute = 30;  // of no concern here
    settings.max_connections = 3;
    start();
    source.add(10);
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(in_flight(), static_cast<std::size_t>(std::min(3, 10 - i)));
        EXPECT_EQ(transport.pending[0].target, "/request-logs/create/");
        EXPECT_EQ(transport.pending[0].ids.size(), 1U);
        transport.answer(200);
    }
    EXPECT_EQ(source.delivered(), 10U);
}

TEST_F(ALane, KeepsBulkRequestsApartAndLetsBatchesFillMeanwhile) {
    settings.bulk_requests_per_minute = 30;
    start();
    pass(seconds(5));
    source.add(500);
    pass(kLingerPoll);
    ASSERT_EQ(in_flight(), 1U);
    transport.answer(201);
    source.add(10);
    pass(milliseconds(1'900));
    EXPECT_EQ(in_flight(), 0U);
    EXPECT_EQ(state(), LaneState::pacing);
    EXPECT_EQ(lane->status().next_attempt_in, std::chrono::microseconds(83'334));
    source.add(10);
    pass(milliseconds(100));
    ASSERT_EQ(in_flight(), 1U) << "the pause was the linger";
    EXPECT_EQ(transport.pending[0].ids.size(), 20U);
}

TEST_F(ALane, IsolatesABadRecordByHalvesAndBuriesItAlone) {
    source.add(500);
    settings.max_connections = 1;
    start();
    int refusals = 0;
    while (in_flight() > 0) {
        const auto& ids = transport.pending[0].ids;
        const bool bad = std::find(ids.begin(), ids.end(), 321U) != ids.end();
        if (bad) ++refusals;
        transport.answer(bad ? 422 : 201, bad ? R"({"detail":"model is odd"})" : "");
        pass(seconds(1));
    }
    EXPECT_EQ(source.delivered(), 499U);
    ASSERT_EQ(source.dead(), 1U);
    EXPECT_EQ(source.settled.at(321).status, 422);
    EXPECT_EQ(source.settled.at(321).answer, R"({"detail":"model is odd"})");
    EXPECT_LE(refusals, 10);
    EXPECT_EQ(lane->status().state, LaneState::idle);
}

TEST_F(ALane, PacesTheHalvesLikeAnyRequest) {
    settings.bulk_requests_per_minute = 30;
    source.add(500);
    start();
    EXPECT_EQ(in_flight(), 0U) << "a former process may just have sent one";
    pass(milliseconds(2 * 2'034));
    transport.answer(400);
    EXPECT_EQ(in_flight(), 0U);
    pass(milliseconds(2'034));
    EXPECT_EQ(in_flight(), 1U);
    pass(seconds(1));
    EXPECT_EQ(in_flight(), 1U);
    pass(milliseconds(1'034));
    EXPECT_EQ(in_flight(), 2U);
}

TEST_F(ALane, SettlesAPartlyRefusedBatchAtOnce) {
    source.add(500);
    start();
    transport.answer(201,
                     R"({"success_count":499,"error_count":1,"errors":[{"index":7,"error":"no model"}]})");
    EXPECT_EQ(source.delivered(), 499U);
    EXPECT_EQ(source.settled.at(7).answer, "no model");
    EXPECT_EQ(transport.requests, 1);
}

TEST_F(ALane, SendsSmallerBodiesForAWhileAfterA413) {
    settings.max_connections = 1;
    settings.max_body = 1_MiB;
    source.add(4'000, 40, 6'000);
    start();
    const std::size_t first = transport.pending[0].bytes;
    EXPECT_LE(first, 1'048'576U);
    transport.answer(413, "<html>too large</html>");
    for (int i = 0; i < 8; ++i) {
        ASSERT_EQ(in_flight(), 1U);
        EXPECT_LE(transport.pending[0].bytes, first / 2 + 1) << "fresh batches too";
        transport.answer(201);
    }
    transport.answer(201);
    pass(BodyLimit::kRemember);
    transport.answer(201);
    EXPECT_GT(transport.pending[0].bytes, first / 2 + 1) << "later it tries large ones again";
}

TEST_F(ALane, BacksOffWithOneConnectionAndResumes) {
    source.add(5'000);
    start();
    transport.answer(503, "gone", 1);
    EXPECT_EQ(state(), LaneState::backing_off);
    EXPECT_THAT(lane->status().reason, HasSubstr("503 from https://host/api/request-logs/bulk/"));
    transport.fail(TransportFault::timeout);
    EXPECT_EQ(in_flight(), 0U);
    pass(minutes(1));
    ASSERT_EQ(in_flight(), 1U) << "one at a time after a fault";
    for (int i = 0; i < 7; ++i) {
        transport.answer(201);
        EXPECT_EQ(in_flight(), 1U);
    }
    transport.answer(201);
    EXPECT_EQ(in_flight(), 2U) << "after eight successes it opens up";
    while (in_flight() > 0) transport.answer(201);
    EXPECT_EQ(state(), LaneState::idle);
    EXPECT_EQ(source.delivered(), 5'000U);
    const LaneStatus status = lane->status();
    EXPECT_EQ(status.counters.failures, 2U);
    EXPECT_EQ(status.counters.retries, 2U);
    EXPECT_TRUE(status.reason.empty());
    EXPECT_THAT(status.last_error, HasSubstr("scripted"));
}

TEST_F(ALane, WaitsAsLongAsTheServerAsks) {
    source.add(500);
    start();
    transport.answer(429, R"({"detail":"slow down","retry_after":30})");
    pass(milliseconds(29'990));
    EXPECT_EQ(in_flight(), 0U);
    EXPECT_GT(lane->status().next_attempt_in, milliseconds(0));
    pass(milliseconds(3'020));
    EXPECT_EQ(in_flight(), 1U) << "spread over a tenth of that: others may have been told the same";
}

TEST_F(ALane, StopsForTheOperatorKeepsEverythingAndProbesWithOneRecord) {
    source.add(5'000);
    start();
    transport.answer(401, R"({"detail":"bad key"})");
    transport.answer(401);
    EXPECT_EQ(state(), LaneState::stopped);
    EXPECT_THAT(lane->status().reason, HasSubstr("check [upload] api_key, then reload"));
    for (int i = 0; i < 20; ++i) {
        pass(seconds(59));
        EXPECT_EQ(in_flight(), 0U);
        pass(seconds(1));
        ASSERT_EQ(in_flight(), 1U);
        EXPECT_EQ(transport.pending[0].ids.size(), 1U);
        transport.answer(401);
    }
    EXPECT_TRUE(source.settled.empty());
    pass(seconds(60));
    transport.answer(201);
    EXPECT_EQ(source.delivered(), 1U);
    EXPECT_NE(state(), LaneState::stopped);
    int requests = 0;
    for (; in_flight() > 0; ++requests) transport.answer(201);
    EXPECT_EQ(source.delivered(), 5'000U);
    EXPECT_LE(requests, 13) << "the probes must not have cut the batches to pieces";
}

TEST_F(ALane, TriesAgainAtOnceOnReload) {
    source.add(500);
    start();
    transport.fail(TransportFault::tls_untrusted);
    EXPECT_EQ(state(), LaneState::stopped);
    EXPECT_EQ(in_flight(), 0U);
    lane->reload(settings);
    ASSERT_EQ(in_flight(), 1U);
    transport.answer(503);
    lane->reload(settings);
    EXPECT_EQ(in_flight(), 1U);
}

TEST_F(ALane, HoldsNoMoreInMemoryWhileStoppedThanItsConnections) {
    source.add(100'000);
    start();
    const std::uint64_t left = source.waiting(0);
    while (in_flight() > 0) transport.answer(404);
    for (int i = 0; i < 50; ++i) {
        pass(minutes(1));
        transport.answer(404);
    }
    EXPECT_GE(source.waiting(0) + 2, left) << "no more than a few probes were fetched";
    EXPECT_TRUE(source.settled.empty());
}

TEST_F(ALane, DoesNotLetOneRecordThatAFirewallDislikesStopTheOthers) {
    settings.max_connections = 1;
    source.add(1'200);
    start();
    for (int i = 0; i < 200 && source.settled.size() < 1'200; ++i) {
        while (in_flight() > 0) {
            const auto& ids = transport.pending[0].ids;
            const bool bad = std::find(ids.begin(), ids.end(), 250U) != ids.end();
            transport.answer(bad ? 403 : 201);
        }
        pass(minutes(1));
    }
    EXPECT_EQ(source.delivered(), 1'199U);
    ASSERT_EQ(source.dead(), 1U);
    EXPECT_EQ(source.settled.at(250).status, 403);
}

TEST_F(ALane, NeverBuriesAnythingForAWrongKeyHoweverItFlaps) {
    settings.max_connections = 1;
    source.add(600);
    start();
    for (int i = 0; i < 2'000 && source.settled.size() < 600; ++i) {
        if (in_flight() > 0) transport.answer(i % 2 == 0 ? 401 : 201);
        pass(minutes(1));
    }
    EXPECT_EQ(source.dead(), 0U);
    EXPECT_EQ(source.delivered(), 600U);
}

TEST_F(ALane, StartsNothingAfterItWasClosed) {
    source.add(2'000);
    start();
    lane->close();
    EXPECT_FALSE(lane->quiet());
    transport.answer(201);
    transport.answer(503);
    EXPECT_TRUE(lane->quiet());
    EXPECT_EQ(state(), LaneState::closed);
    EXPECT_EQ(source.delivered(), 500U) << "what ended is settled, what failed stays in the spool";
    pass(minutes(5));
    EXPECT_EQ(in_flight(), 0U);
}

TEST_F(ALane, MayGoBeforeItsCallbacksCome) {
    source.hold_fetches = true;
    start();
    EXPECT_TRUE(source.finish_fetch());
    source.add(500);
    pass(seconds(1));
    lane.reset();
    EXPECT_TRUE(source.finish_fetch());
    source.add(1);
}

TEST_F(ALane, MissesNoWorkThatArrivesDuringAFetch) {
    source.hold_fetches = true;
    start();  // a fetch that will bring nothing is under way
    source.add(1);
    EXPECT_TRUE(source.finish_fetch());
    pass(seconds(1));
    EXPECT_TRUE(source.finish_fetch());
    ASSERT_EQ(in_flight(), 1U);
}

TEST_F(ALane, TakesARecordLargerThanMaxBody) {
    settings.max_body = 1_KiB;
    source.add(3, 1, 5'000);
    start();
    pass(seconds(1));
    while (in_flight() > 0) {
        EXPECT_EQ(transport.pending[0].ids.size(), 1U);
        transport.answer(201);
    }
    EXPECT_EQ(source.delivered(), 3U);
}

TEST_F(ALane, SwitchesToCreateModeWithBatchesInHand) {
    source.add(500);
    start();
    transport.answer(503);
    settings.mode = Mode::create;
    lane->reload(settings);
    ASSERT_EQ(in_flight(), 1U);
    EXPECT_EQ(transport.pending[0].ids.size(), 1U);
    while (in_flight() > 0) transport.answer(200);
    EXPECT_EQ(source.delivered(), 500U);
}

}  // namespace
}  // namespace respand::upload
