#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <fstream>
#include <numeric>
#include <thread>

#include "ingest_fixture.hpp"

namespace respand::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UnixDatagram : public IngestTest {
  protected:
    UnixDatagram() { enable_datagram(); }
    void open_with_sender() {
        open();
        sender = connect_unix(datagram_path, SOCK_DGRAM);
        ASSERT_TRUE(sender);
    }
    /// Sends descriptors beside `text` and waits for what comes of it.
    void pass(std::string_view text, const std::vector<int>& fds) {
        const std::size_t before = sink.count + sink.faults.size();
        ASSERT_TRUE(send_fds(sender.get(), text, fds));
        ASSERT_TRUE(until([&] { return sink.count + sink.faults.size() > before; }));
    }
    UniqueFd sender;
};

TEST_F(UnixDatagram, EachDatagramIsARecordFromAKnownProcess) {
    open_with_sender();
    ASSERT_TRUE(send_text(sender.get(), "{\"model\":\"a\"}"));
    ASSERT_TRUE(send_text(sender.get(), "two\nlines\n"));
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    EXPECT_THAT(sink.texts, ElementsAre("{\"model\":\"a\"}", "two\nlines\n"));
    for (const Origin& origin : sink.origins) {
        EXPECT_EQ(origin.listener, ListenerKind::unix_datagram);
        EXPECT_EQ(origin.pid, ::getpid());
        EXPECT_EQ(origin.uid, ::getuid());
    }
}

TEST_F(UnixDatagram, WhatWaitedBeforeTheStartIsRead) {
    auto opened = try_open();
    ASSERT_TRUE(opened);
    group = std::move(*opened);
    sender = connect_unix(datagram_path, SOCK_DGRAM);
    ASSERT_TRUE(send_text(sender.get(), "early"));
    group->start();
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
    EXPECT_EQ(sink.origins[0].pid, ::getpid()) << "credentials are on before the socket can be reached";
}

TEST_F(UnixDatagram, AnEmptyDatagramIsAFault) {
    open_with_sender();
    ASSERT_TRUE(send_text(sender.get(), ""));
    ASSERT_TRUE(until([&] { return !sink.faults.empty(); }));
    EXPECT_THAT(sink.faults, ElementsAre(Fault::empty_datagram));
    EXPECT_EQ(sink.count, 0U);
}

TEST_F(UnixDatagram, TheLargestDatagramTheKernelSendsArrivesWhole) {
    std::size_t wmem_max = 0;
    std::ifstream("/proc/sys/net/core/wmem_max") >> wmem_max;
    open_with_sender();
    const int wanted = static_cast<int>(wmem_max);
    ASSERT_EQ(::setsockopt(sender.get(), SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted), 0);
    std::string text(2 * wmem_max, 'x');
    std::iota(text.begin(), text.end(), '\0');
    std::string_view sent = text;  // the kernel says how much is too much
    while (!send_text(sender.get(), sent) && errno != EAGAIN && sent.size() > 100'000)
        sent.remove_suffix(std::min<std::size_t>(sent.size() / 100, 16'384));
    ASSERT_TRUE(until([&] { return sink.count + sink.faults.size() == 1; }));
    EXPECT_THAT(sink.faults, IsEmpty());
    ASSERT_EQ(sink.count, 1U);
    EXPECT_GE(sent.size(), 200'000U);
    EXPECT_TRUE(sink.texts[0] == sent);
}

TEST_F(UnixDatagram, LargeAndSmallOnesInABurstKeepTheirBytes) {
    open_with_sender();
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < 200; ++i)
        sent.emplace_back(1 + i * 7919 % 100'000, static_cast<char>('a' + i % 26));
    std::thread app([&] {
        for (const std::string& text : sent) EXPECT_TRUE(send_text(sender.get(), text));
    });
    EXPECT_TRUE(until([&] { return sink.count == sent.size(); }));
    app.join();
    EXPECT_TRUE(sink.texts == sent);
}

TEST_F(UnixDatagram, ADatagramThatWasCutIsAFaultAndItsNeighboursAreNot) {
    settings.unix_datagram->largest_datagram = 1'000;
    open_with_sender();
    const std::string fits(1'000, 'a');
    ASSERT_TRUE(send_text(sender.get(), fits));
    ASSERT_TRUE(send_text(sender.get(), std::string(1'001, 'b')));
    ASSERT_TRUE(send_text(sender.get(), "after"));
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    EXPECT_THAT(sink.texts, ElementsAre(fits, "after"));
    EXPECT_THAT(sink.faults, ElementsAre(Fault::truncated_datagram));
}

TEST_F(UnixDatagram, EveryRecordOfAFloodArrivesOnce) {
    constexpr std::size_t kSenders = 3;
    constexpr std::size_t kEach = 10'000;
    open();
    std::vector<std::thread> apps;
    for (std::size_t s = 0; s < kSenders; ++s) {
        apps.emplace_back([this, s] {
            const UniqueFd fd = connect_unix(datagram_path, SOCK_DGRAM);
            for (std::size_t i = 0; i < kEach; ++i) {
                std::string text = std::to_string(s) + " " + std::to_string(i) + " ";
                text.resize(text.size() + i % 2'000, '.');
                if (!send_text(fd.get(), text)) ADD_FAILURE() << "send: " << std::strerror(errno);
            }
        });
    }
    EXPECT_TRUE(until([&] { return sink.count == kSenders * kEach; }));
    for (auto& app : apps) app.join();
    std::vector<std::size_t> next(kSenders, 0);
    for (const std::string& text : sink.texts) {
        const std::size_t s = std::stoul(text);
        EXPECT_EQ(std::stoul(text.substr(2)), next.at(s)) << "each sender's records come in order";
        ++next[s];
    }
    EXPECT_THAT(next, ElementsAre(kEach, kEach, kEach));
    EXPECT_LT(sink.drains, sink.count) << "a drain brings many";
}

TEST_F(UnixDatagram, WithALingerATrickleIsGatheredAndNothingIsLost) {
    settings.linger = std::chrono::milliseconds(200);
    open_with_sender();
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(send_text(sender.get(), std::to_string(i)));
        settle();
    }
    ASSERT_TRUE(until([&] { return sink.count == 5; }));
    EXPECT_LE(sink.drains, 2U);
}

TEST_F(UnixDatagram, OthersGetTheirTurnDuringAFlood) {
    open_with_sender();
    bool stop = false;
    std::atomic<bool> stopped = false;
    std::thread app([&] {
        while (!stopped) send_text(sender.get(), "flood", MSG_DONTWAIT);
    });
    std::size_t ticks = 0;
    boost::asio::steady_timer timer(io);
    std::function<void()> tick = [&] {
        timer.expires_after(std::chrono::milliseconds(1));
        timer.async_wait([&](const boost::system::error_code&) {
            ++ticks;
            if (!stop) tick();
        });
    };
    tick();
    EXPECT_TRUE(until([&] { return ticks >= 20; }));
    stop = stopped = true;
    app.join();
    timer.cancel();
    settle();  // the last tick must not outlive this test
    EXPECT_GT(sink.count, 0U);
}

TEST_F(UnixDatagram, MemoryOfLargeRecordsIsGivenBack) {
    sink.keep_text = false;
    settings.unix_datagram->largest_datagram = 256 * 1024;
    open_with_sender();
    // All that the test itself needs is there before it measures.
    const std::string large(190'000, 'x');
    const UniqueFd memfd(::memfd_create("record", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    ASSERT_EQ(::ftruncate(memfd.get(), 19'000'000), 0);
    ASSERT_EQ(::fcntl(memfd.get(), F_ADD_SEALS, kAllSeals), 0);
    ASSERT_TRUE(send_text(sender.get(), "warm up"));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
    const std::size_t before = resident_bytes();
    for (std::size_t i = 0; i < 3; ++i) pass("", {memfd.get()});
    // As many as even a short queue takes, from a sender each (one fills a send buffer), received together.
    std::vector<UniqueFd> senders;
    sink.open = false;
    for (std::size_t i = 0; i < 10; ++i) {
        senders.push_back(connect_unix(datagram_path, SOCK_DGRAM));
        ASSERT_TRUE(send_text(senders.back().get(), large));
    }
    sink.open = true;
    group->resume();
    ASSERT_TRUE(until([&] { return sink.count == 14; }));
    settle();
    if (kExactMemory) {
        EXPECT_LT(resident_bytes(), before + (std::size_t{1} << 20));
    }
}

TEST_F(UnixDatagram, ASinkThatDoesNotAcceptPushesBackAndLosesNothing) {
    sink.open = false;
    open_with_sender();
    std::size_t sent = 0;
    while (send_text(sender.get(), std::to_string(sent), MSG_DONTWAIT)) {
        ++sent;
        settle();
    }
    EXPECT_EQ(errno, EAGAIN) << "the sender is told to wait";
    EXPECT_EQ(sink.count, 0U);
    sink.open = true;
    group->resume();
    ASSERT_TRUE(until([&] { return sink.count == sent; }));
    for (std::size_t i = 0; i < sent; ++i) EXPECT_EQ(sink.texts[i], std::to_string(i));
}

TEST_F(UnixDatagram, ASinkThatStopsInTheMiddleOfABatchGetsTheRestAfterwards) {
    sink.accept_at_most = 3;
    open_with_sender();
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(send_text(sender.get(), std::to_string(i)));
    const UniqueFd memfd = make_memfd("memfd");
    ASSERT_TRUE(send_fds(sender.get(), "", {memfd.get()}));
    ASSERT_TRUE(until([&] { return !sink.open; }));
    settle();
    EXPECT_EQ(sink.count, 3U);
    EXPECT_EQ(sink.drained_records, 3U) << "what came so far is handed on";
    sink.accept_at_most = 5;
    sink.open = true;
    group->resume();
    ASSERT_TRUE(until([&] { return !sink.open; }));
    settle();
    EXPECT_EQ(sink.count, 5U);
    close();
    EXPECT_THAT(sink.texts, ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "memfd"));
}

TEST_F(UnixDatagram, ResumingWhatIsNotPausedDoesNothing) {
    open_with_sender();
    group->resume();
    group->resume();
    ASSERT_TRUE(send_text(sender.get(), "a"));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
}

TEST_F(UnixDatagram, ClosingDeliversWhatIsQueuedEvenWhenTheSinkIsFull) {
    sink.open = false;
    open_with_sender();
    std::size_t sent = 0;
    while (send_text(sender.get(), std::to_string(sent), MSG_DONTWAIT)) ++sent;
    settle();
    group->close();
    EXPECT_EQ(sink.count, sent);
    EXPECT_EQ(sink.drained_records, sent);
    EXPECT_FALSE(send_text(sender.get(), "late", MSG_DONTWAIT)) << "nobody may believe it arrived";
    EXPECT_NE(errno, EAGAIN);
}

TEST_F(UnixDatagram, AfterClosingNothingIsCalledAndThePathIsGone) {
    open_with_sender();
    ASSERT_TRUE(send_text(sender.get(), "a"));
    close();
    EXPECT_EQ(sink.count, 1U);
    EXPECT_NE(::access(datagram_path.c_str(), F_OK), 0);
    settle();
}

TEST_F(UnixDatagram, AGroupThatIsDestroyedWithoutCloseLeavesNothingBehind) {
    open_with_sender();
    group.reset();
    sink.expect_silence();
    settle();
    EXPECT_NE(::access(datagram_path.c_str(), F_OK), 0);
}

TEST_F(UnixDatagram, ASealedMemfdIsARecord) {
    open_with_sender();
    for (const std::size_t size : {std::size_t{1}, std::size_t{4032}, std::size_t{4033}, std::size_t{4095},
                                   std::size_t{4096}, std::size_t{4097}, std::size_t{5'000'000}}) {
        std::string text(size, 'x');
        std::iota(text.begin(), text.end(), '\0');
        const UniqueFd memfd = make_memfd(text);
        const std::size_t fds = open_fds();
        pass("", {memfd.get()});
        EXPECT_EQ(open_fds(), fds) << "the passed descriptor is closed";
        EXPECT_TRUE(sink.texts.back() == text) << size;
        EXPECT_EQ(sink.origins.back().pid, ::getpid());
    }
    EXPECT_THAT(sink.faults, IsEmpty());
}

TEST_F(UnixDatagram, AMemfdUpToTheLimitIsTakenAndOneMoreByteIsNot) {
    settings.max_record = 10'000;
    open_with_sender();
    const UniqueFd fits = make_memfd(std::string(10'000, 'a'));
    const UniqueFd large = make_memfd(std::string(10'001, 'a'));
    pass("", {fits.get()});
    pass("", {large.get()});
    EXPECT_EQ(sink.count, 1U);
    EXPECT_THAT(sink.faults, ElementsAre(Fault::memfd_too_large));
}

TEST_F(UnixDatagram, AnEmptyMemfdIsAnEmptyRecord) {
    open_with_sender();
    const UniqueFd memfd = make_memfd("");
    pass("", {memfd.get()});
    EXPECT_THAT(sink.faults, ElementsAre(Fault::empty_datagram));
}

TEST_F(UnixDatagram, AMemfdThatCouldStillChangeIsRefused) {
    open_with_sender();
    for (const int missing : {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE}) {
        const UniqueFd memfd = make_memfd("{}", kAllSeals & ~missing);
        pass("", {memfd.get()});
    }
    EXPECT_EQ(sink.count, 0U);
    EXPECT_THAT(sink.faults,
                ElementsAre(Fault::bad_memfd, Fault::bad_memfd, Fault::bad_memfd, Fault::bad_memfd));
}

TEST_F(UnixDatagram, WhatIsNoMemfdIsRefusedWithoutBlocking) {
    open_with_sender();
    const std::string file = dir.file("file");
    std::ofstream(file) << "{}";
    const std::string fifo = dir.file("fifo");
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    std::vector<UniqueFd> fds;
    fds.emplace_back(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    fds.emplace_back(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    fds.emplace_back(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
    fds.emplace_back(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    fds.emplace_back(::open(file.c_str(), O_PATH | O_CLOEXEC));
    fds.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    for (const UniqueFd& fd : fds) {
        ASSERT_TRUE(fd);
        pass("", {fd.get()});
        EXPECT_EQ(sink.faults.back(), Fault::bad_memfd);
    }
    EXPECT_EQ(sink.faults.size(), fds.size());
    EXPECT_EQ(sink.count, 0U);
}

TEST_F(UnixDatagram, AMemfdThatCannotBeReadIsRefused) {
    open_with_sender();
    const UniqueFd memfd = make_memfd("{}");
    const std::string proc = "/proc/self/fd/" + std::to_string(memfd.get());
    const UniqueFd unreadable(::open(proc.c_str(), O_PATH | O_CLOEXEC));
    ASSERT_TRUE(unreadable);
    pass("", {unreadable.get()});
    EXPECT_THAT(sink.faults, ElementsAre(Fault::bad_memfd));
}

TEST_F(UnixDatagram, SeveralDescriptorsAreRefusedAndAllAreClosed) {
    open_with_sender();
    const UniqueFd memfd = make_memfd("{}");
    const std::size_t before = open_fds();
    for (const std::size_t count : {2U, 4U, 5U, 200U}) pass("", std::vector<int>(count, memfd.get()));
    EXPECT_EQ(sink.faults.size(), 4U);
    EXPECT_THAT(sink.faults, ::testing::Each(Fault::bad_memfd));
    EXPECT_EQ(open_fds(), before);
}

TEST_F(UnixDatagram, DescriptorsBesideBytesAreClosedAndTheBytesCount) {
    open_with_sender();
    const UniqueFd memfd = make_memfd("memfd");
    const std::size_t before = open_fds();
    pass("bytes", {memfd.get(), memfd.get()});
    EXPECT_THAT(sink.texts, ElementsAre("bytes"));
    EXPECT_THAT(sink.faults, IsEmpty());
    EXPECT_EQ(open_fds(), before);
}

}  // namespace
}  // namespace respand::ingest
