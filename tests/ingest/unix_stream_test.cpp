#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "ingest/stream_listener.hpp"
#include "ingest_fixture.hpp"

namespace respand::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UnixStream : public IngestTest {
  protected:
    UnixStream() { enable_stream(); }
    UniqueFd connect() const { return connect_unix(stream_path, SOCK_STREAM); }
    /// Whether the daemon has closed its end.
    static bool closed_by_peer(int fd) {
        char byte = 0;
        const ssize_t got = ::recv(fd, &byte, 1, MSG_DONTWAIT);
        return got == 0 || (got < 0 && errno == ECONNRESET);
    }
};

bool send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

TEST_F(UnixStream, EachLineIsARecordFromAKnownProcess) {
    open();
    const UniqueFd app = connect();
    ASSERT_TRUE(send_text(app.get(), "{\"a\":1}\n\n{\"b\":2}\r\n{\"c\""));
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    ASSERT_TRUE(send_text(app.get(), ":3}\n"));
    ASSERT_TRUE(until([&] { return sink.count == 3; }));
    EXPECT_THAT(sink.texts, ElementsAre("{\"a\":1}", "{\"b\":2}", "{\"c\":3}"));
    for (const Origin& origin : sink.origins) {
        EXPECT_EQ(origin.listener, ListenerKind::unix_stream);
        EXPECT_EQ(origin.pid, ::getpid());
        EXPECT_EQ(origin.uid, ::getuid());
    }
}

TEST_F(UnixStream, ASenderThatWritesAndLeavesIsHeard) {
    open();
    send_text(connect().get(), "a\nb\n");
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    ASSERT_TRUE(until([&] { return group->counters().connections_open == 0; }));
    EXPECT_THAT(sink.faults, IsEmpty());
}

TEST_F(UnixStream, AHalfRecordAtTheEndIsRejectedAndCounted) {
    open();
    send_text(connect().get(), "{\"a\":1}\n{\"b\":2}");
    ASSERT_TRUE(until([&] { return !sink.faults.empty(); }));
    EXPECT_THAT(sink.texts, ElementsAre("{\"a\":1}"));
    EXPECT_THAT(sink.faults, ElementsAre(Fault::half_line)) << "even if it looks whole";
    EXPECT_EQ(sink.origins.back().pid, ::getpid());
}

TEST_F(UnixStream, ARecordAtTheLimitIsTakenAndALargerOneEndsTheConnection) {
    settings.max_record = 1'000'000;
    open();
    const std::string fits(1'000'000, 'a');
    std::thread app([&] {
        const UniqueFd fd = connect();
        EXPECT_TRUE(send_all(fd.get(), fits + "\r\nnext\n"));
        send_all(fd.get(), std::string(1'000'001, 'b') + "\nnever\n");
    });
    EXPECT_TRUE(until([&] { return !sink.faults.empty(); }));
    app.join();
    ASSERT_EQ(sink.count, 2U);
    EXPECT_TRUE(sink.texts[0] == fits);
    EXPECT_EQ(sink.texts[1], "next");
    EXPECT_THAT(sink.faults, ElementsAre(Fault::line_too_large));
    EXPECT_EQ(group->counters().connections_open, 0U);
}

TEST_F(UnixStream, ALargeRecordArrivesWhole) {
    open();
    std::string text(19'000'000, ' ');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 25);
    std::thread app([&] { EXPECT_TRUE(send_all(connect().get(), text + "\n")); });
    EXPECT_TRUE(until([&] { return sink.count == 1; }));
    app.join();
    ASSERT_EQ(sink.count, 1U);
    EXPECT_TRUE(sink.texts[0] == text);
}

TEST_F(UnixStream, MoreLargeRecordsAtOnceThanMayBeInMemoryAllArrive) {
    constexpr std::size_t kApps = StreamListener::kLargeLinePermits * 2 + 1;
    sink.keep_text = false;
    open();
    std::vector<std::thread> apps;
    for (std::size_t i = 0; i < kApps; ++i)
        apps.emplace_back(
            [&] { EXPECT_TRUE(send_all(connect().get(), std::string(2'000'000, 'x') + "\nsmall\n")); });
    EXPECT_TRUE(until([&] { return sink.count == 2 * kApps; }));
    for (auto& app : apps) app.join();
    EXPECT_THAT(sink.faults, IsEmpty());
}

TEST_F(UnixStream, SendersThatStallInLargeRecordsDoNotHoldUpSmallOnes) {
    open();
    std::vector<UniqueFd> stalled;
    for (std::size_t i = 0; i < StreamListener::kLargeLinePermits + 3; ++i) {
        stalled.push_back(connect());
        ASSERT_TRUE(send_all(stalled.back().get(), std::string(100'000, 'x')));
    }
    settle();
    const UniqueFd app = connect();
    ASSERT_TRUE(send_text(app.get(), "small\n"));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
    // Those beyond the permits are read to their end once others have finished.
    for (UniqueFd& fd : stalled) ASSERT_TRUE(send_text(fd.get(), "\n"));
    ASSERT_TRUE(until([&] { return sink.count == 1 + stalled.size(); }));
}

TEST_F(UnixStream, OneConnectionTooManyIsClosedAtOnceAndCounted) {
    settings.unix_stream->max_connections = 2;
    open();
    const UniqueFd first = connect();
    UniqueFd second = connect();
    ASSERT_TRUE(until([&] { return group->counters().connections_open == 2; }));
    const UniqueFd third = connect();
    ASSERT_TRUE(until([&] { return group->counters().connections_refused == 1; }));
    EXPECT_TRUE(closed_by_peer(third.get()));
    EXPECT_FALSE(closed_by_peer(first.get()));

    second.reset();
    ASSERT_TRUE(until([&] { return group->counters().connections_open == 1; }));
    const UniqueFd fourth = connect();
    ASSERT_TRUE(send_text(fourth.get(), "room again\n"));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
}

TEST_F(UnixStream, WhatOneTooManyWroteBeforeItCouldKnowIsTaken) {
    settings.unix_stream->max_connections = 1;
    open();
    const UniqueFd first = connect();
    ASSERT_TRUE(until([&] { return group->counters().connections_open == 1; }));
    for (int i = 0; i < 50; ++i) {
        const UniqueFd hasty = connect();
        ASSERT_TRUE(send_text(hasty.get(), "whole\n"));
    }
    ASSERT_TRUE(until([&] { return group->counters().connections_refused == 50; }));
    EXPECT_EQ(sink.count, 50U);
}

TEST_F(UnixStream, ABusySenderDoesNotStarveTheOthers) {
    sink.keep_text = false;
    open();
    const UniqueFd quiet = connect();
    std::atomic<bool> stop = false;
    std::thread busy([&] {
        const UniqueFd fd = connect();
        std::string lines;
        while (lines.size() < 200'000) lines += "busy\n";
        while (!stop && send_all(fd.get(), lines)) {
        }
    });
    EXPECT_TRUE(until([&] { return sink.count > 10'000; }));
    sink.keep_text = true;
    ASSERT_TRUE(send_text(quiet.get(), "quiet\n"));
    EXPECT_TRUE(
        until([&] { return std::find(sink.texts.begin(), sink.texts.end(), "quiet") != sink.texts.end(); }));
    stop = true;
    EXPECT_TRUE(until([&] { return group->counters().connections_open == 1; }));
    busy.join();
}

TEST_F(UnixStream, EveryRecordOfAFloodArrivesOnce) {
    constexpr std::size_t kSenders = 4;
    constexpr std::size_t kEach = 20'000;
    open();
    std::vector<std::thread> apps;
    for (std::size_t s = 0; s < kSenders; ++s) {
        apps.emplace_back([this, s] {
            const UniqueFd fd = connect();
            std::string lines;
            for (std::size_t i = 0; i < kEach; ++i) {
                lines += std::to_string(s) + " " + std::to_string(i) + std::string(i % 300, '.') + "\n";
                if (lines.size() > 1'000 * (s + 1)) {
                    EXPECT_TRUE(send_all(fd.get(), lines));
                    lines.clear();
                }
            }
            EXPECT_TRUE(send_all(fd.get(), lines));
        });
    }
    EXPECT_TRUE(until([&] { return sink.count == kSenders * kEach; }));
    for (auto& app : apps) app.join();
    std::vector<std::size_t> next(kSenders, 0);
    for (const std::string& text : sink.texts)
        EXPECT_EQ(std::stoul(text.substr(2)), next.at(std::stoul(text))++);
    EXPECT_THAT(sink.faults, IsEmpty());
}

TEST_F(UnixStream, ASinkThatDoesNotAcceptPushesBackAndLosesNothing) {
    sink.open = false;
    open();
    const UniqueFd app = connect();
    std::size_t sent = 0;
    while (send_text(app.get(), std::to_string(1'000'000 + sent) + "\n", MSG_DONTWAIT)) {
        ++sent;
        if (sent % 64 == 0) settle();
    }
    EXPECT_EQ(errno, EAGAIN) << "the sender is told to wait";
    EXPECT_EQ(sink.count, 0U);
    sink.open = true;
    group->resume();
    ASSERT_TRUE(until([&] { return sink.count == sent; }));
    for (std::size_t i = 0; i < sent; ++i) ASSERT_EQ(sink.texts[i], std::to_string(1'000'000 + i));
}

TEST_F(UnixStream, ClosingDeliversWholeLinesAndReportsHalfOnes) {
    sink.open = false;  // so that all of it is still to be read
    open();
    const UniqueFd whole = connect();
    const UniqueFd half = connect();
    ASSERT_TRUE(send_text(whole.get(), "a\nb\n"));
    ASSERT_TRUE(send_text(half.get(), "c\nd"));
    settle();
    group->close();
    std::sort(sink.texts.begin(), sink.texts.end());
    EXPECT_THAT(sink.texts, ElementsAre("a", "b", "c"));
    EXPECT_THAT(sink.faults, ElementsAre(Fault::half_line));
    EXPECT_FALSE(send_text(whole.get(), "late\n"));
    EXPECT_NE(::access(stream_path.c_str(), F_OK), 0);
}

TEST_F(UnixStream, ClosingReadsConnectionsThatNobodyAcceptedYet) {
    open();
    const UniqueFd first = connect();
    send_text(connect().get(), "written and gone\n");
    ASSERT_TRUE(send_text(first.get(), "still there\n"));
    group->close();
    EXPECT_THAT(sink.texts, ElementsAre("still there", "written and gone"));
    EXPECT_FALSE(connect()) << "nobody can connect any more";
}

TEST_F(UnixStream, AGroupThatIsDestroyedWithoutCloseLeavesNothingBehind) {
    const std::size_t before = open_fds();
    {
        open();
        const UniqueFd app = connect();
        ASSERT_TRUE(until([&] { return group->counters().connections_open == 1; }));
        group.reset();
        sink.expect_silence();
        settle();
        EXPECT_TRUE(closed_by_peer(app.get()));
    }
    EXPECT_NE(::access(stream_path.c_str(), F_OK), 0);
    EXPECT_LE(open_fds(), before + 4) << "only the event loop's own";
}

TEST_F(UnixStream, TenThousandIdleConnectionsCostLittle) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit before_limit = limit;
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    // Both ends are in this process.
    const std::size_t connections = std::min<std::size_t>(10'000, (limit.rlim_cur - 100) / 2);
    settings.unix_stream->max_connections = 10'000;
    open();
    const std::size_t before = resident_bytes();
    std::vector<UniqueFd> apps;
    while (apps.size() < connections) {
        apps.push_back(connect());
        ASSERT_TRUE(apps.back());
        if (apps.size() % 50 == 0) settle();
    }
    ASSERT_TRUE(until([&] { return group->counters().connections_open == connections; }));
    if (kExactMemory) {
        EXPECT_LT(resident_bytes() - before, connections * 2'048) << "bytes for each connection";
    }
    ASSERT_TRUE(send_text(apps.front().get(), "first\n"));
    ASSERT_TRUE(send_text(apps.back().get(), "last\n"));
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    close();
    EXPECT_THAT(sink.faults, IsEmpty());
    apps.clear();
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_limit), 0);
}

TEST_F(UnixStream, WithoutFreeDescriptorsItWaitsAndGoesOn) {
    open();
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const UniqueFd app = connect();
    ASSERT_TRUE(send_text(app.get(), "patience\n"));
    rlimit none = limit;
    none.rlim_cur = 0;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    settle();
    EXPECT_EQ(group->counters().connections_open, 0U);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
}

}  // namespace
}  // namespace respand::ingest
