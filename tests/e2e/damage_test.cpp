// The spool is damaged under the running daemon: what is readable is delivered, the rest is counted as lost,
// and records are taken all the while.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.hpp"
#include "e2e/daemon_fixture.hpp"

namespace respand::test {
namespace {

constexpr std::uint64_t kPage = 16'384;

class Damage : public DaemonTest {
  protected:
    /// A backlog that lies on disk for the most part: the daemon was started again, and has read no more than
    /// one read ahead (4 MiB) and what a connection has in hand. What it holds in memory is delivered
    /// whatever becomes of the file.
    void start_with_backlog(int records) {
        setup.upload += "max_connections = 1\nmax_body = \"256KiB\"\n";
        sandbox::Options options;
        options.faults.fail.push_back({500, 1.0});
        start_server(options);
        start();
        const UnixSender sender(stream_path(), SOCK_STREAM);
        for (int i = 0; i < records; ++i) ASSERT_TRUE(sender.send(large_record(i) + "\n"));
        ASSERT_TRUE(eventually([&] { return record_count("pending") == static_cast<unsigned>(records); }));
        ASSERT_EQ(stop(), 0);
        start();
    }

    static std::string large_record(int number) {
        std::string text = record_with_id("n" + std::to_string(number));
        return text.insert(
            1, R"("prompt_messages":[{"role":"user","content":")" + std::string(25'000, 'p') + R"("}],)");
    }

    void overwrite_pages(std::uint64_t first, std::uint64_t count) const {
        const UniqueFd file(::open(spool_path().c_str(), O_WRONLY | O_CLOEXEC));
        const std::string garbage(count * kPage, '\x5a');
        ASSERT_EQ(::pwrite(file.get(), garbage.data(), garbage.size(), static_cast<off_t>(first * kPage)),
                  static_cast<ssize_t>(garbage.size()));
    }

    std::uint64_t pages() const { return std::filesystem::file_size(spool_path()) / kPage; }

    std::string set_aside() const {
        for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
            const std::string name = entry.path().string();
            if (name.find("spool.db.damaged-") != std::string::npos && name.ends_with("Z")) return name;
        }
        return {};
    }
};

TEST_F(Damage, UnderTheRunningDaemonCostsWhatItHitAndIsCounted) {
    constexpr unsigned kRecords = 900, kMore = 50;
    start_with_backlog(kRecords);
    overwrite_pages(pages() * 2 / 3, pages() / 10);
    for (unsigned i = 0; i < kMore; ++i)
        ASSERT_TRUE(send_datagram(record_with_id("more" + std::to_string(i))));
    ASSERT_TRUE(server->set_faults({}));
    ASSERT_TRUE(eventually([&] {
        EXPECT_EQ(ctl({"retry"}).code, 0);
        const Json now = status();
        return now["records"]["pending"] == 0 && now["ledger"]["accepted"] == kRecords + kMore;
    })) << daemon->output();
    EXPECT_TRUE(daemon->running());
    EXPECT_TRUE(books_add_up());

    std::set<std::string> found;
    for (const Json& log : arrived()) {
        const std::string id = log["custom_identifier"];
        EXPECT_TRUE(found.insert(id).second || server->stats().duplicate_ids > 0) << id << " arrived twice";
        if (id[0] == 'n') {
            EXPECT_EQ(log["prompt_messages"][0]["content"], std::string(25'000, 'p'));
        }
    }
    for (unsigned i = 0; i < kMore; ++i) EXPECT_TRUE(found.contains("more" + std::to_string(i)));
    const std::uint64_t lost = status()["ledger"]["lost"]["damaged"].get<std::uint64_t>();
    EXPECT_GT(lost, 0U);
    EXPECT_LT(lost, kRecords / 3) << "much more than what was hit";
    EXPECT_EQ(found.size() + lost, kRecords + kMore) << "missing and not counted";

    EXPECT_NE(set_aside(), "");
    EXPECT_NE(daemon->output().find("is kept as " + set_aside()), std::string::npos) << daemon->output();
    const Finished audit = ctl({"audit"});
    EXPECT_NE(audit.output.find("damaged"), std::string::npos) << audit.output;

    // A further start finds nothing wrong, and nothing comes back.
    EXPECT_EQ(stop(), 0);
    const std::uint64_t rows = server->stats().rows_accepted;
    const std::string said = daemon->output();
    start();
    ASSERT_TRUE(send_datagram(record_with_id("last")));
    ASSERT_TRUE(arrive(rows + 1));
    EXPECT_EQ(daemon->output().find("damaged", said.size()), std::string::npos) << daemon->output();
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 0; }));
    EXPECT_TRUE(books_add_up());
}

TEST_F(Damage, OfTheLogOfAKilledDaemonCostsNothingWhenItIsABit) {
    constexpr unsigned kRecords = 60;
    sandbox::Options options;
    options.faults.fail.push_back({500, 1.0});
    start_server(options);
    start();
    for (unsigned i = 0; i < kRecords; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i))));
    ASSERT_TRUE(eventually([&] { return record_count("pending") == kRecords; }));
    daemon->signal(SIGKILL);
    daemon->wait();
    {
        const std::string log = spool_path() + "-wal";
        const UniqueFd file(::open(log.c_str(), O_RDWR | O_CLOEXEC));
        const off_t at =
            32 + 3 * (24 + static_cast<off_t>(kPage)) + 24 + 8'000;  // in a page of an early frame
        char byte = 0;
        ASSERT_EQ(::pread(file.get(), &byte, 1, at), 1);
        byte = static_cast<char>(byte ^ 4);
        ASSERT_EQ(::pwrite(file.get(), &byte, 1, at), 1);
    }
    const Finished closed = ctl({"audit", spool_path()});
    EXPECT_EQ(closed.code, 1) << closed.output;
    EXPECT_NE(closed.output.find("write-ahead log is damaged"), std::string::npos) << closed.output;
    ASSERT_TRUE(server->set_faults({}));
    start();
    ASSERT_TRUE(arrive(kRecords));
    EXPECT_EQ(unique_arrived(), kRecords);
    EXPECT_NE(daemon->output().find("nothing is lost"), std::string::npos) << daemon->output();
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 0; }));
    EXPECT_TRUE(books_add_up());
}

TEST_F(Damage, OfAFileThatNoDaemonHasOpenIsToldWithoutTouchingIt) {
    start_with_backlog(200);
    const auto verify = [this] { return ctl({"spool", "verify"}); };
    const Finished running = verify();
    EXPECT_EQ(running.code, 69) << running.output;
    EXPECT_NE(running.output.find("in use by process " + std::to_string(daemon->pid())), std::string::npos)
        << running.output;
    ASSERT_EQ(stop(), 0);
    const Finished sound = verify();
    EXPECT_EQ(sound.code, 0) << sound.output;
    EXPECT_NE(sound.output.find("200 records"), std::string::npos) << sound.output;
    EXPECT_NE(sound.output.find("all is well"), std::string::npos) << sound.output;
    overwrite_pages(pages() / 2, 1);
    const std::string damaged = read_file(spool_path());
    const Finished told = verify();
    EXPECT_EQ(told.code, 1) << told.output;
    EXPECT_NE(told.output.find("NOT as it was written"), std::string::npos) << told.output;
    EXPECT_EQ(read_file(spool_path()), damaged);
    EXPECT_EQ(ctl({"spool", "verify", dir.file("nothing.db")}).code, 66);
}

#ifdef RESPAND_PRIVATE_MOUNTS
TEST_F(Damage, OnAReadOnlyFileSystemNothingStartsAndNothingIsTouched) {
    setup.base_url = "http://127.0.0.1:1/api";  // nobody there
    start();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(send_datagram(record_with_id("r" + std::to_string(i))));
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 5; }));
    daemon->signal(SIGKILL);  // a log is left that would have to be moved into the file
    daemon->wait();
    const std::string spool = read_file(spool_path()), log = read_file(spool_path() + "-wal");
    ASSERT_FALSE(log.empty());
    // Its own view of the directory, in which it can't be written to.
    const std::string mounted = "mount --bind " + dir.path() + " " + dir.path() +
                                " && mount -o remount,ro,bind " + dir.path() + " && exec " +
                                program("respand") + " --config " + config_path();
    TempDir elsewhere;
    const Finished refused =
        run({"/usr/bin/env", "unshare", "--mount", "--map-root-user", "sh", "-c", mounted},
            elsewhere.file("refused.log"), {{"RESPAN_API_KEY", "the-key"}});
    EXPECT_EQ(refused.code, 77) << refused.output;
    EXPECT_NE(refused.output.find(spool_path()), std::string::npos) << refused.output;
    EXPECT_NE(refused.output.find("writable"), std::string::npos) << refused.output;
    EXPECT_TRUE(set_aside().empty()) << "what can't be written is not damaged";
    EXPECT_EQ(read_file(spool_path()), spool);
    EXPECT_EQ(read_file(spool_path() + "-wal"), log);
    start();
    EXPECT_EQ(record_count("pending"), 5U) << "and it goes on when the file system can be written to again";
    EXPECT_EQ(stop(), 0);
}
#endif

}  // namespace
}  // namespace respand::test
