// Bad records, and servers that only say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "lane_fixture.hpp"

namespace respand::upload {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

class Refusals : public test::LaneFixture, public testing::WithParamInterface<Mode> {
  protected:
    Refusals() { settings.mode = GetParam(); }
    /// Minutes go by, each with what the server answers.
    template <class Judge>
    void live(int how_many, Judge judge) {
        for (int i = 0; i < how_many; ++i) {
            serve(judge);
            pass(minutes(1));
        }
        serve(judge);
    }
};

TEST_P(Refusals, OfEverythingStopTheLaneAndDoNotFillTheDeadLetters) {
    for (const int status : {400, 413, 422}) {
        start();
        source.add(5'000);
        const std::size_t dead_before = source.dead();
        live(3 * 24 * 60, [&](const auto&) { return status; });
        EXPECT_EQ(state(), LaneState::stopped);
        EXPECT_THAT(lane->status().reason, HasSubstr("none passed"));
        EXPECT_LT(source.dead() - dead_before, RefusalRun::kStop) << "three days of it";
        live(10, [](const auto&) { return 201; });
        EXPECT_EQ(source.settled.size(), source.added());
        EXPECT_LT(source.dead() - dead_before, RefusalRun::kStop);
    }
}

TEST_P(Refusals, OfALoneRecordInAQuietStreamParkItSoon) {
    start();
    source.add(1);
    pass(seconds(2));
    ASSERT_EQ(in_flight(), 1U);
    transport.answer(422, R"({"detail":"no"})");
    EXPECT_EQ(source.dead(), 1U);
    EXPECT_NE(state(), LaneState::stopped);
}

TEST_P(Refusals, OfSomeRecordsInAQuietStreamParkThemInAMinuteWithoutAlarm) {
    start();
    source.add(5);
    live(2, [](const auto&) { return 422; });
    EXPECT_EQ(source.dead(), 5U);
    EXPECT_EQ(counters().stops, 0U);
}

TEST_P(Refusals, OfManyRecordsAreBelievedWhenOthersPass) {
    start();
    const auto judge = [](const auto& exchange) {
        for (const std::uint64_t id : exchange.ids)
            if (id % 3 != 0) return 422;
        return 201;
    };
    source.add(300);
    live(120, judge);
    EXPECT_EQ(source.dead(), 200U);
    EXPECT_EQ(source.delivered(), 100U);
}

TEST_P(Refusals, OfARunOfBadRecordsEndWhenGoodOnesCome) {
    source.offer_newest = true;
    start();
    const auto judge = [](const auto& exchange) {
        for (const std::uint64_t id : exchange.ids)
            if (id < 40) return 400;
        return 201;
    };
    source.add(40, 1);  // an app gone wrong
    live(5, judge);
    EXPECT_EQ(state(), LaneState::stopped);
    for (int i = 0; i < 60; ++i) {  // and mended
        source.add(1, 1);
        live(1, judge);
    }
    EXPECT_EQ(source.dead(), 40U);
    EXPECT_EQ(source.delivered(), 60U);
}

TEST_P(Refusals, OfALongRunEndAloneWhenGoodRecordsWaitBehindIt) {
    source.add(3'000);  // an app gone wrong, for long
    source.add(200);
    start();
    const auto judge = [](const auto& exchange) {
        for (const std::uint64_t id : exchange.ids)
            if (id < 3'000) return 400;
        return 201;
    };
    live(60, judge);
    EXPECT_GT(source.delivered(), 0U) << "it finds the good ones";
    live(4 * 24 * 60, judge);
    EXPECT_EQ(source.delivered(), 200U);
    EXPECT_EQ(source.dead(), 3'000U);
    EXPECT_NE(state(), LaneState::stopped);
}

TEST_P(Refusals, OfMoreThanItCanHoldEndWithTheFirstGoodRecordThatComes) {
    source.offer_newest = true;
    constexpr std::size_t kBad = 30'000;
    source.add(kBad);
    start();
    const auto judge = [](const auto& exchange) {
        for (const std::uint64_t id : exchange.ids)
            if (id < kBad) return 400;
        return 201;
    };
    live(300, judge);
    ASSERT_EQ(state(), LaneState::stopped);
    EXPECT_LT(source.dead(), RefusalRun::kStop);
    const auto held = lane->status().in_hand;
    const auto dead = source.dead();
    EXPECT_LT(held, 15'000U);
    live(300, judge);
    EXPECT_EQ(lane->status().in_hand, held) << "it takes no more into memory";
    source.add(1, 1);
    live(2, judge);
    EXPECT_EQ(source.delivered(), 1U);
    EXPECT_GT(source.dead(), dead) << "now others are to blame";
}

TEST_P(Refusals, EndWithAnOperatorsRetry) {
    source.add(100);
    start();
    live(3, [](const auto&) { return 400; });
    ASSERT_EQ(state(), LaneState::stopped);
    const std::size_t dead = source.dead();
    EXPECT_EQ(in_flight(), 0U);
    lane->retry();
    ASSERT_EQ(in_flight(), 1U);
    serve([](const auto&) { return 201; });
    live(1, [](const auto&) { return 201; });
    EXPECT_EQ(source.delivered(), 100U - dead);
}

INSTANTIATE_TEST_SUITE_P(Modes, Refusals, testing::Values(Mode::automatic, Mode::create, Mode::bulk),
                         [](const auto& mode) { return std::string(name(mode.param)); });

class Bisection : public test::LaneFixture, public testing::WithParamInterface<int> {};

TEST_P(Bisection, OfOneBadRecordInFiveHundredTakesAboutTwiceTheLogarithm) {
    settings.mode = GetParam() % 2 == 0 ? Mode::automatic : Mode::bulk;
    const auto bad = static_cast<std::uint64_t>(GetParam()) * 41 % 500;
    source.add(500);
    start();
    pass(seconds(5));
    serve([&](const auto& exchange) {
        return std::find(exchange.ids.begin(), exchange.ids.end(), bad) != exchange.ids.end() ? 422 : 201;
    });
    EXPECT_EQ(source.delivered(), 499U);
    EXPECT_EQ(source.settled.at(bad).outcome, Settlement::Outcome::dead);
    const double extra = transport.requests - 1;
    // In auto mode the first few records go out one by one before anything is known.
    const double beside = static_cast<double>(counters().endpoints[index(Endpoint::create)].rows.count());
    EXPECT_LE(extra - (settings.mode == Mode::automatic ? beside - 4 : 0), std::ceil(2 * std::log2(500.0)));
}

INSTANTIATE_TEST_SUITE_P(Places, Bisection, testing::Range(0, 24));

}  // namespace
}  // namespace respand::upload
