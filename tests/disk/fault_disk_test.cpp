// The disk that loses what was not synced: what it must find, it finds; what is innocent, it lets pass.
#include "support/disk/fault_disk.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.hpp"

namespace respand::test {
namespace {

class Database {
  public:
    explicit Database(const std::string& path) { sqlite3_open(path.c_str(), &handle_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { sqlite3_close(handle_); }
    int run(const std::string& sql) { return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr); }
    int count(const std::string& table) {
        sqlite3_stmt* statement = nullptr;
        int rows = -1;
        const std::string sql = "SELECT count(*) FROM " + table;
        if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW)
            rows = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        return rows;
    }
    int error() { return sqlite3_extended_errcode(handle_); }

  private:
    sqlite3* handle_ = nullptr;
};

/// Ten commits, then the power goes: how many of the rows are there afterwards, at worst of twenty drawings.
int fewest_rows_kept(const std::string& pragmas) {
    int fewest = 10;
    std::mt19937 random(3);
    for (int drawing = 0; drawing < 20; ++drawing) {
        const TempDir dir(memory_directory());
        FaultDisk disk;
        {
            Database database(dir.file("a.db"));
            EXPECT_EQ(
                database.run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x);" +
                             pragmas),
                SQLITE_OK);
            for (int i = 0; i < 10; ++i)
                EXPECT_EQ(database.run("INSERT INTO t VALUES(randomblob(5000))"), SQLITE_OK);
            disk.cut_at(disk.changes() + 1, FaultDisk::When::before);
            EXPECT_NE(database.run("INSERT INTO t VALUES(0)"), SQLITE_OK);
        }
        EXPECT_TRUE(disk.is_cut());
        disk.power_cycle(random);
        Database database(dir.file("a.db"));
        fewest = std::min(fewest, database.count("t"));
    }
    return fewest;
}

TEST(FaultDisk, KeepsWhatWasSynced) { EXPECT_EQ(fewest_rows_kept("PRAGMA synchronous=FULL"), 10); }

TEST(FaultDisk, LosesCommitsThatWereNotSynced) {
    EXPECT_LT(fewest_rows_kept("PRAGMA synchronous=NORMAL"), 10);
}

TEST(FaultDisk, TearsUnsyncedWritesBetweenSectorsOnly) {
    DiskImage image(std::string(4 * DiskImage::kSector, 'a'));
    image.write(100, std::string(3 * DiskImage::kSector, 'b'));
    std::mt19937 random(5);
    bool torn = false;
    for (int drawing = 0; drawing < 100; ++drawing) {
        const std::string file = image.after_power_loss(random, Loss::sectors);
        ASSERT_EQ(file.size(), 4 * DiskImage::kSector);
        int written = 0;
        for (std::size_t sector = 0; sector < 4; ++sector) {
            const bool is_new = file[sector * DiskImage::kSector + 100] == 'b' ||
                                (sector == 3 && file[3 * DiskImage::kSector] == 'b');
            for (std::size_t i = 0; i < DiskImage::kSector; ++i) {
                const std::size_t at = sector * DiskImage::kSector + i;
                const bool in_write = at >= 100 && at < 100 + 3 * DiskImage::kSector;
                ASSERT_EQ(file[at], is_new && in_write ? 'b' : 'a')
                    << "a sector is written whole or not at all";
            }
            written += is_new ? 1 : 0;
        }
        torn = torn || (written > 0 && written < 4);
    }
    EXPECT_TRUE(torn);
}

TEST(FaultDisk, ASyncThatFailsForgetsWhatItShouldHaveWritten) {
    DiskImage image;
    image.write(0, "lost");
    image.forget();
    image.sync();
    std::mt19937 random(1);
    EXPECT_EQ(image.after_power_loss(random, Loss::none), "");
}

TEST(FaultDisk, FailsTheCallsItWasToldToAndNoOthers) {
    const TempDir dir(memory_directory());
    FaultDisk disk;
    Database database(dir.file("a.db"));
    ASSERT_EQ(database.run("PRAGMA journal_mode=WAL; CREATE TABLE t(x)"), SQLITE_OK);
    disk.inject({DiskCall::sync, SQLITE_IOERR_FSYNC, 0, 1});
    EXPECT_NE(database.run("INSERT INTO t VALUES(1)"), SQLITE_OK);
    EXPECT_EQ(database.error(), SQLITE_IOERR_FSYNC);
    EXPECT_EQ(disk.failed(), 1U);
    EXPECT_EQ(database.run("INSERT INTO t VALUES(2)"), SQLITE_OK);
    EXPECT_EQ(database.count("t"), 1);
}

TEST(FaultDisk, IsFullAtItsCapacity) {
    const TempDir dir(memory_directory());
    FaultDisk disk;
    Database database(dir.file("a.db"));
    ASSERT_EQ(database.run("PRAGMA journal_mode=WAL; CREATE TABLE t(x)"), SQLITE_OK);
    disk.set_capacity(disk.used() + 20'000);
    EXPECT_EQ(database.run("INSERT INTO t VALUES(randomblob(100000))"), SQLITE_FULL);
    disk.heal();
    EXPECT_EQ(database.run("INSERT INTO t VALUES(randomblob(100000))"), SQLITE_OK);
}

}  // namespace
}  // namespace respand::test
