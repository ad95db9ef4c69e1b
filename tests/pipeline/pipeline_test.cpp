// Intake, writer and source over a real spool, driven by hand as a listener and an uploader would.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/intake.hpp"
#include "pipeline/upload_source.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::pipeline {
namespace {

using Json = nlohmann::json;

constexpr const char* kPrices =
    R"({"format":"respand-pricing-1","models":{"a/model":{"input_per_million":1,"output_per_million":2}}})";

class PipelineTest : public ::testing::Test {
  protected:
    explicit PipelineTest(ByteCount max_size = 4_GiB) : max_size_(max_size) { open(); }

    void open() {
        auto opened = spool::Spool::open({dir_.file("spool.db"), max_size_});
        ASSERT_TRUE(opened) << opened.error().message;
        spool_ = std::move(*opened);
        writer_ = std::make_unique<SpoolWriter>(io_, spool_thread_, aside_, *spool_, clock_);
        intake_ = std::make_unique<Intake>(*writer_, *pricing::PriceTable::parse(kPrices, "test", nullptr),
                                           Admission(spool::FullPolicy::block, max_size_), clock_, 7);
        source_ = std::make_unique<UploadSource>(io_, *writer_, clock_, spool_->totals());
        writer_->on_idle([this] { intake_->writer_idle(); });
        writer_->on_appended([this](auto commits) { source_->appended(commits); });
        intake_->on_resume([this] { ++resumed_; });
    }

    void send(std::string text) {
        const std::size_t size = text.size();
        text.append(kRecordPadding, ' ');
        intake_->record({text.data(), size}, {});
    }
    void send_and_commit(const std::string& text) {
        send(text);
        intake_->drained(1);
        ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle(); }));
    }

    std::vector<upload::Slice> fetch(std::size_t max_records = 500, std::size_t max_bytes = 1 << 20,
                                     upload::Order order = upload::Order::oldest) {
        std::optional<std::vector<upload::Slice>> got;
        source_->fetch(spool::kDefaultLane, order, max_records, max_bytes,
                       [&](auto slices) { got = std::move(slices); });
        EXPECT_TRUE(test::run_until(io_, [&] { return got.has_value(); }));
        return *got;
    }
    std::vector<Json> fetch_json() {
        std::vector<Json> records;
        for (const auto& slice : fetch())
            for (const Json& record :
                 Json::parse("[" + slice.chunk->body.substr(slice.offset, slice.bytes) + "]"))
                records.push_back(record);
        return records;
    }
    spool::Audit audit() {
        std::optional<Result<spool::Audit>> got;
        writer_->ask([](spool::Spool& s) { return s.audit(); },
                     [&](auto result) { got = std::move(result); });
        EXPECT_TRUE(test::run_until(io_, [&] { return got.has_value(); }));
        EXPECT_TRUE((*got)->faults.empty()) << (*got)->faults.front();
        return **got;
    }

    ByteCount max_size_;
    test::TempDir dir_;
    ManualClock clock_;
    boost::asio::io_context io_;
    runtime::Offload spool_thread_{io_};
    runtime::Offload aside_{io_};
    std::unique_ptr<spool::Spool> spool_;
    std::unique_ptr<SpoolWriter> writer_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<UploadSource> source_;
    int resumed_ = 0;
};

TEST_F(PipelineTest, ARecordComesOutPricedStampedAndIdentified) {
    send_and_commit(R"({"model":"a/model","prompt_tokens":3,"completion_tokens":4})");
    const auto records = fetch_json();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0]["cost"], 0.000011);
    EXPECT_EQ(records[0]["timestamp"], "2026-09-21T14:13:20.000000Z");
    EXPECT_EQ(records[0]["custom_identifier"].get<std::string>().size(), 36U);
    audit();
}

TEST_F(PipelineTest, AFloodThatCanBePushedBackLeavesHeadRoomForUdp) {
    const std::string record = R"({"model":"m","input":")" + std::string(50'000, 'x') + "\"}";
    const auto fill = [&](ingest::ListenerKind listener) {
        std::size_t bytes = 0;
        for (; intake_->accepting(listener); bytes += record.size()) {
            send(record);
            intake_->drained(1);
        }
        return bytes;
    };
    intake_->set_udp_listens(true);
    EXPECT_GT(fill(ingest::ListenerKind::unix_stream), Intake::kQueueLimitBesideUdp);
    EXPECT_GE(fill(ingest::ListenerKind::udp), Intake::kQueueLimit / 5);
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle(); }));
    EXPECT_TRUE(intake_->accepting(ingest::ListenerKind::unix_stream));
    EXPECT_GT(resumed_, 0);
    intake_->set_udp_listens(false);
    EXPECT_GT(fill(ingest::ListenerKind::unix_stream), Intake::kQueueLimit);
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle(); }));
    audit();
}

TEST_F(PipelineTest, ALoneRecordIsCommittedAtOnceAndWhatComesMeanwhileInOneGo) {
    send(R"({"model":"m"})");
    intake_->drained(1);
    EXPECT_FALSE(writer_->idle());
    for (int i = 0; i < 100; ++i) {
        send(R"({"model":"m"})");
        intake_->drained(1);
    }
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle() && writer_->level().pending == 101; }));
    EXPECT_EQ(writer_->commits(), 2U);
    audit();
}

TEST_F(PipelineTest, EveryRecordIsHandedOutOnceAndAgainAfterARestart) {
    for (int i = 0; i < 10; ++i) send(R"({"model":"m","custom_identifier":")" + std::to_string(i) + "\"}");
    intake_->drained(10);
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle() && writer_->level().pending == 10; }));
    EXPECT_EQ(source_->waiting(spool::kDefaultLane), 10U);
    const auto first = fetch(4);
    EXPECT_EQ(source_->waiting(spool::kDefaultLane), 6U);
    source_->settle({{first.front(), upload::Settlement::Outcome::delivered, 0, {}}});
    EXPECT_EQ(fetch_json().size(), 6U);
    EXPECT_TRUE(fetch().empty());
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle() && writer_->level().pending == 6; }));

    source_.reset();
    intake_.reset();
    writer_.reset();
    spool_.reset();
    open();
    const auto again = fetch_json();
    ASSERT_EQ(again.size(), 6U);
    EXPECT_EQ(again.front()["custom_identifier"], "4");
    audit();
}

TEST_F(PipelineTest, AWallClockThatIsSetChangesNoOrderAndHoldsNothingUp) {
    const WallTime start = clock_.wall();
    constexpr std::chrono::days kFar{3'650};
    int sent = 0;
    for (const WallTime wall : {start, start - kFar, start + kFar, WallTime{}, start}) {
        clock_.set_wall(wall);
        for (int i = 0; i < 3; ++i)
            send(R"({"model":"m","custom_identifier":")" + std::to_string(sent++) + "\"}");
        intake_->drained(3);
        ASSERT_TRUE(test::run_until(io_, [&] {
            return writer_->idle() && writer_->level().pending == static_cast<std::uint64_t>(sent);
        }));
    }
    clock_.set_wall(start - kFar);
    source_.reset();
    intake_.reset();
    writer_.reset();
    spool_.reset();
    open();
    const auto records = fetch_json();
    ASSERT_EQ(records.size(), static_cast<std::size_t>(sent));
    for (int i = 0; i < sent; ++i)
        EXPECT_EQ(records[static_cast<std::size_t>(i)]["custom_identifier"], std::to_string(i));
    EXPECT_EQ(records[3]["timestamp"].get<std::string>().substr(0, 4), "2016")
        << "each has the time that was told";
    audit();
}

TEST_F(PipelineTest, TheNewestRecordOvertakesABacklogAndEachComesOnce) {
    using upload::Order;
    std::multiset<int> seen;
    const auto take = [&](std::size_t records, Order order) {
        std::vector<int> ids;
        for (const auto& slice : fetch(records, 1 << 20, order))
            for (const Json& record :
                 Json::parse("[" + slice.chunk->body.substr(slice.offset, slice.bytes) + "]"))
                ids.push_back(std::stoi(record.at("custom_identifier").get<std::string>()));
        seen.insert(ids.begin(), ids.end());
        return ids;
    };
    const auto text = [](int id) {
        return R"({"model":"m","custom_identifier":")" + std::to_string(id) + "\"}";
    };
    int next = 0;
    while (next < 40) send_and_commit(text(next++));
    EXPECT_EQ(take(3, Order::oldest), (std::vector{0, 1, 2}));
    while (!take(1, Order::newest).empty()) {
    }
    int woken = 0;
    source_->on_available(spool::kDefaultLane, [&] { ++woken; });
    send_and_commit(text(next++));
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(take(1, Order::newest), std::vector{40});
    for (int i = 0; i < 30; ++i) send(text(next++));
    intake_->drained(30);
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle(); }));
    EXPECT_TRUE(take(1, Order::newest).empty()) << "a larger commit is no light traffic";
    send_and_commit(text(next++));
    EXPECT_EQ(take(1, Order::newest), std::vector{71});
    while (!take(7, Order::oldest).empty()) {
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(next));
    for (int id = 0; id < next; ++id) EXPECT_EQ(seen.count(id), 1U) << id;
    EXPECT_EQ(source_->waiting(spool::kDefaultLane), 0U);
}

TEST_F(PipelineTest, ASourceThatRanDryCallsWhenThereIsWorkAgain) {
    int called = 0;
    source_->on_available(spool::kDefaultLane, [&] { ++called; });
    EXPECT_TRUE(fetch().empty());
    send_and_commit(R"({"model":"m"})");
    EXPECT_EQ(called, 1);
    EXPECT_EQ(fetch_json().size(), 1U);
}

TEST_F(PipelineTest, RefusalsAreBookedWithoutARecord) {
    send("nonsense");
    intake_->fault(ingest::Fault::half_line, {});
    intake_->dropped_by_kernel(5, ingest::ListenerKind::udp);
    intake_->drained(0);
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle() && writer_->commits() > 0; }));
    const auto books = audit().ledger;
    EXPECT_EQ(books.sum(spool::account::kReceived), 7U);
    EXPECT_EQ(books.at(spool::account::kRejected, "not_json"), 1U);
    EXPECT_EQ(books.at(spool::account::kRejected, "truncated"), 1U);
    EXPECT_EQ(books.sum(spool::account::kDropped), 5U);
}

TEST_F(PipelineTest, ItStopsAcceptingWhileTooMuchWaitsAndResumesAfterTheCommit) {
    send(R"({"model":"m"})");
    intake_->drained(1);  // a commit is running
    const std::string large = R"({"model":"m","input":")" + std::string(1 << 20, 'x') + "\"}";
    int sent = 0;
    while (intake_->accepting(ingest::ListenerKind::unix_datagram) && sent < 100) {
        send(large);
        ++sent;
    }
    EXPECT_LE(sent, 5);
    intake_->drained(static_cast<std::size_t>(sent));
    ASSERT_TRUE(test::run_until(io_, [this] { return resumed_ > 0; }));
    EXPECT_TRUE(intake_->accepting(ingest::ListenerKind::unix_datagram));
    ASSERT_TRUE(
        test::run_until(io_, [&] { return writer_->level().pending == 1U + static_cast<unsigned>(sent); }));
    audit();
}

TEST_F(PipelineTest, AFullDiskPausesIntakeKeepsEverythingAndHealsByItself) {
    send_and_commit(R"({"model":"m","custom_identifier":"first"})");
    const auto first = fetch();
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    const rlimit tight{256 << 10, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    for (int i = 0; i < 10 && intake_->accepting(ingest::ListenerKind::unix_datagram); ++i) {
        send(R"({"model":"m","input":")" + std::string(1 << 20, 'x') + "\"}");
        intake_->drained(1);
    }
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->stuck(); }));
    EXPECT_FALSE(writer_->stuck_reason().empty());
    source_->settle({{first.front(), upload::Settlement::Outcome::delivered, 0, {}}});
    ::setrlimit(RLIMIT_FSIZE, &old);
    ASSERT_TRUE(test::run_until(
        io_, [this] { return writer_->idle() && intake_->accepting(ingest::ListenerKind::unix_datagram); }));
    const auto books = audit();
    EXPECT_EQ(books.ledger.sum(spool::account::kDelivered), 1U);
    EXPECT_EQ(books.pending_rows + 1, books.ledger.sum(spool::account::kReceived));
}

// The limit is never lifted: deliveries alone make the room.
TEST_F(PipelineTest, AFullDiskIsEmptiedByDeliveries) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    const rlimit tight{512 << 10, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    std::uint64_t records = 0;
    while (!writer_->stuck() && records < 1'000) {
        send(R"({"model":"m","input":")" + std::string(20 << 10, 'x') + "\"}");
        ++records;
        intake_->drained(1);
        ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle() || writer_->stuck(); }));
    }
    ASSERT_TRUE(writer_->stuck());
    bool fetching = false;
    std::uint64_t delivered = 0;
    EXPECT_TRUE(test::run_until(io_, [&] {
        if (!fetching) {
            fetching = true;
            source_->fetch(spool::kDefaultLane, upload::Order::oldest, 500, 1 << 20,
                           [&](std::vector<upload::Slice> slices) {
                               fetching = false;
                               for (const auto& slice : slices) {
                                   delivered += slice.count;
                                   source_->settle({{slice, upload::Settlement::Outcome::delivered, 0, {}}});
                               }
                           });
        }
        return delivered == records && writer_->idle() && writer_->level().pending == 0;
    }));
    ::setrlimit(RLIMIT_FSIZE, &old);
    EXPECT_EQ(delivered, records);
    ASSERT_TRUE(test::run_until(io_, [&] { return !fetching; }));
    EXPECT_EQ(audit().ledger.sum(spool::account::kDelivered), records);
}

class SmallSpoolTest : public PipelineTest {
  protected:
    SmallSpoolTest() : PipelineTest(1_MiB) {}
};

TEST_F(SmallSpoolTest, AFullSpoolPausesIntakeUntilDeliveriesFreedRoom) {
    int sent = 0;
    while (intake_->accepting(ingest::ListenerKind::unix_datagram) && sent < 100) {
        send_and_commit(R"({"model":"m","input":")" + std::string(200 << 10, 'x') + "\"}");
        ++sent;
    }
    EXPECT_LE(sent, 6);
    EXPECT_TRUE(intake_->full());
    for (auto slices = fetch(); !slices.empty(); slices = fetch())
        for (const auto& slice : slices)
            source_->settle({{slice, upload::Settlement::Outcome::delivered, 0, {}}});
    ASSERT_TRUE(test::run_until(io_, [this] { return resumed_ > 0; }));
    EXPECT_FALSE(intake_->full());
    audit();
}

}  // namespace
}  // namespace respand::pipeline
