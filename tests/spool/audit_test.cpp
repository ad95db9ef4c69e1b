// The audit counts what is there, whatever else says.
#include "spool/audit.hpp"

#include "fixture.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {
namespace {

using test::TempDir;

/// Three chunks in two lanes, one record delivered, one parked, one requeued, one purged.
std::unique_ptr<Spool> with_some_of_each(const TempDir& dir) {
    auto spool = open(dir);
    const LaneId lane = *spool->add_lane("eu");
    EXPECT_TRUE(spool->commit(appending({chunk_of({"{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}"}),
                                         chunk_of({"{\"b\":1}"}), chunk_of({"{\"c\":1}"}, lane)})));
    const auto chunks = spool->read(kDefaultLane, 0, 1, 1);
    Changes changes;
    changes.delivered.push_back({chunks->front().id, 4, 0, 1});
    for (std::uint32_t i = 1; i < 4; ++i) changes.parked.push_back(parking(chunks->front(), i));
    EXPECT_TRUE(spool->commit(changes));
    DeadFilter first;
    first.ids = {1};
    EXPECT_TRUE(spool->requeue(first, "operator:test"));
    first.ids = {2};
    EXPECT_TRUE(spool->discard(first, "operator:test"));
    return spool;
}

TEST(Audit, CountsEachLanesRecordsAndLetters) {
    TempDir dir(test::memory_directory());
    auto spool = with_some_of_each(dir);
    const auto audit = spool->audit();
    ASSERT_TRUE(audit) << audit.error().message;
    EXPECT_TRUE(audit->faults.empty()) << audit->faults.front();
    ASSERT_EQ(audit->lanes.size(), 2U);
    EXPECT_EQ(audit->lanes[0].lane, "default");
    EXPECT_EQ(audit->lanes[0].pending, 2U);
    EXPECT_EQ(audit->lanes[0].dead, 1U);
    EXPECT_EQ(audit->lanes[1].lane, "eu");
    EXPECT_EQ(audit->lanes[1].pending, 1U);
}

TEST(Audit, EveryKindOfTamperingIsFound) {
    for (const char* tampering :
         {"DELETE FROM chunk WHERE id=2", "DELETE FROM dead_letter",
          "UPDATE ledger SET amount=amount+1 WHERE account='received'",
          "UPDATE ledger SET amount=amount+1 WHERE account='requeued'",
          "UPDATE ledger SET amount=-1 WHERE account='delivered'",
          "INSERT INTO ledger VALUES('rejected','not_json',1)",
          "UPDATE chunk SET lengths=x'0100000001000000' WHERE id=2", "UPDATE chunk SET records=7 WHERE id=2",
          "UPDATE chunk SET bytes=8 WHERE id=2", "INSERT INTO progress VALUES(99,x'01')",
          "INSERT INTO progress VALUES(2,x'01')", "UPDATE ledger SET reason='x' WHERE account='lost'"}) {
        TempDir dir(test::memory_directory());
        with_some_of_each(dir).reset();
        {
            auto raw = sqlite::Connection::open(dir.file("spool.db"), sqlite::OpenMode::read_write);
            ASSERT_TRUE(raw && raw->exec("INSERT INTO ledger VALUES('lost','test',0)"));
            ASSERT_TRUE(raw->exec(tampering));
        }
        const auto audit = audit_file(dir.file("spool.db"));
        ASSERT_TRUE(audit) << audit.error().message;
        const bool harmless = std::string_view(tampering).ends_with("'lost'");
        EXPECT_EQ(audit->faults.empty(), harmless) << tampering;
    }
}

TEST(Audit, ALiveOneAlsoHoldsTheDaemonsFiguresAgainstTheFile) {
    TempDir dir(test::memory_directory());
    auto spool = with_some_of_each(dir);
    auto raw = sqlite::Connection::open(dir.file("spool.db"), sqlite::OpenMode::read_write);
    // Consistent in itself, and not what the daemon did.
    ASSERT_TRUE(raw->exec("INSERT INTO ledger VALUES('priced','table',5)"));
    EXPECT_TRUE(audit(*raw)->faults.empty());
    const auto live = spool->audit();
    ASSERT_TRUE(live);
    ASSERT_EQ(live->faults.size(), 1U);
    EXPECT_EQ(live->faults.front(), "the daemon's ledger is not the one in the file");
}

TEST(Audit, OfAFileIsRefusedWhereVerifyWouldBe) {
    TempDir dir(test::memory_directory());
    auto spool = open(dir);
    EXPECT_EQ(audit_file(dir.file("spool.db")).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(audit_file(dir.file("none")).error().kind, ErrorKind::no_input);
    spool.reset();
    EXPECT_TRUE(audit_file(dir.file("spool.db")));
}

}  // namespace
}  // namespace respand::spool
