#include "sqlite/connection.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "support/temp_dir.hpp"

namespace respand::sqlite {
namespace {

using test::TempDir;

Result<Connection> open(const TempDir& dir) {
    return Connection::open(dir.file("a.db"), OpenMode::read_write_create);
}

TEST(Sqlite, AnEmptyTextOrBlobIsEmptyAndNotNull) {
    TempDir dir;
    auto database = open(dir);
    ASSERT_TRUE(database->exec("CREATE TABLE t(a TEXT NOT NULL, b BLOB NOT NULL) STRICT"));
    auto insert = database->prepare("INSERT INTO t VALUES(?,?)");
    EXPECT_TRUE(insert->bind_text(1, {}).bind_blob(2, {}).run());
    EXPECT_EQ(database->value("SELECT count(*) FROM t WHERE a='' AND b=x''").value(), 1);
}

TEST(Sqlite, EachSeesEveryRowAndTheStatementCanRunAgain) {
    TempDir dir;
    auto database = open(dir);
    auto rows = database->prepare("SELECT value FROM json_each('[1,2,3]') WHERE value>?");
    for (const std::int64_t least : {0, 2}) {
        std::vector<std::int64_t> seen;
        ASSERT_TRUE(
            rows->bind(1, least).each([&](const Statement& row) { seen.push_back(row.column_int64(0)); }));
        EXPECT_EQ(seen.size(), static_cast<std::size_t>(3 - least));
    }
}

TEST(Sqlite, AFaultSaysWhichFileAndWhatKind) {
    TempDir dir;
    std::ofstream(dir.file("a.db")) << std::string(4096, 'x');
    auto database = open(dir);
    ASSERT_TRUE(database);
    const auto value = database->value("SELECT count(*) FROM sqlite_master");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().kind, ErrorKind::data);
    EXPECT_NE(value.error().message.find("a.db"), std::string::npos);
}

TEST(Sqlite, ATransactionThatIsNotCommittedNeverWas) {
    TempDir dir;
    auto database = open(dir);
    ASSERT_TRUE(database->exec("CREATE TABLE t(a)"));
    {
        auto transaction = Transaction::begin(*database);
        ASSERT_TRUE(database->exec("INSERT INTO t VALUES(1)"));
    }
    EXPECT_EQ(database->value("SELECT count(*) FROM t").value(), 0);
}

TEST(Sqlite, TheIntegrityOfAFileIsToldWithItsFirstFault) {
    TempDir dir;
    {
        auto database = open(dir);
        ASSERT_TRUE(database->exec("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(100000))"));
        EXPECT_EQ(database->integrity_fault().value(), "");
    }
    std::filesystem::resize_file(dir.file("a.db"), 40'960);
    const auto fault = open(dir)->integrity_fault();
    ASSERT_TRUE(fault) << fault.error().message;
    EXPECT_NE(fault->find("a.db"), std::string::npos);
    EXPECT_EQ(fault->find('\n'), std::string::npos);
}

TEST(Sqlite, TheFileAloneIsReadWithoutItsLog) {
    TempDir dir;
    auto database = open(dir);
    ASSERT_TRUE(database->exec("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
    ASSERT_TRUE(database->checkpoint(CheckpointMode::truncate));
    ASSERT_TRUE(database->exec("INSERT INTO t VALUES(2)"));
    auto alone = Connection::open(dir.file("a.db"), OpenMode::file_alone);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->value("SELECT count(*) FROM t").value(), 1);
}

TEST(Sqlite, AReadOnlyConnectionCannotWrite) {
    TempDir dir;
    ASSERT_TRUE(open(dir)->exec("CREATE TABLE t(a)"));
    auto reader = Connection::open(dir.file("a.db"), OpenMode::read_only);
    const auto written = reader->exec("INSERT INTO t VALUES(1)");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::no_permission);
}

TEST(Sqlite, AWatchedCheckpointTellsOfAllThatItWritesAndOfNothingAfterwards) {
    TempDir dir;
    auto database = open(dir);
    ASSERT_TRUE(database->exec("PRAGMA journal_mode=WAL; CREATE TABLE t(a BLOB)"));
    ASSERT_TRUE(database->exec("INSERT INTO t VALUES(randomblob(100000))"));
    std::int64_t told = 0, end = 0;
    const auto moved = database->checkpoint_watched([&](std::int64_t offset, std::int64_t bytes) {
        told += bytes;
        end = std::max(end, offset + bytes);
    });
    ASSERT_TRUE(moved);
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(dir.file("a.db")));
    EXPECT_GT(size, 100'000);
    EXPECT_EQ(end, size);
    EXPECT_EQ(told, size) << "each page once";

    ASSERT_TRUE(database->exec("INSERT INTO t VALUES(randomblob(100000))"));
    ASSERT_TRUE(database->checkpoint(CheckpointMode::passive));
    EXPECT_EQ(told, size);
    EXPECT_EQ(database->value("SELECT sum(length(a)) FROM t").value(), 200'000);
}

}  // namespace
}  // namespace respand::sqlite
