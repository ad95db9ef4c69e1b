// What happens at the limits: of size, by each policy; of age; and to ids that come twice.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/intake.hpp"
#include "pipeline/queue_keeper.hpp"
#include "pipeline/upload_source.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::pipeline {
namespace {

using Json = nlohmann::json;
namespace account = spool::account;

constexpr ByteCount kLimit = 64_KiB;
/// A record of about a thirtieth of the limit.
std::string large(int n, const std::string& more = {}) {
    return R"({"model":"m","custom_identifier":"n)" + std::to_string(n) + R"(","prompt_tokens":1,)" + more +
           R"("input":")" + std::string(2'000, 'x') + "\"}";
}

class Policy : public ::testing::Test {
  protected:
    void open(spool::FullPolicy policy, std::chrono::microseconds max_age = {}) {
        settings_ = {dir_.file("spool.db"), kLimit};
        settings_.policy = policy;
        settings_.max_age = max_age;
        auto opened = spool::Spool::open(settings_, clock_);
        ASSERT_TRUE(opened) << opened.error().message;
        spool_ = std::move(*opened);
        writer_ = std::make_unique<SpoolWriter>(io_, spool_thread_, aside_, *spool_, clock_);
        intake_ = std::make_unique<Intake>(*writer_, pricing::PriceTable::none(), Admission(policy, kLimit),
                                           clock_, 7);
        auto window = std::make_unique<DuplicateWindow>();
        ASSERT_TRUE(spool_->each_seen([&](const spool::RecordHash& hash) { window->restore(hash); }));
        intake_->set_duplicates(std::move(window));
        source_ = std::make_unique<UploadSource>(io_, *writer_, clock_, spool_->totals());
        keeper_ = std::make_unique<QueueKeeper>(*writer_, *intake_, settings_, clock_,
                                                [this] { return source_->held(); });
        writer_->on_idle([this] {
            intake_->writer_idle();
            keeper_->look();
        });
        writer_->on_appended([this](auto commits) { source_->appended(commits); });
    }
    void reopen(spool::FullPolicy policy) {
        settle();
        keeper_.reset();
        source_.reset();
        intake_.reset();
        writer_.reset();
        spool_.reset();
        open(policy);
    }
    void settle() {
        bool asked = false;
        ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle(); }));
        writer_->ask([](spool::Spool&) { return true; }, [&](bool) { asked = true; });
        ASSERT_TRUE(test::run_until(io_, [&] { return asked && writer_->idle() && !keeper_->busy(); }));
    }
    /// A record in a commit of its own, when it may come in at all.
    bool send(std::string text, ingest::Origin origin = {}) {
        if (!intake_->accepting(origin.listener)) return false;
        const std::size_t size = text.size();
        text.append(kRecordPadding, ' ');
        intake_->record({text.data(), size}, origin);
        intake_->drained(1);
        settle();
        return true;
    }
    spool::Audit audit() {
        std::optional<Result<spool::Audit>> got;
        writer_->ask([](spool::Spool& s) { return s.audit(); },
                     [&](auto result) { got = std::move(result); });
        EXPECT_TRUE(test::run_until(io_, [&] { return got.has_value(); }));
        for (const std::string& fault : (*got)->faults) ADD_FAILURE() << fault;
        return **got;
    }
    std::vector<std::string> pending() {
        std::vector<std::string> ids;
        const auto chunks = *spool_->read(spool::kDefaultLane, 0, 10'000, 1 << 30);
        for (const auto& chunk : chunks)
            for (const Json& record : Json::parse("[" + chunk.body + "]"))
                ids.push_back(record["custom_identifier"]);
        return ids;
    }

    test::TempDir dir_;
    ManualClock clock_;
    spool::SpoolSettings settings_;
    boost::asio::io_context io_;
    runtime::Offload spool_thread_{io_};
    runtime::Offload aside_{io_};
    std::unique_ptr<spool::Spool> spool_;
    std::unique_ptr<SpoolWriter> writer_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<UploadSource> source_;
    std::unique_ptr<QueueKeeper> keeper_;
};

TEST_F(Policy, BlockPausesAndDropsNothing) {
    open(spool::FullPolicy::block);
    int sent = 0;
    while (sent < 100 && send(large(sent))) ++sent;
    EXPECT_LT(sent, 40);
    const spool::Audit books = audit();
    EXPECT_EQ(books.ledger.at(account::kAccepted), static_cast<std::uint64_t>(sent));
    EXPECT_EQ(books.ledger.sum(account::kDropped), 0U);
}

TEST_F(Policy, DropNewestKeepsWhatIsThereAndCountsWhatComes) {
    open(spool::FullPolicy::drop_newest);
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(send(large(i)));
    const spool::Audit books = audit();
    const auto dropped = books.ledger.at(account::kDropped, "queue_full");
    EXPECT_GT(dropped, 20U);
    EXPECT_EQ(books.ledger.at(account::kAccepted) + dropped, 60U);
    EXPECT_EQ(pending().front(), "n0");
}

TEST_F(Policy, DropOldestKeepsTheNewestAndCountsWhatWent) {
    open(spool::FullPolicy::drop_oldest);
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(send(large(i)));
    settle();
    const spool::Audit books = audit();
    EXPECT_EQ(books.ledger.at(account::kAccepted), 60U);
    EXPECT_GT(books.ledger.at(account::kDiscarded, "drop_oldest"), 20U);
    EXPECT_LE(writer_->level().live.value, kLimit.value + 2 * 2'200);
    EXPECT_EQ(pending().back(), "n59");
    EXPECT_NE(pending().front(), "n0");
}

TEST_F(Policy, DropOldestLeavesWhatIsOnItsWayToTheServer) {
    open(spool::FullPolicy::drop_oldest);
    ASSERT_TRUE(send(large(0)));
    std::vector<upload::Slice> flight;
    source_->fetch(spool::kDefaultLane, upload::Order::oldest, 1, 1 << 20,
                   [&](auto slices) { flight = std::move(slices); });
    ASSERT_TRUE(test::run_until(io_, [&] { return !flight.empty(); }));
    for (int i = 1; i < 60; ++i) ASSERT_TRUE(send(large(i)));
    EXPECT_EQ(pending().front(), "n0");
    source_->settle({{flight.front(), upload::Settlement::Outcome::delivered, 0, {}}});
    ASSERT_TRUE(test::run_until(io_, [&] { return writer_->unnoted() == 0; }));
    EXPECT_EQ(audit().ledger.sum(account::kDelivered), 1U);
}

TEST_F(Policy, WhatIsBeingReadForTheServerIsOnItsWayToItAsWell) {
    open(spool::FullPolicy::block, std::chrono::hours{1});
    std::uint64_t delivered = 0, left_behind = 0;
    for (const auto order : {upload::Order::oldest, upload::Order::newest}) {
        if (order == upload::Order::newest) {
            ASSERT_TRUE(send(large(1)));  // a backlog, which nobody reads
            ++left_behind;
        }
        ASSERT_TRUE(send(large(0)));
        clock_.advance(std::chrono::hours{2});
        std::vector<upload::Slice> flight;
        source_->fetch(spool::kDefaultLane, order, 1, 1 << 20,
                       [&](auto slices) { flight = std::move(slices); });
        keeper_->look();  // The read runs; its answer has not come.
        ASSERT_TRUE(test::run_until(io_, [&] { return !flight.empty(); }));
        settle();
        EXPECT_EQ(audit().ledger.sum(account::kDiscarded), left_behind);
        source_->settle({{flight.front(), upload::Settlement::Outcome::delivered, 0, {}}});
        ASSERT_TRUE(test::run_until(io_, [&] { return writer_->unnoted() == 0; }));
        EXPECT_EQ(audit().ledger.sum(account::kDelivered), ++delivered);
    }
}

TEST_F(Policy, ShedContentCutsPromptsNearTheLimitAndKeepsWhatTheyCost) {
    open(spool::FullPolicy::shed_content);
    int sent = 0;
    while (sent < 300 && send(large(sent))) ++sent;
    const spool::Audit books = audit();
    EXPECT_GT(sent, 40) << "records without content are small";
    const auto shed = books.ledger.at(account::kDegraded, "shed_content");
    EXPECT_GT(shed, 5U);
    EXPECT_EQ(books.ledger.at(account::kAccepted), static_cast<std::uint64_t>(sent));
    const auto chunks = *spool_->read(spool::kDefaultLane, 0, 10'000, 1 << 30);
    const Json last = Json::parse(chunks.back().body);
    EXPECT_FALSE(last.contains("input"));
    EXPECT_EQ(last["prompt_tokens"], 1);
    EXPECT_TRUE(last.contains("timestamp"));
}

TEST_F(Policy, WhatWaitsLongerThanItMayIsDiscardedAndCounted) {
    open(spool::FullPolicy::block, std::chrono::hours{1});
    ASSERT_TRUE(send(large(0)));
    clock_.advance(std::chrono::minutes{40});
    ASSERT_TRUE(send(large(1)));
    clock_.advance(std::chrono::minutes{30});
    keeper_->look();
    settle();
    EXPECT_EQ(pending(), std::vector<std::string>{"n1"});
    EXPECT_EQ(audit().ledger.at(account::kDiscarded, "max_age"), 1U);
}

TEST_F(Policy, AWallClockThatIsSetMakesNothingOldAndKeepsNothingYoung) {
    open(spool::FullPolicy::block, std::chrono::hours{1});
    const WallTime start = clock_.wall();
    ASSERT_TRUE(send(large(0)));
    for (const WallTime wall :
         {start + std::chrono::days{3'650}, start - std::chrono::days{3'650}, WallTime{}}) {
        clock_.set_wall(wall);
        keeper_->look();
        settle();
        EXPECT_EQ(pending(), std::vector<std::string>{"n0"}) << "no time passed";
    }
    ASSERT_TRUE(send(large(1)));
    clock_.advance(std::chrono::minutes{50});
    ASSERT_TRUE(send(large(2)));
    clock_.advance(std::chrono::minutes{15});
    keeper_->look();
    settle();
    EXPECT_EQ(pending(), std::vector<std::string>{"n2"}) << "it is 1970, and an hour has passed";
    EXPECT_EQ(audit().ledger.at(account::kDiscarded, "max_age"), 2U);
}

TEST_F(Policy, AnIdFromTheSameSenderIsAcceptedOnceOverARestartAsWell) {
    const ingest::Origin alice{ingest::ListenerKind::unix_stream, 1, 1000};
    const ingest::Origin bob{ingest::ListenerKind::unix_stream, 2, 1001};
    const std::string record = R"({"model":"m","record_id":"a"})";
    open(spool::FullPolicy::block);
    ASSERT_TRUE(send(record, alice));
    ASSERT_TRUE(send(record, alice));
    ASSERT_TRUE(send(record, bob));
    ASSERT_TRUE(send(R"({"model":"m","record_id":7})", alice));
    ASSERT_TRUE(send(R"({"model":"m","record_id":7})", alice)) << "no text, so no id";
    reopen(spool::FullPolicy::block);
    ASSERT_TRUE(send(record, alice));
    const spool::Audit books = audit();
    EXPECT_EQ(books.ledger.at(account::kAccepted), 4U);
    EXPECT_EQ(books.ledger.at(account::kDropped, "duplicate"), 2U);
}

TEST_F(Policy, AnIdIsForgottenAfterItsWindow) {
    open(spool::FullPolicy::block);
    ASSERT_TRUE(send(R"({"model":"m","record_id":"a"})"));
    for (int hours = 0; hours < 26; ++hours) {
        clock_.advance(std::chrono::hours{1});
        keeper_->look();
        settle();
    }
    EXPECT_EQ(intake_->duplicates()->size(), 0U);
    ASSERT_TRUE(send(R"({"model":"m","record_id":"a"})"));
    EXPECT_EQ(audit().ledger.at(account::kAccepted), 2U);
}

}  // namespace
}  // namespace respand::pipeline
