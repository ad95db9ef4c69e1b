// The choice between the API's two calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lane_fixture.hpp"

namespace respand::upload {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

class AutoMode : public test::LaneFixture {
  protected:
    AutoMode() {
        settings.mode = Mode::automatic;
        settings.bulk_requests_per_minute = 30;
        settings.max_connections = 4;
    }
    /// Starts, and lets the first pace go by.
    void start_quiet() {
        start();
        pass(seconds(5));
    }
    std::size_t flying(Endpoint endpoint) const {
        std::size_t sum = 0;
        for (const auto& exchange : transport.pending)
            sum += exchange.is_bulk() == (endpoint == Endpoint::bulk);
        return sum;
    }
    /// Place of the first request of that kind in flight.
    std::size_t place(Endpoint endpoint) const {
        std::size_t at = 0;
        while (transport.pending.at(at).is_bulk() != (endpoint == Endpoint::bulk)) ++at;
        return at;
    }
};

TEST_F(AutoMode, SendsAFewRecordsOneByOneAtOnce) {
    start_quiet();
    source.add(3);
    ASSERT_EQ(flying(Endpoint::create), 3U) << "no linger, no pace";
    source.add(1);
    EXPECT_EQ(flying(Endpoint::create), 4U);
    while (in_flight() > 0) transport.answer(200);
    EXPECT_EQ(source.delivered(), 4U);
    EXPECT_EQ(counters().endpoints[index(Endpoint::bulk)].rows.count(), 0U);
}

TEST_F(AutoMode, FillsABulkRequestWithABacklogAndCarriesOnOneByOneBesideIt) {
    start_quiet();
    source.add(2'000);
    ASSERT_EQ(flying(Endpoint::bulk), 1U);
    EXPECT_EQ(transport.pending[0].ids.size(), 500U);
    EXPECT_EQ(transport.pending[0].ids.front(), 0U) << "oldest first";
    EXPECT_EQ(flying(Endpoint::create), 3U) << "in the pause until the next bulk request";
    transport.answer(200, "", place(Endpoint::create));
    EXPECT_EQ(flying(Endpoint::create), 3U);
    transport.answer(201, "", place(Endpoint::bulk));
    EXPECT_EQ(flying(Endpoint::create), 4U) << "the last one too: it will be done before bulk's turn";
    pass(milliseconds(2'000));
    transport.answer(200);
    EXPECT_EQ(flying(Endpoint::create), 3U) << "now it would not: a connection stays free for bulk";
    pass(milliseconds(40));
    EXPECT_EQ(flying(Endpoint::bulk), 1U);
}

TEST_F(AutoMode, LeavesTheOnlyConnectionToBulkUnlessACreateRequestIsDoneBefore) {
    settings.max_connections = 1;
    start_quiet();
    source.add(2'000);
    ASSERT_EQ(flying(Endpoint::bulk), 1U);
    transport.answer(201);
    for (int i = 0; i < 200 && flying(Endpoint::create) == 1; ++i) {
        clock.advance(milliseconds(60));
        transport.answer(200);
    }
    EXPECT_EQ(in_flight(), 0U) << "a request would now last into bulk's turn";
    pass(milliseconds(200));
    EXPECT_EQ(flying(Endpoint::bulk), 1U);
}

TEST_F(AutoMode, TakesBulkForFewerRecordsWhenTheServerIsSlow) {
    start_quiet();
    for (int i = 0; i < 60; ++i) {  // teaches it that one record takes half a second
        source.add(1);
        pass(milliseconds(500));
        transport.answer(200);
    }
    source.add(20);  // five rounds of four: over the linger of a second
    EXPECT_EQ(flying(Endpoint::bulk), 1U);
}

TEST_F(AutoMode, AFreshRecordDoesNotWaitBehindABacklog) {
    source.offer_newest = true;
    start_quiet();
    source.add(100'000);
    ASSERT_EQ(flying(Endpoint::bulk), 1U);
    source.add(1, 1);
    transport.answer(200, "", place(Endpoint::create));
    std::vector<std::uint64_t> sent;
    for (const auto& exchange : transport.pending)
        if (!exchange.is_bulk()) sent.insert(sent.end(), exchange.ids.begin(), exchange.ids.end());
    EXPECT_THAT(sent, testing::Contains(100'000U)) << "it goes out as soon as one create request is done";
}

TEST_F(AutoMode, SendsNoMoreBulkRequestsThanItMayWhateverHappens) {
    start();
    source.add(50'000);
    std::vector<SteadyTime> starts;
    int seen = 0;
    std::mt19937 random(3);
    for (int i = 0; i < 20'000; ++i) {
        for (const auto& exchange : transport.pending)
            if (exchange.number > seen && exchange.is_bulk()) starts.push_back(clock.steady());
        seen = transport.requests;
        if (in_flight() > 0) transport.answer(random() % 10 == 0 ? 503 : 201, "", random() % in_flight());
        if (random() % 500 == 0) lane->retry();
        if (random() % 500 == 0) lane->reload(settings);
        pass(milliseconds(random() % 100));
    }
    ASSERT_GT(starts.size(), 100U);
    for (std::size_t i = 0; i + 30 < starts.size(); ++i) ASSERT_GE(starts[i + 30] - starts[i], minutes(1));
    EXPECT_GT(counters().paced, 0U);
    EXPECT_GT(counters().paced_for, seconds(0));
}

TEST_F(AutoMode, TurnsToCreateWhenTheServerHasNoBulkCall) {
    for (const int status : {404, 405}) {
        start_quiet();
        source.add(1'000);
        int bulk = 0;
        const auto without_bulk = [&](const auto& exchange) {
            bulk += exchange.is_bulk();
            return exchange.is_bulk() ? status : 200;
        };
        serve(without_bulk);
        EXPECT_EQ(bulk, 1);
        EXPECT_EQ(lane->status().lacking, Endpoint::bulk);
        EXPECT_EQ(state(), LaneState::idle);
        source.add(1'000);
        serve(without_bulk);
        EXPECT_EQ(bulk, 1) << "not asked again";
        pass(hours(1));
        source.add(1'000);
        serve(without_bulk);
        EXPECT_EQ(bulk, 2) << "but once an hour";
        lane->reload(settings);
        source.add(1'000);
        serve([&](const auto&) { return 200; });
        EXPECT_FALSE(lane->status().lacking) << "a reload looks again";
        EXPECT_EQ(source.delivered(), source.added());
        EXPECT_EQ(source.dead(), 0U);
    }
}

TEST_F(AutoMode, StopsWhenNeitherCallIsThere) {
    start_quiet();
    source.add(100);
    serve([](const auto&) { return 404; }, 10);
    EXPECT_EQ(state(), LaneState::stopped);
    EXPECT_THAT(lane->status().reason, HasSubstr("check [upload] base_url"));
    const int before = transport.requests;
    pass(minutes(10));
    serve([](const auto&) { return 404; }, 1'000);
    EXPECT_LE(transport.requests - before, 30) << "a slow probe of either call";
    EXPECT_TRUE(source.settled.empty());
    lane->retry();
    ASSERT_EQ(in_flight(), 1U) << "an operator's retry tries at once";
    serve([](const auto& exchange) { return exchange.is_bulk() ? 404 : 200; });
    EXPECT_EQ(source.delivered(), 100U);
}

TEST_F(AutoMode, LetsOneCallGoOnWhileTheOtherIsLimited) {
    start_quiet();
    source.add(2'000);
    transport.answer(429, R"({"detail":"too many","retry_after":600})", place(Endpoint::create));
    EXPECT_NE(state(), LaneState::backing_off);
    for (int i = 0; i < 20; ++i) {
        serve([](const auto& exchange) { return exchange.is_bulk() ? 201 : 429; });
        pass(seconds(1));
    }
    EXPECT_EQ(source.delivered(), 2'000U) << "bulk goes on, with what create could not send";
}

TEST_F(AutoMode, RefillsTheLastConnectionsAfterAnOutageOneByOne) {
    settings.max_connections = 16;
    settings.bulk_requests_per_minute = 0;
    start();
    source.add(100'000);
    for (int i = 0; i < 200 && counters().backoffs < 40; ++i) {
        while (in_flight() > 0) transport.fail(TransportFault::connect_failed);
        pass(minutes(1));
    }
    ASSERT_EQ(lane->status().concurrency, 1U);
    EXPECT_EQ(in_flight(), 1U) << "one request finds out";
    for (int i = 0; i < 8; ++i) transport.answer(201);
    EXPECT_EQ(lane->status().concurrency, 2U);
}

TEST_F(AutoMode, CountsWhatMayHaveArrivedTwice) {
    start_quiet();
    source.add(500);
    Reply lost;
    lost.fault = TransportFault::timeout;
    lost.may_have_arrived = true;
    transport.answer(lost, place(Endpoint::bulk));
    Reply refused;
    refused.fault = TransportFault::connect_failed;
    pass(minutes(2));
    if (in_flight() > 0) transport.answer(refused);
    EXPECT_EQ(counters().duplicate_requests, 1U);
    EXPECT_GE(counters().duplicate_records, 400U);
    EXPECT_EQ(source.settled.size(), 0U);
}

}  // namespace
}  // namespace respand::upload
