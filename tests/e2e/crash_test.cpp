// Conservation: what was committed before a SIGKILL is delivered after it; the books add up at every restart.
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "e2e/daemon_fixture.hpp"

namespace respand::test {
namespace {

class Crash : public DaemonTest {
  protected:
    std::set<std::string> ids_at_server() const {
        std::set<std::string> ids;
        for (const Json& log : arrived()) ids.insert(log["custom_identifier"]);
        return ids;
    }
};

TEST_F(Crash, AnOutageAndARestartLoseNothingAndRepeatNothing) {
    sandbox::Options options;
    options.faults.fail.push_back({500, 1.0});
    start_server(options);
    start();
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i))));
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 200; }));
    EXPECT_EQ(stop(), 0);
    ASSERT_TRUE(server->set_faults({}));
    start();
    ASSERT_TRUE(arrive(200));
    EXPECT_EQ(unique_arrived(), 200U);
    EXPECT_EQ(server->stats().duplicate_ids, 0U);
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 0; }));
    EXPECT_TRUE(books_add_up());
}

TEST_F(Crash, WhatASocketTookBeforeAStopIsCommitted) {
    sandbox::Options options;
    options.faults.fail.push_back({503, 1.0});
    start_server(options);
    start();
    const UnixSender sender(datagram_path(), SOCK_DGRAM);
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(sender.send(record_with_id(std::to_string(i))));
    EXPECT_EQ(stop(), 0);  // while the last ones may still lie in the kernel
    ASSERT_TRUE(server->set_faults({}));
    start();
    ASSERT_TRUE(arrive(500));
    EXPECT_EQ(unique_arrived(), 500U);
}

/// One stream connection sends numbered records in order, as fast as it is let, and as many as are allowed:
/// more would only have to be delivered, which takes its time under a sanitizer.
class Load {
  public:
    explicit Load(std::string path) : thread_([this, path = std::move(path)] { send(path); }) {}
    ~Load() { stop(); }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::uint64_t sent() const { return sent_; }
    void allow(std::uint64_t more) { allowed_ = sent_ + more; }

  private:
    void send(const std::string& path) {
        while (!stop_) {
            const UnixSender sender(path, SOCK_STREAM);
            while (!stop_ && sender.connected()) {
                if (sent_ >= allowed_)
                    ::poll(nullptr, 0, 1);
                else if (sender.send(record_with_id("n" + std::to_string(sent_)) + "\n"))
                    ++sent_;
                else
                    break;
            }
            std::this_thread::yield();
        }
    }
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> sent_{0}, allowed_{0};
    std::thread thread_;
};

TEST_F(Crash, KilledAtRandomMomentsUnderLoadItKeepsWhatItCommitted) {
    sandbox::Options options;
    options.faults.fail.push_back({500, 0.2});
    options.faults.reset_rate = 0.05;
    start_server(options);
    setup.upload += "max_connections = 3\n";
    std::mt19937 random(std::random_device{}());
    start();
    Load load(stream_path());
    std::uint64_t committed = 0;
    for (int round = 0; round < 6; ++round) {
        // A random amount of progress, not a random time: the machine may be slow.
        const std::uint64_t more = 100 + random() % 3000, goal = committed + more;
        load.allow(more + 6'000);
        ASSERT_TRUE(eventually([&] { return (committed = record_count("accepted")) >= goal; }));
        daemon->signal(SIGKILL);
        ASSERT_EQ(daemon->wait(), 128 + SIGKILL);
        start();
        const std::uint64_t kept = record_count("accepted");
        ASSERT_GE(kept, committed) << "the ledger forgot committed records";
        committed = kept;
        ASSERT_TRUE(books_add_up());
    }
    load.stop();
    ASSERT_TRUE(server->set_faults({}));
    daemon->signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 0; }, std::chrono::minutes(2)))
        << status().dump(1);
    const Json records = status()["records"];
    EXPECT_EQ(unique_arrived(), records["accepted"].get<std::uint64_t>())
        << "every accepted record, each counted once";
    EXPECT_EQ(records["delivered"], records["accepted"]);
    EXPECT_EQ(records["dead"], 0);
    EXPECT_LE(records["accepted"].get<std::uint64_t>(), load.sent() + 1);
    EXPECT_TRUE(books_add_up());
    EXPECT_EQ(stop(), 0);
}

TEST_F(Crash, RecordsCommittedBeforeTheKillArriveOneByOne) {
    sandbox::Options options;
    options.faults.fail.push_back({503, 1.0});
    start_server(options);
    start();
    std::set<std::string> expected;
    const UnixSender sender(datagram_path(), SOCK_DGRAM);
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(sender.send(record_with_id("r" + std::to_string(i))));
        expected.insert("r" + std::to_string(i));
    }
    ASSERT_TRUE(eventually([&] { return record_count("accepted") == 300; }));
    daemon->signal(SIGKILL);
    ASSERT_EQ(daemon->wait(), 128 + SIGKILL);
    ASSERT_TRUE(server->set_faults({}));
    start();
    ASSERT_TRUE(arrive(300));
    EXPECT_EQ(ids_at_server(), expected);
}

}  // namespace
}  // namespace respand::test
