// Files of older versions. Their SQL stands here word for word: it is what is on somebody's disk.
#include "fixture.hpp"
#include "spool/schema.hpp"

namespace respand::spool {
namespace {

using sqlite::Connection;
using sqlite::OpenMode;
using test::TempDir;

constexpr const char* kVersion1 = R"sql(
PRAGMA page_size=16384;
PRAGMA journal_mode=WAL;
BEGIN;
CREATE TABLE chunk(
    id INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    lengths BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE progress(
    chunk INTEGER PRIMARY KEY,
    settled BLOB NOT NULL
) STRICT;
CREATE TABLE dead_letter(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lane INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    parked_us INTEGER NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE ledger(
    account TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY(account, reason)
) STRICT, WITHOUT ROWID;
PRAGMA application_id=1920168036;
PRAGMA user_version=1;
INSERT INTO chunk VALUES(7, 0, 1790000000000000, 2, 17, x'0700000009000000', CAST('{"a":1},{"b":222}' AS BLOB));
INSERT INTO chunk VALUES(8, 0, 1790000001000000, 1, 7, x'07000000', CAST('{"c":3}' AS BLOB));
INSERT INTO progress VALUES(7, x'0100');
INSERT INTO dead_letter VALUES(4, 0, 1790000000000000, 1790000002000000, 422, 'no such model',
                               CAST('{"d":4}' AS BLOB));
INSERT INTO ledger VALUES('received', '', 4);
INSERT INTO ledger VALUES('accepted', '', 4);
INSERT INTO ledger VALUES('delivered', '', 1);
INSERT INTO ledger VALUES('dead', '', 1);
COMMIT;
)sql";

void make_version_1(const TempDir& dir) {
    auto database = Connection::open(dir.file("spool.db"), OpenMode::read_write_create);
    ASSERT_TRUE(database);
    const auto made = database->exec(kVersion1);
    ASSERT_TRUE(made) << made.error().message;
}

TEST(Migration, AFileOfVersion1KeepsEveryRecordDeadLetterAndAmount) {
    TempDir dir;
    make_version_1(dir);
    auto spool = open(dir);
    EXPECT_EQ(pending(*spool), (std::vector<std::string>{"{\"b\":222}", "{\"c\":3}"}));
    const Totals totals = spool->totals();
    EXPECT_EQ(totals.pending, 2U);
    EXPECT_EQ(totals.chunks, 2U);
    EXPECT_EQ(totals.live.value, 17U + 7U + 7U);
    EXPECT_EQ(totals.ledger.sum(account::kAccepted), 4U);
    const auto letter = spool->dead_letter(4);
    ASSERT_TRUE(letter && *letter);
    EXPECT_EQ((*letter)->body, "{\"d\":4}");
    EXPECT_EQ((*letter)->answer, "no such model");
    EXPECT_EQ((*letter)->cause, "http_422");
    EXPECT_EQ((*letter)->parked, WallTime{std::chrono::seconds{1'790'000'002}});
    expect_in_order(*spool);
}

TEST(Migration, AMigratedFileIsUsedLikeANewOne) {
    TempDir dir;
    make_version_1(dir);
    {
        auto spool = open(dir);
        Changes changes = appending({chunk_of({"{\"e\":5}"})});
        changes.append[0].sources = {1};
        changes.sources = {{1, "litellm", "2026-11-01", "gpt-4o", "exact"}};
        ASSERT_TRUE(spool->commit(changes));
        ASSERT_TRUE(spool->requeue({}, "tester"));
        EXPECT_FALSE(spool->last_dead().value());
    }
    auto spool = open(dir);
    EXPECT_EQ(pending(*spool),
              (std::vector<std::string>{"{\"b\":222}", "{\"c\":3}", "{\"e\":5}", "{\"d\":4}"}));
    const auto chunks = spool->read(kDefaultLane, 8, 500, 1000);
    ASSERT_TRUE(chunks);
    EXPECT_EQ(chunks->front().sources, std::vector<SourceId>{1});
    expect_in_order(*spool);
}

/// Name, type and SQL of everything in a file, without the spaces.
std::vector<std::string> shape(const std::string& path) {
    auto database = Connection::open(path, OpenMode::read_only);
    auto rows = database->prepare(
        "SELECT type||' '||name||' '||replace(replace(coalesce(sql,''),' ',''),char(10),'') FROM "
        "sqlite_master ORDER BY 1");
    std::vector<std::string> all;
    EXPECT_TRUE(rows->each([&](const sqlite::Statement& row) { all.push_back(row.column_text(0)); }));
    return all;
}

TEST(Migration, AMigratedFileHasTheShapeOfANewOne) {
    TempDir old_dir, new_dir;
    make_version_1(old_dir);
    open(old_dir);
    open(new_dir);
    EXPECT_EQ(shape(old_dir.file("spool.db")), shape(new_dir.file("spool.db")));
    auto database = Connection::open(old_dir.file("spool.db"), OpenMode::read_only);
    EXPECT_EQ(database->value("PRAGMA user_version").value(), kSchemaVersion);
}

TEST(Migration, IdsOfDeadLettersAreNotUsedAgain) {
    TempDir dir;
    make_version_1(dir);
    auto spool = open(dir);
    ASSERT_TRUE(spool->discard({}, "tester"));
    const auto chunk = spool->read(kDefaultLane, 7, 500, 1000)->front();
    Changes changes;
    changes.parked.push_back(parking(chunk, 0));
    ASSERT_TRUE(spool->commit(changes));
    EXPECT_EQ(spool->last_dead().value(), 5);
}

TEST(Migration, AnOldFileIsAuditedAsItIs) {
    TempDir dir;
    make_version_1(dir);
    const auto audit = audit_file(dir.file("spool.db"));
    ASSERT_TRUE(audit) << audit.error().message;
    EXPECT_TRUE(audit->faults.empty()) << audit->faults.front();
    EXPECT_EQ(audit->pending_rows, 2U);
    EXPECT_EQ(audit->dead_rows, 1U);
}

}  // namespace
}  // namespace respand::spool
