#include <gmock/gmock.h>

#include <string>

#include "ingest/inet_address.hpp"
#include "ingest/ingest_settings.hpp"

namespace respand::ingest {
namespace {

using ::testing::HasSubstr;

TEST(InetAddress, NumbersAreRead) {
    for (const std::string text : {"127.0.0.1:8126", "0.0.0.0:1", "[::1]:8126", "[::]:65535", "10.1.2.3:0"}) {
        const auto address = InetAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->text(), text);
    }
}

TEST(InetAddress, OnlyThisMachineIsLoopback) {
    for (const std::string text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1"})
        EXPECT_TRUE(InetAddress::parse(text)->is_loopback()) << text;
    for (const std::string text :
         {"0.0.0.0:1", "128.0.0.1:1", "[::]:1", "[::ffff:127.0.0.1]:1", "[fe80::1]:1"})
        EXPECT_FALSE(InetAddress::parse(text)->is_loopback()) << text;
}

TEST(InetAddress, WhatIsNoAddressIsRefusedWithAnExample) {
    for (const std::string text :
         {"", ":", "8126", "localhost:8126", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1:80x", "::1:8126", "[::1]", "[::1", "[]:1", "1.2.3:4", "127.0.0.1 :1", "[127.0.0.1]:1",
          " 127.0.0.1:1"}) {
        const auto address = InetAddress::parse(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().kind, ErrorKind::config);
        EXPECT_THAT(address.error().message, HasSubstr("write it like 127.0.0.1:8126 or [::1]:8126"));
    }
}

TEST(IngestSettings, TheDefaultsAreValid) {
    IngestSettings settings;
    settings.unix_datagram.emplace();
    settings.unix_stream.emplace();
    settings.udp.emplace();
    settings.http.emplace();
    EXPECT_TRUE(settings.validate());
}

std::string refusal(const IngestSettings& settings) {
    const auto valid = settings.validate();
    if (valid) return "(valid)";
    EXPECT_EQ(valid.error().kind, ErrorKind::config);
    return valid.error().message;
}

TEST(IngestSettings, RemoteUdpNeedsToBeAllowed) {
    IngestSettings settings;
    settings.udp.emplace().listen = "0.0.0.0:8126";
    EXPECT_THAT(refusal(settings), HasSubstr("allow_remote = true"));
    settings.udp->allow_remote = true;
    EXPECT_EQ(refusal(settings), "(valid)");
}

TEST(IngestSettings, RemoteHttpNeedsToBeAllowed) {
    IngestSettings settings;
    settings.http.emplace().listen = "[::]:8127";
    EXPECT_THAT(refusal(settings), HasSubstr("allow_remote = true"));
    settings.http->allow_remote = true;
    EXPECT_EQ(refusal(settings), "(valid)");
}

TEST(IngestSettings, EveryFaultNamesItsKey) {
    IngestSettings settings;
    settings.unix_datagram.emplace().socket.path = std::string(108, 'x');
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.unix_datagram.path"));
    settings.unix_datagram->socket.path = std::string(107, 'x');
    EXPECT_EQ(refusal(settings), "(valid)");
    settings.unix_datagram->socket.mode = 01777;
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.unix_datagram.mode"));
    settings.unix_datagram.reset();

    settings.unix_stream.emplace().max_connections = 0;
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.unix_stream.max_connections"));
    settings.unix_stream.emplace().socket.path = "";
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.unix_stream.path"));
    settings.unix_stream.reset();

    settings.udp.emplace().receive_buffer = 1_KiB;
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.udp.receive_buffer"));
    settings.udp.emplace().listen = "localhost:1";
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.udp.listen"));
    settings.udp.reset();

    settings.http.emplace().listen = "localhost:1";
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.http.listen"));
    settings.http->listen = "";
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.http.listen and ingest.http.path are both empty"));
    settings.http->socket.path = std::string(108, 'x');
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.http.path"));
    settings.http.emplace().max_connections = 0;
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.http.max_connections"));
    settings.http.emplace().max_body = 1_GiB;
    EXPECT_THAT(refusal(settings), HasSubstr("ingest.http.max_body"));
    settings.http.emplace().body_timeout = std::chrono::microseconds(1);
    EXPECT_THAT(refusal(settings), HasSubstr("time-out of ingest.http"));
    settings.http.reset();

    settings.linger = std::chrono::minutes(1);
    EXPECT_THAT(refusal(settings), HasSubstr("linger"));
}

TEST(IngestSettings, TwoListenersCannotShareAPath) {
    IngestSettings settings;
    settings.unix_datagram.emplace().socket.path = "/run/a.sock";
    settings.unix_stream.emplace().socket.path = "/run/a.sock";
    EXPECT_THAT(refusal(settings), HasSubstr("same path"));
    settings.unix_stream.reset();
    settings.http.emplace();
    EXPECT_EQ(refusal(settings), "(valid)");
    settings.http->socket.path = "/run/a.sock";
    EXPECT_THAT(refusal(settings), HasSubstr("same path"));
}

}  // namespace
}  // namespace respand::ingest
