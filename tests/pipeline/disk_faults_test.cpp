// Intake, writer and source over a real spool on a disk that fails: what is taken waits, what can go on goes
// on, and all of it ends by itself.
#include <gtest/gtest.h>

#include "pipeline/intake.hpp"
#include "pipeline/upload_source.hpp"
#include "support/disk/fault_disk.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::pipeline {
namespace {

using test::DiskCall;
using test::DiskFault;
namespace account = spool::account;

/// The connections that SQLite opened, in order: for settings that only their owner can make.
std::vector<sqlite3*>& connections() {
    static std::vector<sqlite3*> all;
    return all;
}
int note_connection(sqlite3* connection, const char**, const sqlite3_api_routines*) {
    connections().push_back(connection);
    return SQLITE_OK;
}

class DiskFaults : public ::testing::Test {
  protected:
    DiskFaults() {
        connections().clear();
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(note_connection));
        auto opened = spool::Spool::open({dir_.file("spool.db"), 4_GiB});
        sqlite3_reset_auto_extension();
        EXPECT_TRUE(opened) << opened.error().message;
        spool_ = std::move(*opened);
        writer_ = std::make_unique<SpoolWriter>(io_, spool_thread_, aside_, *spool_, clock_);
        intake_ = std::make_unique<Intake>(*writer_, *pricing::PriceTable::parse(kPrices, "test", nullptr),
                                           Admission(spool::FullPolicy::block, 4_GiB), clock_, 7);
        source_ = std::make_unique<UploadSource>(io_, *writer_, clock_, spool_->totals());
        writer_->on_idle([this] { intake_->writer_idle(); });
        writer_->on_retry([this] { return intake_->take_refusals(); });
        writer_->on_appended([this](auto commits) { source_->appended(commits); });
        intake_->on_resume([this] { ++resumed_; });
    }
    ~DiskFaults() override { disk_.heal(); }

    static constexpr const char* kPrices =
        R"({"format":"respand-pricing-1","models":{"a/model":{"input_per_million":1,"output_per_million":2}}})";

    void send(std::size_t size = 10) {
        std::string text = R"({"model":"m","input":")" + std::string(size, 'x') + "\"}";
        const std::size_t length = text.size();
        text.append(kRecordPadding, ' ');
        intake_->record({text.data(), length}, {});
        intake_->drained(1);
        ++sent_;
    }
    template <class Condition>
    bool until(Condition condition) {
        return test::run_until(io_, condition);
    }
    /// Delivers what there is.
    void deliver() {
        std::optional<std::vector<upload::Slice>> slices;
        source_->fetch(spool::kDefaultLane, upload::Order::oldest, 500, 1 << 20,
                       [&](auto got) { slices = std::move(got); });
        ASSERT_TRUE(until([&] { return slices.has_value(); }));
        for (const upload::Slice& slice : *slices) {
            upload::Settlement settlement;
            settlement.slice = slice;
            settlement.outcome = upload::Settlement::Outcome::delivered;
            source_->settle({settlement});
        }
    }
    /// The books in the file, read by somebody else.
    spool::Ledger books() {
        auto database = sqlite::Connection::open(dir_.file("spool.db"), sqlite::OpenMode::read_only);
        const auto audit = spool::audit(*database);
        if (!audit) return {};
        EXPECT_TRUE(audit->faults.empty()) << audit->faults.front();
        return audit->ledger;
    }
    void expect_all_there() {
        ASSERT_TRUE(until([&] {
            return writer_->idle() && intake_->accepting(ingest::ListenerKind::unix_datagram);
        })) << writer_->stuck_reason();
        const spool::Ledger ledger = books();
        EXPECT_EQ(ledger.sum(account::kAccepted), sent_);
    }

    test::TempDir dir_;
    test::FaultDisk disk_;
    ManualClock clock_;
    boost::asio::io_context io_;
    runtime::Offload spool_thread_{io_}, aside_{io_};
    std::unique_ptr<spool::Spool> spool_;
    std::unique_ptr<SpoolWriter> writer_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<UploadSource> source_;
    std::uint64_t sent_ = 0;
    int resumed_ = 0;
};

TEST_F(DiskFaults, AFailingDiskPausesIntakeAndItResumesByItself) {
    for (const DiskFault fault : {DiskFault{DiskCall::write, SQLITE_IOERR_WRITE, 0, DiskFault::kForever},
                                  DiskFault{DiskCall::sync, SQLITE_IOERR_FSYNC, 0, DiskFault::kForever},
                                  DiskFault{DiskCall::write, SQLITE_FULL, 0, DiskFault::kForever}}) {
        const int resumed = resumed_;
        disk_.inject(fault);
        for (int i = 0; i < 100 && intake_->accepting(ingest::ListenerKind::unix_datagram); ++i)
            send(1 << 20);
        EXPECT_FALSE(intake_->accepting(ingest::ListenerKind::unix_datagram))
            << "memory is bounded, whatever the disk does";
        ASSERT_TRUE(until([&] { return writer_->stuck(); }));
        disk_.heal();
        ASSERT_TRUE(until([&] { return resumed_ > resumed; }));
        expect_all_there();
    }
}

TEST_F(DiskFaults, ADiskWithoutRoomForRecordsTakesSettlementsAndCounts) {
    send();
    ASSERT_TRUE(until([&] { return writer_->idle() && writer_->level().pending == 1; }));
    disk_.set_capacity(disk_.used() + (1 << 20));
    send(3 << 20);
    ASSERT_TRUE(until([&] { return writer_->stuck(); }));
    deliver();
    intake_->fault(ingest::Fault::empty_datagram, {});
    intake_->dropped_by_kernel(5, ingest::ListenerKind::udp);
    ASSERT_TRUE(until([&] {
        const spool::Ledger ledger = books();
        return ledger.sum(account::kDelivered) == 1 && ledger.sum(account::kRejected) == 1 &&
               ledger.sum(account::kDropped) == 5;
    }));
    EXPECT_EQ(books().sum(account::kAccepted), 1U) << "the large record has no room yet";
    disk_.heal();
    expect_all_there();
}

TEST_F(DiskFaults, ADatabaseAtItsLargestSizeIsEmptiedByDeliveries) {
    while (spool_->totals().live < 2_MiB) {
        send(100 << 10);
        ASSERT_TRUE(until([&] { return writer_->idle(); }));
    }
    const std::string limit = "PRAGMA max_page_count=1";  // SQLite takes the present size, which is more
    ASSERT_EQ(sqlite3_exec(connections().front(), limit.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    send(500 << 10);
    ASSERT_TRUE(until([&] { return writer_->stuck(); }));
    for (int i = 0; i < 20; ++i) deliver();
    ASSERT_TRUE(until([&] { return writer_->idle(); })) << "deliveries make room inside the file";
    expect_all_there();
}

TEST_F(DiskFaults, WhoAwaitsACommitHearsOfItWhenEverythingBeforeIsInTheFile) {
    std::uint64_t on_disk = 0;
    const auto await = [&] {
        intake_->when_durable([&](bool durable) {
            EXPECT_TRUE(durable);
            on_disk = books().sum(account::kAccepted);
        });
    };
    await();
    send();
    EXPECT_EQ(on_disk, 0U);
    send();  // while the first commit runs
    ASSERT_TRUE(until([&] { return on_disk == 1; }));
    send();
    await();
    send();
    ASSERT_TRUE(until([&] { return on_disk == 4; }));
    await();
    intake_->drained(0);
    on_disk = 0;
    ASSERT_TRUE(until([&] { return on_disk == 4; })) << "nothing new is no reason to wait";
}

TEST_F(DiskFaults, WhoAwaitsACommitThatFailsHearsOfItWhenItPassesAtLast) {
    disk_.inject({DiskCall::write, SQLITE_FULL, 0, DiskFault::kForever});
    std::optional<bool> durable;
    intake_->when_durable([&](bool done) { durable = done; });
    send();
    ASSERT_TRUE(until([&] { return writer_->stuck(); }));
    EXPECT_EQ(intake_->readiness(ingest::ListenerKind::http), ingest::Readiness::stopped);
    EXPECT_FALSE(durable);
    disk_.heal();
    ASSERT_TRUE(until([&] { return durable.has_value(); }));
    EXPECT_TRUE(*durable);
    ASSERT_TRUE(until([&] { return writer_->idle(); }));
    EXPECT_EQ(intake_->readiness(ingest::ListenerKind::http), ingest::Readiness::ready);
    expect_all_there();
}

TEST_F(DiskFaults, WhoAwaitsACommitIsToldWhenItNeverComes) {
    disk_.inject({DiskCall::write, SQLITE_FULL, 0, DiskFault::kForever});
    std::vector<bool> durable;
    for (int i = 0; i < 2; ++i) {
        intake_->when_durable([&](bool done) { durable.push_back(done); });
        send();
    }
    ASSERT_TRUE(until([&] { return writer_->stuck(); }));
    std::uint64_t lost = 0;
    writer_->drain([&](const SpoolWriter::Left& left) { lost = left.records; });
    ASSERT_TRUE(until([&] { return lost > 0; }));
    EXPECT_EQ(durable, (std::vector{false, false}));
}

TEST_F(DiskFaults, ARecordsVerdictSaysWhatBecameOfIt) {
    const auto verdict_on = [this](std::string text) {
        text.append(kRecordPadding, ' ');
        return intake_->record({text.data(), text.size() - kRecordPadding}, {});
    };
    using Outcome = ingest::Verdict::Outcome;
    intake_->set_duplicates(std::make_unique<DuplicateWindow>());
    const ingest::Verdict plain = verdict_on(R"({"model":"m"})");
    EXPECT_EQ(plain.outcome, Outcome::accepted);
    EXPECT_EQ(plain.id.size(), 36U) << "the id it can be found by";
    EXPECT_EQ(verdict_on(R"({"model":"m","custom_identifier":"mine"})").id, "");
    EXPECT_EQ(verdict_on(R"({"model":"m","record_id":"a"})").outcome, Outcome::accepted);
    EXPECT_EQ(verdict_on(R"({"model":"m","record_id":"a"})").outcome, Outcome::duplicate);
    const ingest::Verdict refused = verdict_on(R"({"input":"m"})");
    EXPECT_EQ(refused.outcome, Outcome::refused);
    EXPECT_EQ(refused.reason, "no_model");
    EXPECT_FALSE(refused.words.empty());
    sent_ = 3;
    intake_->drained(5);
    expect_all_there();
}

}  // namespace
}  // namespace respand::pipeline
