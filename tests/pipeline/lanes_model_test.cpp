// The source with several lanes over a real spool: whoever takes records, gives them back, stands in or moves
// them, each is settled once.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "pipeline/fallbacks.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/upload_source.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::pipeline {
namespace {

using Json = nlohmann::json;
using spool::LaneId;

constexpr LaneId kLanes = 3;

class LanesTest : public ::testing::Test {
  protected:
    LanesTest() {
        auto opened = spool::Spool::open({dir_.file("spool.db"), 4_GiB});
        EXPECT_TRUE(opened) << opened.error().message;
        spool_ = std::move(*opened);
        Routing routing;
        for (LaneId lane = 1; lane < kLanes; ++lane) {
            routing.ids.push_back(*spool_->add_lane("lane-" + std::to_string(lane)));
            LaneSettings& settings = routing.lanes.emplace_back();
            settings.match.models = {"m" + std::to_string(lane)};
            EXPECT_EQ(routing.ids.back(), lane);
        }
        writer_ = std::make_unique<SpoolWriter>(io_, spool_thread_, aside_, *spool_, clock_);
        intake_ = std::make_unique<Intake>(
            *writer_,
            pricing::PriceTable::parse(
                R"({"format":"respand-pricing-1","models":{"m":{"input_per_million":1,"output_per_million":2}}})",
                "t", nullptr)
                .value(),
            Admission(spool::FullPolicy::block, 4_GiB), clock_, 7);
        intake_->set_routing(routing);
        source_ = std::make_unique<UploadSource>(io_, *writer_, clock_, spool_->totals());
        writer_->on_idle([this] {
            intake_->writer_idle();
            source_->writer_idle();
        });
        writer_->on_appended([this](auto commits) { source_->appended(commits); });
        for (LaneId lane = 0; lane < kLanes; ++lane)
            source_->on_available(lane, [this, lane] { ++woken_[lane]; });
    }

    void send(LaneId lane, int count) {
        for (int i = 0; i < count; ++i) {
            std::string text = R"({"model":"m)" + std::to_string(lane) + R"(","custom_identifier":")" +
                               std::to_string(sent_++) + "\"}";
            const std::size_t size = text.size();
            text.append(kRecordPadding, ' ');
            intake_->record({text.data(), size}, {});
        }
        intake_->drained(static_cast<std::size_t>(count));
    }
    bool until(const std::function<bool()>& done) { return test::run_until(io_, done); }
    void settle_down() {
        ASSERT_TRUE(until([this] { return writer_->idle() && writer_->unnoted() == 0; }));
    }

    std::vector<upload::Slice> fetch(LaneId lane, std::size_t records,
                                     upload::Order order = upload::Order::oldest) {
        std::optional<std::vector<upload::Slice>> got;
        source_->fetch(lane, order, records, 1 << 20, [&](auto slices) { got = std::move(slices); });
        EXPECT_TRUE(until([&] { return got.has_value(); }));
        return *got;
    }
    UploadSource::Moved move(LaneId from, LaneId to) {
        std::optional<Result<UploadSource::Moved>> moved;
        source_->move(from, to, [&](auto result) { moved = std::move(result); });
        EXPECT_TRUE(until([&] { return moved.has_value(); }));
        EXPECT_TRUE(*moved) << (*moved).error().message;
        return **moved;
    }
    void settle(const std::vector<upload::Slice>& slices) {
        std::vector<upload::Settlement> settlements;
        for (const auto& slice : slices) {
            for (const Json& record :
                 Json::parse("[" + slice.chunk->body.substr(slice.offset, slice.bytes) + "]")) {
                const auto id = record.at("custom_identifier").get<std::string>();
                EXPECT_TRUE(settled_.insert(id).second) << id << " twice";
            }
            settlements.push_back({slice, upload::Settlement::Outcome::delivered, 0, {}});
        }
        source_->settle(std::move(settlements));
    }
    std::size_t take_all(LaneId lane) {
        const std::size_t before = settled_.size();
        for (auto slices = fetch(lane, 70); !slices.empty(); slices = fetch(lane, 70)) settle(slices);
        return settled_.size() - before;
    }
    void expect_the_books_to_add_up() {
        settle_down();
        std::optional<Result<spool::Audit>> audit;
        writer_->ask([](spool::Spool& s) { return s.audit(); },
                     [&](auto result) { audit = std::move(result); });
        ASSERT_TRUE(until([&] { return audit.has_value(); }));
        ASSERT_TRUE(*audit);
        EXPECT_TRUE((*audit)->faults.empty()) << (*audit)->faults.front();
        EXPECT_EQ((*audit)->ledger.sum(spool::account::kDelivered), settled_.size());
        EXPECT_EQ((*audit)->pending_rows, static_cast<std::uint64_t>(sent_) - settled_.size());
    }

    test::TempDir dir_;
    ManualClock clock_;
    boost::asio::io_context io_;
    runtime::Offload spool_thread_{io_};
    runtime::Offload aside_{io_};
    std::unique_ptr<spool::Spool> spool_;
    std::unique_ptr<SpoolWriter> writer_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<UploadSource> source_;
    int sent_ = 0;
    std::set<std::string> settled_;
    std::map<LaneId, int> woken_;
};

TEST_F(LanesTest, EachLaneIsGivenItsOwnRecordsAndIsWokenForThemAlone) {
    for (LaneId lane = 0; lane < kLanes; ++lane) EXPECT_TRUE(fetch(lane, 1).empty());
    send(1, 3);
    settle_down();
    EXPECT_EQ(woken_[1], 1);
    EXPECT_EQ(woken_[0] + woken_[2], 0);
    send(2, 5);
    settle_down();
    EXPECT_EQ(source_->waiting(1), 3U);
    EXPECT_EQ(source_->waiting(2), 5U);
    EXPECT_EQ(take_all(0), 0U);
    EXPECT_EQ(take_all(1), 3U);
    EXPECT_EQ(take_all(2), 5U);
    expect_the_books_to_add_up();
}

TEST_F(LanesTest, AStandInTakesPendingAndNewRecordsInTurnsWithItsOwnUntilTheLaneIsBack) {
    send(0, 40);
    send(1, 40);
    settle_down();
    source_->stand_in(1, 0);
    EXPECT_EQ(source_->waiting(0), 80U);
    std::set<LaneId> lanes;
    for (int i = 0; i < 2; ++i) {
        const auto slices = fetch(0, 10);
        ASSERT_FALSE(slices.empty());
        lanes.insert(slices.front().chunk->lane);
        settle(slices);
    }
    EXPECT_EQ(lanes, (std::set<LaneId>{0, 1})) << "neither waits for the other to run dry";
    EXPECT_EQ(take_all(0), 60U);
    woken_.clear();
    send(1, 2);
    settle_down();
    EXPECT_GE(woken_[0], 1);
    EXPECT_EQ(take_all(0), 2U);
    source_->stand_in(1, 1);
    send(1, 4);
    settle_down();
    EXPECT_EQ(take_all(0), 0U);
    EXPECT_EQ(take_all(1), 4U);
    expect_the_books_to_add_up();
}

TEST_F(LanesTest, AMoveTakesAllButWhatIsUnderWayAndTheOtherLaneFindsIt) {
    send(1, 900);
    settle_down();
    send(2, 5);  // newer than what will be moved there
    settle_down();
    EXPECT_EQ(take_all(2), 5U);
    const auto under_way = fetch(1, 10);
    const std::uint64_t chunk = under_way.front().chunk->records();
    EXPECT_EQ(move(1, 2).records, 900U - chunk);
    EXPECT_EQ(take_all(2), 900U - chunk);
    source_->give_back(under_way);
    EXPECT_EQ(take_all(1), chunk);
    EXPECT_EQ(settled_.size(), 905U);
    expect_the_books_to_add_up();
}

TEST_F(LanesTest, WhateverIsDoneToLanesEachRecordIsSettledOnce) {
    for (unsigned seed = 0; seed < 8; ++seed) {
        std::mt19937 random(seed);
        const auto below = [&](std::size_t n) { return random() % n; };
        const auto lane = [&] { return static_cast<LaneId>(below(kLanes)); };
        std::vector<std::vector<upload::Slice>> in_hand;
        for (int step = 0; step < 150; ++step) {
            switch (below(8)) {
                case 0:
                case 1:
                    send(lane(), static_cast<int>(1 + below(below(4) == 0 ? 600 : 5)));
                    break;
                case 2:
                case 3:
                    in_hand.push_back(fetch(lane(), 1 + below(300),
                                            below(3) == 0 ? upload::Order::newest : upload::Order::oldest));
                    break;
                case 4:
                case 5:
                    if (in_hand.empty()) break;
                    std::swap(in_hand[below(in_hand.size())], in_hand.back());
                    if (below(3) == 0)
                        source_->give_back(std::move(in_hand.back()));
                    else
                        settle(in_hand.back());
                    in_hand.pop_back();
                    break;
                case 6:
                    move(lane(), lane());
                    break;
                default:
                    source_->stand_in(lane(), lane());
            }
        }
        for (auto& slices : in_hand) source_->give_back(std::move(slices));
        settle_down();
        for (LaneId which = 0; which < kLanes; ++which) source_->stand_in(which, which);
        for (LaneId which = 0; which < kLanes; ++which) take_all(which);
        ASSERT_EQ(settled_.size(), static_cast<std::size_t>(sent_)) << "seed " << seed;
        expect_the_books_to_add_up();
        for (LaneId which = 0; which < kLanes; ++which) EXPECT_EQ(source_->waiting(which), 0U);
        EXPECT_TRUE(source_->held().chunks().empty());
    }
}

TEST(Fallbacks, TakeOverAfterAWhilePassOnAndEndAtOnce) {
    using std::chrono::seconds;
    using Given = std::map<LaneId, LaneId>;
    Fallbacks fallbacks;
    fallbacks.set({{1, {2, seconds(10)}}, {2, {0, seconds(30)}}});
    const SteadyTime start{};
    EXPECT_EQ(fallbacks.update(start, {1, 3}), Given{});
    EXPECT_EQ(fallbacks.update(start + seconds(9), {1, 3}), Given{});
    EXPECT_EQ(fallbacks.update(start + seconds(10), {1, 2}), (Given{{1, 2}}));
    EXPECT_EQ(fallbacks.update(start + seconds(40), {1, 2}), (Given{{1, 0}, {2, 0}}));
    EXPECT_EQ(fallbacks.update(start + seconds(41), {1}), (Given{{1, 2}}));
    EXPECT_EQ(fallbacks.update(start + seconds(42), {}), Given{});
    EXPECT_EQ(fallbacks.update(start + seconds(43), {1}), Given{}) << "the time begins anew";
}

}  // namespace
}  // namespace respand::pipeline
