// Where socket files come from, who may use them, and what happens to those that are there already.
#include <gmock/gmock.h>
#include <grp.h>
#include <algorithm>

#include <filesystem>
#include <fstream>

#include "ingest_fixture.hpp"

namespace respand::ingest {
namespace {

using ::testing::HasSubstr;

struct stat file_info(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
    return info;
}

class SocketFileTest : public IngestTest {
  protected:
    void expect_refused(ErrorKind kind, const std::string& words) {
        const auto refused = try_open();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, kind) << refused.error().message;
        EXPECT_THAT(refused.error().message, HasSubstr(words));
    }
};

TEST_F(SocketFileTest, ModeComesFromTheSettingsAndNotFromTheUmask) {
    enable_datagram();
    enable_stream();
    settings.unix_datagram->socket.mode = 0622;
    settings.unix_stream->socket.mode = 0600;
    const mode_t before = ::umask(0077);
    open();
    ::umask(before);
    EXPECT_EQ(file_info(datagram_path).st_mode & 07777, 0622U);
    EXPECT_EQ(file_info(stream_path).st_mode & 07777, 0600U);
}

/// A group that this process may give a file to, another than its own where there is one.
const struct group* some_group() {
    std::vector<gid_t> mine(static_cast<std::size_t>(::getgroups(0, nullptr)));
    mine.resize(static_cast<std::size_t>(::getgroups(static_cast<int>(mine.size()), mine.data())));
    ::setgrent();
    while (const struct group* const entry = ::getgrent())
        if (entry->gr_gid != ::getegid() && (::geteuid() == 0 || std::ranges::count(mine, entry->gr_gid) > 0))
            return entry;
    return ::getgrgid(::getegid());
}

TEST_F(SocketFileTest, GroupComesFromTheSettings) {
    const struct group* const wanted = some_group();
    ASSERT_NE(wanted, nullptr);
    const gid_t gid = wanted->gr_gid;
    enable_datagram();
    settings.unix_datagram->socket.group = wanted->gr_name;
    open();
    EXPECT_EQ(file_info(datagram_path).st_gid, gid);
    EXPECT_EQ(file_info(datagram_path).st_mode & 07777, 0660U);
}

TEST_F(SocketFileTest, AnUnknownGroupIsNamed) {
    enable_stream();
    settings.unix_stream->socket.group = "no-such-group-here";
    expect_refused(ErrorKind::config, "group 'no-such-group-here' does not exist");
    EXPECT_FALSE(std::filesystem::exists(stream_path));
}

TEST_F(SocketFileTest, TheFileOfADeadDaemonIsReplaced) {
    {
        const UniqueFd dead = bound_unix(datagram_path, SOCK_DGRAM);
    }
    {
        const UniqueFd dead = bound_unix(stream_path, SOCK_STREAM);
    }
    enable_datagram();
    enable_stream();
    open();
    ASSERT_TRUE(send_text(connect_unix(datagram_path, SOCK_DGRAM).get(), "a"));
    ASSERT_TRUE(send_text(connect_unix(stream_path, SOCK_STREAM).get(), "b\n"));
    EXPECT_TRUE(until([&] { return sink.count == 2; }));
}

TEST_F(SocketFileTest, ALiveSocketIsRefusedAndLeftAlone) {
    const UniqueFd live_datagram = bound_unix(datagram_path, SOCK_DGRAM);
    enable_datagram();
    expect_refused(ErrorKind::unavailable, datagram_path + " is in use by another process");
    settings.unix_datagram.reset();

    const UniqueFd live_stream = bound_unix(stream_path, SOCK_STREAM);
    enable_stream();
    expect_refused(ErrorKind::unavailable, stream_path + " is in use by another process");

    // One of the other type is just as alive.
    settings.unix_stream->socket.path = datagram_path;
    expect_refused(ErrorKind::unavailable, datagram_path + " is in use by another process");
    EXPECT_TRUE(send_text(connect_unix(datagram_path, SOCK_DGRAM).get(), "still there"));
}

TEST_F(SocketFileTest, ALiveSocketWithAFullBacklogIsStillAlive) {
    UniqueFd live(::socket(AF_UNIX, SOCK_STREAM, 0));
    const sockaddr_un address = unix_address(stream_path);
    ASSERT_EQ(::bind(live.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(live.get(), 0), 0);
    const UniqueFd waiting = connect_unix(stream_path, SOCK_STREAM);
    enable_stream();
    expect_refused(ErrorKind::unavailable, "is in use by another process");
}

TEST_F(SocketFileTest, WhatIsNotASocketIsNeverRemoved) {
    std::ofstream(datagram_path) << "precious";
    enable_datagram();
    expect_refused(ErrorKind::cant_create, "is not a socket");
    EXPECT_EQ(std::filesystem::file_size(datagram_path), 8U);

    std::filesystem::create_directory(stream_path);
    settings.unix_datagram->socket.path = stream_path;
    expect_refused(ErrorKind::cant_create, "is not a socket");

    const std::string link = dir.file("link");
    std::filesystem::create_symlink(datagram_path, link);
    settings.unix_datagram->socket.path = link;
    expect_refused(ErrorKind::cant_create, "is not a socket");
    EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(SocketFileTest, AMissingFolderIsNamed) {
    enable_datagram();
    settings.unix_datagram->socket.path = dir.file("missing/a.sock");
    expect_refused(ErrorKind::cant_create, "there is no folder " + dir.file("missing"));
}

TEST_F(SocketFileTest, APathTooLongIsRefusedBeforeAnythingIsMade) {
    enable_datagram();
    settings.unix_datagram->socket.path = dir.file(std::string(108, 'x'));
    expect_refused(ErrorKind::config, "at most 107");
}

TEST_F(SocketFileTest, WhenOneListenerFailsNoneIsLeft) {
    enable_datagram();
    enable_stream();
    settings.unix_stream->socket.group = "no-such-group-here";
    expect_refused(ErrorKind::config, "ingest.unix_stream: ");
    EXPECT_FALSE(std::filesystem::exists(datagram_path));
}

TEST_F(SocketFileTest, APathThatMeanwhileBelongsToSomebodyElseStaysAtTheEnd) {
    enable_datagram();
    open();
    ASSERT_EQ(::unlink(datagram_path.c_str()), 0);
    const UniqueFd successor = bound_unix(datagram_path, SOCK_DGRAM);
    close();
    EXPECT_TRUE(std::filesystem::exists(datagram_path));
    EXPECT_TRUE(send_text(connect_unix(datagram_path, SOCK_DGRAM).get(), "to the successor"));
}

TEST_F(SocketFileTest, AddressesTellWhereItListens) {
    enable_datagram();
    enable_udp();
    open();
    const auto addresses = group->addresses();
    ASSERT_EQ(addresses.size(), 2U);
    EXPECT_EQ(addresses[0].address, datagram_path);
    EXPECT_EQ(addresses[1].kind, ListenerKind::udp);
    EXPECT_THAT(addresses[1].address, ::testing::StartsWith("127.0.0.1:"));
    EXPECT_EQ(name(addresses[1].kind), "udp");
}

}  // namespace
}  // namespace respand::ingest
