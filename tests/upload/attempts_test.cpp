// What is known of records that don't go through: tries, and which of them may have arrived.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lane_fixture.hpp"
#include "support/log_capture.hpp"

namespace respand::upload {
namespace {

using respand::test::LogCapture;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class Attempts : public test::LaneFixture {};

TEST_F(Attempts, OfADeadLetterAreTheRequestsThatFailedOrRefusedIt) {
    settings.mode = Mode::create;
    const WallTime before = clock.wall();
    source.add(1);
    start();
    pass(seconds(2));
    transport.answer(503);
    pass(minutes(1));
    transport.fail(TransportFault::timeout);
    pass(minutes(1));
    transport.answer(422);
    const Settlement& settlement = source.settled.at(0);
    ASSERT_EQ(settlement.outcome, Settlement::Outcome::dead);
    EXPECT_EQ(settlement.slice.attempts, 3U);
    EXPECT_GE(settlement.slice.first_tried, before);
    EXPECT_LE(settlement.slice.first_tried, before + seconds(2)) << "when the first request went out";
}

TEST_F(Attempts, CountForEachRecordOfABatchAlone) {
    settings.mode = Mode::bulk;
    source.add(4);
    start();
    pass(seconds(2));
    transport.answer(503);
    pass(minutes(1));
    constexpr std::uint64_t kBad = 2;
    serve([](const auto& exchange) {
        for (const std::uint64_t id : exchange.ids)
            if (id == kBad) return 422;
        return 201;
    });
    ASSERT_EQ(source.settled.size(), 4U);
    EXPECT_EQ(source.settled.at(kBad).outcome, Settlement::Outcome::dead);
    EXPECT_EQ(source.settled.at(kBad).slice.attempts, 4U) << "503, and refused among 4, 2 and alone";
    EXPECT_EQ(source.settled.at(0).slice.attempts, 2U) << "503, and among 4";
}

TEST_F(Attempts, ARowThatIsNamedWasTriedOnce) {
    settings.mode = Mode::bulk;
    source.add(3);
    start();
    pass(seconds(2));
    transport.answer(201, R"({"accepted":2,"errors":[{"index":1,"message":"no"}]})");
    ASSERT_EQ(source.dead(), 1U);
    EXPECT_EQ(source.settled.at(1).slice.attempts, 1U);
}

/// Answers a request of records with identifiers by silence, at this level of the log.
std::string log_of_a_lost_answer(spdlog::level::level_enum level) {
    ManualClock clock;
    test::ScriptedTransport transport;
    /// Records that can be found by their identifiers.
    class Named final : public BatchSource {
      public:
        void fetch(spool::LaneId, Order, std::size_t, std::size_t,
                   std::function<void(std::vector<Slice>)> done) override {
            std::vector<Slice> slices;
            if (std::exchange(fresh_, false))
                slices.push_back(test::whole(
                    test::chunk_of(1, {R"({"id":1,"custom_identifier":"order-17","input":"what was asked"})",
                                       R"({"id":2})", R"({"id":3,"custom_identifier":"order\n18"})"})));
            done(std::move(slices));
        }
        void settle(std::vector<Settlement>) override {}
        void give_back(std::vector<Slice>) override {}
        void on_available(spool::LaneId, std::function<void()>) override {}
        std::uint64_t waiting(spool::LaneId) const override { return fresh_ ? 3 : 0; }

      private:
        bool fresh_ = true;
    } source;
    UploadSettings settings;
    settings.base_url = "https://host/api";
    settings.mode = Mode::bulk;
    settings.linger = {};
    const LogCapture log(level);
    Lane lane(clock, settings, spool::kDefaultLane, source, transport, 42);
    lane.start();
    clock.advance(minutes(3));
    lane.pump();
    Reply lost;
    lost.fault = TransportFault::timeout;
    lost.may_have_arrived = true;
    transport.answer(lost);
    EXPECT_EQ(lane.status().counters.duplicate_records, 3U);
    return log.text();
}

TEST(PossibleDuplicates, AreNamedAtDebugLevelWithoutWhatTheyHold) {
    const std::string log = log_of_a_lost_answer(spdlog::level::debug);
    EXPECT_THAT(log, HasSubstr("3 records that may have arrived"));
    EXPECT_THAT(log, HasSubstr("order-17"));
    EXPECT_THAT(log, HasSubstr("18"));
    EXPECT_THAT(log, Not(HasSubstr("order\n18"))) << "an identifier can't write a line of the log";
    EXPECT_THAT(log, Not(HasSubstr("what was asked")));
}

TEST(PossibleDuplicates, AreCountedAndNotNamedAtOtherLevels) {
    EXPECT_THAT(log_of_a_lost_answer(spdlog::level::info), Not(HasSubstr("order-17")));
}

}  // namespace
}  // namespace respand::upload
