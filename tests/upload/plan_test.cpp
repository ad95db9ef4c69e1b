// The rule of plan.hpp, and the small parts it leans on.
#include <gtest/gtest.h>

#include <random>

#include "upload/endpoints.hpp"
#include "upload/plan.hpp"
#include "upload/refusal_run.hpp"
#include "upload/retry_budget.hpp"

namespace respand::upload {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using What = Move::What;

constexpr SteadyTime kNow{seconds(1'000)};

/// Both calls are open, four connections are free, one record waits.
View example() {
    return {.now = kNow,
            .create_open = kNow,
            .bulk_open = kNow,
            .free = 4,
            .width = 4,
            .in_hand = {},
            .waiting = 1,
            .waiting_since = kNow,
            .create_takes = milliseconds(100),
            .linger = seconds(1)};
}

TEST(ThePlan, TakesALoneRecordByCreate) {
    const Move move = plan(example());
    EXPECT_EQ(move.what, What::fetch);
    EXPECT_EQ(move.endpoint, Endpoint::create);
    EXPECT_EQ(move.max_records, 1U);
    EXPECT_EQ(move.order, Order::oldest);
}

TEST(ThePlan, TakesABacklogByBulk) {
    View view = example();
    view.waiting = kFewRecords + 1;
    const Move move = plan(view);
    EXPECT_EQ(move.what, What::fetch);
    EXPECT_EQ(move.endpoint, Endpoint::bulk);
    EXPECT_EQ(move.max_records, 500U);
}

TEST(ThePlan, CallsItABacklogWhenCreateWouldTakeLongerThanTheLinger) {
    View view = example();
    view.waiting = 12;  // three rounds of four
    view.create_takes = milliseconds(333);
    EXPECT_FALSE(is_backlog(view));
    view.create_takes = milliseconds(334);
    EXPECT_TRUE(is_backlog(view));
    view.waiting = 4;
    view.create_takes = seconds(30);
    EXPECT_FALSE(is_backlog(view)) << "a connection for each: nothing is faster";
}

TEST(ThePlan, KeepsAConnectionForTheNextBulkRequest) {
    View view = example();
    view.waiting = 1'000;
    view.bulk_open = kNow + milliseconds(500);
    view.free = 2;
    Move move = plan(view);
    EXPECT_EQ(move.what, What::fetch);
    EXPECT_EQ(move.endpoint, Endpoint::create);
    EXPECT_EQ(move.order, Order::newest);
    view.newest_dry = true;
    EXPECT_EQ(plan(view).order, Order::oldest);
    view.free = 1;
    EXPECT_EQ(plan(view).what, What::fetch) << "it is done in 100 ms";
    view.create_takes = milliseconds(501);
    move = plan(view);
    EXPECT_EQ(move.what, What::wait);
    EXPECT_EQ(move.again_at, view.bulk_open);
    EXPECT_TRUE(move.paced);
}

TEST(ThePlan, SendsWhatIsInHandFirst) {
    View view = example();
    const InHand batches[] = {{.records = 500}, {.records = 1}};
    view.in_hand = batches;
    EXPECT_EQ(plan(view).what, What::send);
    EXPECT_EQ(plan(view).at, 0U);
    EXPECT_EQ(plan(view).endpoint, Endpoint::bulk);
    view.bulk_open = kNow + milliseconds(300);
    EXPECT_EQ(plan(view).endpoint, Endpoint::create) << "from its front, while it waits";
    const InHand suspects[] = {{.records = 250, .suspect = true}, {.records = 4, .suspect = true}};
    view.in_hand = suspects;
    EXPECT_EQ(plan(view).at, 1U) << "a suspect batch stays together until it is small";
    EXPECT_EQ(plan(view).endpoint, Endpoint::create);
    EXPECT_EQ(plan(view).max_records, 1U);
}

TEST(ThePlan, LetsOthersGoBeforeWhatIsDeferred) {
    View view = example();
    const InHand held[] = {{.records = 1, .deferred = true}};
    view.in_hand = held;
    EXPECT_EQ(plan(view).what, What::fetch);
    view.fetching = true;
    EXPECT_EQ(plan(view).what, What::wait) << "what is fetched may be the witness";
    view.fetching = false;
    view.waiting = 0;
    view.source_dry = true;
    EXPECT_EQ(plan(view).what, What::send) << "there is nothing else";
}

TEST(ThePlan, UsesBulkAloneWithLinger) {
    View view = example();
    view.create_open = kNever;
    Move move = plan(view);
    EXPECT_EQ(move.what, What::wait);
    EXPECT_EQ(move.again_at, kNow + kLingerPoll);
    view.now = kNow + seconds(1);
    EXPECT_EQ(plan(view).endpoint, Endpoint::bulk);
    view.now = kNow;
    view.waiting = 500;
    EXPECT_EQ(plan(view).endpoint, Endpoint::bulk);
}

TEST(ThePlan, TurnsToBulkWhenCreateIsHeldBackForLong) {
    View view = example();
    view.create_open = kNow + seconds(60);
    view.waiting_since = kNow - seconds(2);
    EXPECT_EQ(plan(view).what, What::fetch);
    EXPECT_EQ(plan(view).endpoint, Endpoint::bulk);
    view.create_open = kNow + milliseconds(900);
    const Move move = plan(view);
    EXPECT_EQ(move.what, What::wait) << "that is soon";
    EXPECT_EQ(move.again_at, view.create_open);
}

// Whatever the state: a move is possible as it stands, and a lane that waits is woken or has nothing to wait
// for.
TEST(ThePlan, NeverOffersWhatIsNotOpenAndNeverSleepsForGood) {
    std::mt19937 random(11);
    for (int round = 0; round < 200'000; ++round) {
        const auto gate = [&] {
            const unsigned kind = random() % 4;
            return kind == 0 ? kNever : kind == 1 ? kNow : kNow + milliseconds(random() % 90'000);
        };
        std::vector<InHand> in_hand(random() % 4);
        for (InHand& batch : in_hand)
            batch = {random() % 3 == 0 ? 1 : 1 + random() % 500, random() % 2 == 0, random() % 2 == 0};
        const View view{.now = kNow,
                        .create_open = gate(),
                        .bulk_open = gate(),
                        .free = 1 + static_cast<std::uint32_t>(random() % 4),
                        .width = 4,
                        .in_hand = in_hand,
                        .fetching = random() % 4 == 0,
                        .source_dry = random() % 4 == 0,
                        .room = random() % 2 == 0,
                        .waiting = random() % 3 == 0 ? 0 : random() % 2'000,
                        .waiting_since = kNow - milliseconds(random() % 3'000),
                        .newest_dry = random() % 2 == 0,
                        .witness_wanted = random() % 4 == 0,
                        .create_takes = milliseconds(random() % 3'000),
                        .linger = milliseconds(random() % 3'000)};
        const Move move = plan(view);
        const SteadyTime open = move.endpoint == Endpoint::bulk ? view.bulk_open : view.create_open;
        if (move.what == What::send) {
            ASSERT_LT(move.at, in_hand.size());
            ASSERT_LE(open, kNow);
            ASSERT_TRUE(move.endpoint == Endpoint::bulk || move.max_records == 1);
        } else if (move.what == What::fetch) {
            ASSERT_FALSE(view.fetching || view.source_dry);
            ASSERT_TRUE(open <= kNow || view.waiting == 0) << "but for the question that arms the source";
        } else if (view.create_open != kNever || view.bulk_open != kNever) {
            const bool something = !in_hand.empty() || (view.waiting > 0 && !view.source_dry && view.room);
            ASSERT_TRUE(move.again_at || view.fetching || !something) << "asleep for good";
            ASSERT_GT(move.again_at.value_or(SteadyTime::max()), kNow);
        }
    }
}

TEST(TheCalls, OfAServerAreUsedAsTheModeSays) {
    EXPECT_TRUE(Endpoints(Mode::automatic).usable(Endpoint::create, kNow));
    EXPECT_TRUE(Endpoints(Mode::automatic).usable(Endpoint::bulk, kNow));
    EXPECT_FALSE(Endpoints(Mode::create).usable(Endpoint::bulk, kNow));
    EXPECT_FALSE(Endpoints(Mode::bulk).usable(Endpoint::create, kNow));
    EXPECT_FALSE(Endpoints(Mode::bulk).missing(Endpoint::bulk, kNow)) << "no other to turn to";
}

TEST(TheCalls, ThatAreMissingAreSaidOnceAndLookedAtAgain) {
    Endpoints endpoints(Mode::automatic);
    EXPECT_TRUE(endpoints.missing(Endpoint::bulk, kNow));
    EXPECT_FALSE(endpoints.usable(Endpoint::bulk, kNow + std::chrono::minutes(59)));
    EXPECT_EQ(endpoints.passed(Endpoint::create), Endpoint::bulk);
    EXPECT_FALSE(endpoints.passed(Endpoint::create));
    EXPECT_TRUE(endpoints.usable(Endpoint::bulk, kNow + hours(1)));
    EXPECT_TRUE(endpoints.missing(Endpoint::bulk, kNow + hours(1)));
    EXPECT_FALSE(endpoints.passed(Endpoint::create)) << "it was said";
    endpoints.reset(Mode::automatic);
    EXPECT_TRUE(endpoints.usable(Endpoint::bulk, kNow));
}

TEST(TheCalls, ThatAreBothMissingAreBothProbed) {
    Endpoints endpoints(Mode::automatic);
    EXPECT_TRUE(endpoints.missing(Endpoint::bulk, kNow));
    EXPECT_FALSE(endpoints.missing(Endpoint::create, kNow));
    EXPECT_TRUE(endpoints.usable(Endpoint::bulk, kNow));
    EXPECT_TRUE(endpoints.usable(Endpoint::create, kNow));
}

TEST(ARunOfRefusals, CondemnsAFewThenDoubtsThenStops) {
    RefusalRun run;
    using Ruling = RefusalRun::Ruling;
    for (std::size_t i = 0; i < RefusalRun::kUnproven; ++i)
        EXPECT_EQ(run.refused(1, false, false), Ruling::park);
    EXPECT_TRUE(run.doubtful());
    for (auto i = RefusalRun::kUnproven + 1; i < RefusalRun::kStop; ++i) {
        EXPECT_EQ(run.refused(1, false, false), Ruling::hold);
        EXPECT_EQ(run.refused(1, true, false), Ruling::park) << "a minute later, with nothing else to go by";
    }
    EXPECT_EQ(run.refused(1, false, false), Ruling::stop);
    EXPECT_EQ(run.refused(1, true, false), Ruling::stop) << "now a minute is no proof any more";
    EXPECT_EQ(run.refused(1, true, true), Ruling::park) << "others passed since it was refused before";
    run.passed();
    EXPECT_FALSE(run.doubtful());
    EXPECT_EQ(run.refused(400, false, false), Ruling::hold) << "a whole batch is not condemned on one word";
    EXPECT_EQ(run.refused(400, true, false), Ruling::hold) << "nor on two";
}

TEST(TheRetryBudget, LeavesMostRequestsToFreshRecords) {
    RetryBudget budget;
    int retries = 0, fresh = 0;
    for (int i = 0; i < 10'000; ++i) {
        const bool retry = budget.allows();
        budget.sent(retry);
        ++(retry ? retries : fresh);
    }
    EXPECT_LE(retries, RetryBudget::kBurst + fresh / RetryBudget::kFreshPerRetry + 1);
    EXPECT_GE(retries, fresh / RetryBudget::kFreshPerRetry);
}

}  // namespace
}  // namespace respand::upload
