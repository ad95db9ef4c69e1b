// What the tests of listeners share: a sink that remembers, and senders.
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "ingest/listener_group.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::ingest {

/// Remembers all it was given, and holds the listeners to the contract of Sink.
class RecordingSink final : public Sink {
  public:
    Verdict record(std::string_view text, const Origin& origin) override {
        EXPECT_FALSE(closed_) << "a record came after close()";
        unsigned padding = 0;  // a sanitizer speaks up when these are not readable
        for (std::size_t i = 0; i < kPadding; ++i)
            padding += static_cast<unsigned char>(*(text.data() + text.size() + i));
        padding_sum = padding_sum + padding;
        if (keep_text) texts.emplace_back(text);
        ++count;
        origins.push_back(origin);
        if (accept_at_most != 0 && count >= accept_at_most) open = false;
        return judge ? judge(text) : Verdict{};
    }
    void fault(Fault fault, const Origin& origin) override {
        EXPECT_FALSE(closed_) << "a fault came after close()";
        faults.push_back(fault);
        origins.push_back(origin);
    }
    void dropped_by_kernel(std::uint64_t dropped, ListenerKind) override { kernel_drops += dropped; }
    void drained(std::size_t records) override {
        EXPECT_FALSE(closed_) << "drained() came after close()";
        drained_records += records;
        ++drains;
    }
    void when_durable(std::function<void(bool)> callback) override {
        EXPECT_FALSE(closed_) << "when_durable() came after close()";
        waiting.push_back(std::move(callback));
    }
    bool accepting(ListenerKind) const override { return open; }
    Readiness readiness(ListenerKind) const override {
        return open ? Readiness::ready : stopped ? Readiness::stopped : Readiness::busy;
    }

    /// The commit of all that was delivered.
    void commit(bool durable = true) {
        for (const auto& callback : std::exchange(waiting, {})) callback(durable);
    }

    /// From here on no call may come.
    void expect_silence() { closed_ = true; }

    std::vector<std::string> texts;
    std::vector<Origin> origins;
    std::vector<Fault> faults;
    std::size_t count = 0;
    std::size_t drained_records = 0;
    std::size_t drains = 0;
    std::uint64_t kernel_drops = 0;
    bool open = true;
    bool stopped = false;                                 ///< when not open: for longer than a commit
    std::function<Verdict(std::string_view text)> judge;  ///< none: all are accepted
    std::vector<std::function<void(bool)>> waiting;       ///< for the commit
    bool keep_text = true;
    std::size_t accept_at_most = 0;  ///< then it closes; 0: never
    volatile unsigned padding_sum = 0;

  private:
    bool closed_ = false;
};

inline sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// A socket connected to `path`; empty with errno set when that fails.
inline UniqueFd connect_unix(const std::string& path, int type) {
    UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    const sockaddr_un address = unix_address(path);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
    return fd;
}

/// A socket bound to `path` (and listening, for streams).
inline UniqueFd bound_unix(const std::string& path, int type) {
    UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    const sockaddr_un address = unix_address(path);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_TRUE(type != SOCK_STREAM || ::listen(fd.get(), 100) == 0);
    return fd;
}

inline bool send_text(int fd, std::string_view text, int flags = 0) {
    return ::send(fd, text.data(), text.size(), flags | MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

/// Sends `text` with descriptors beside it.
inline bool send_fds(int fd, std::string_view text, const std::vector<int>& fds) {
    iovec part{const_cast<char*>(text.data()), text.size()};
    std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
    return ::sendmsg(fd, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

constexpr int kAllSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

inline UniqueFd make_memfd(std::string_view content, int seals = kAllSeals) {
    UniqueFd fd(::memfd_create("record", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    for (std::size_t done = 0; done < content.size();) {
        const ssize_t wrote = ::write(fd.get(), content.data() + done, content.size() - done);
        if (wrote <= 0) break;
        done += static_cast<std::size_t>(wrote);
    }
    EXPECT_EQ(::fcntl(fd.get(), F_ADD_SEALS, seals), 0);
    return fd;
}

/// Descriptors that this process has open.
inline std::size_t open_fds() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

/// Memory of this process.
inline std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Sanitizers keep memory of their own: figures say nothing there.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kExactMemory = false;
#elif defined(__has_feature)
inline constexpr bool kExactMemory = !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer));
#else
inline constexpr bool kExactMemory = true;
#endif

/// Listeners in a folder of their own.
class IngestTest : public ::testing::Test {
  protected:
    IngestTest() { settings.linger = std::chrono::microseconds::zero(); }
    ~IngestTest() override {
        // Each record was announced by a drained() at the latest when the listeners are at rest.
        if (group) close();
        EXPECT_EQ(sink.drained_records, sink.count);
    }

    void enable_datagram() {
        settings.unix_datagram.emplace();
        settings.unix_datagram->socket.path = datagram_path;
    }
    void enable_stream() {
        settings.unix_stream.emplace();
        settings.unix_stream->socket.path = stream_path;
    }
    void enable_udp() {
        settings.udp.emplace();
        settings.udp->listen = "127.0.0.1:0";
    }

    void enable_http() {
        settings.http.emplace();
        settings.http->listen = "127.0.0.1:0";
    }

    Result<std::unique_ptr<ListenerGroup>> try_open(InheritedSockets inherited = {}) {
        return ListenerGroup::open(io, settings, std::move(inherited), sink);
    }
    void open(InheritedSockets inherited = {}) {
        auto opened = try_open(std::move(inherited));
        ASSERT_TRUE(opened) << opened.error().message;
        group = std::move(*opened);
        group->start();
    }
    void close() {
        group->close();
        sink.expect_silence();
        group.reset();
        io.restart();
        io.poll();
    }
    /// Runs the listeners until `condition` holds.
    template <class Condition>
    [[nodiscard]] bool until(Condition condition) {
        return test::run_until(io, condition);
    }
    /// Runs the listeners until they have nothing left to do but wait.
    void settle() {
        io.restart();
        while (io.poll() != 0) {
        }
    }

    test::TempDir dir;
    std::string datagram_path = dir.file("datagram.sock");
    std::string stream_path = dir.file("stream.sock");
    boost::asio::io_context io;
    RecordingSink sink;
    IngestSettings settings;
    std::unique_ptr<ListenerGroup> group;
};

}  // namespace respand::ingest
