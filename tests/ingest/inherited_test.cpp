// Sockets that the service manager made: taken over, and left as they were found.
#include <gmock/gmock.h>
#include <netinet/in.h>

#include <filesystem>

#include "ingest/inet_address.hpp"
#include "ingest_fixture.hpp"
#include "support/http_client.hpp"

namespace respand::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

UniqueFd bound_udp(const std::string& where) {
    const auto address = InetAddress::parse(where);
    UniqueFd fd(::socket(address->family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(fd.get(), address->data(), address->size()), 0);
    return fd;
}

class Inherited : public IngestTest {
  protected:
    /// The configuration has the section that a socket of this name belongs to.
    void want(const std::string& name) {
        if (name == "respand-datagram" && !settings.unix_datagram) settings.unix_datagram.emplace();
        if (name == "respand-stream" && !settings.unix_stream) settings.unix_stream.emplace();
        if (name == "respand-udp" && !settings.udp) settings.udp.emplace();
        if (name == "respand-http" && !settings.http) settings.http.emplace();
    }
    /// What the listeners get: the service manager keeps its own descriptor of the same socket.
    InheritedSockets give(const std::string& name, const UniqueFd& fd) {
        want(name);
        InheritedSockets sockets;
        sockets[name] = UniqueFd(::dup(fd.get()));
        return sockets;
    }
    void expect_refused(InheritedSockets sockets, const std::string& words) {
        const auto refused = try_open(std::move(sockets));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::config);
        EXPECT_THAT(refused.error().message, HasSubstr(words));
    }
};

TEST_F(Inherited, WithoutItsSectionASocketIsClosedAndNotRead) {
    const UniqueFd datagram = bound_unix(datagram_path, SOCK_DGRAM);
    InheritedSockets sockets = give("respand-datagram", datagram);
    settings.unix_datagram.reset();
    open(std::move(sockets));
    EXPECT_TRUE(group->addresses().empty());
}

TEST_F(Inherited, EachKindIsListenedOn) {
    const UniqueFd datagram = bound_unix(datagram_path, SOCK_DGRAM);
    const UniqueFd stream = bound_unix(stream_path, SOCK_STREAM);
    const UniqueFd udp = bound_udp("127.0.0.1:0");
    InheritedSockets sockets;
    for (const char* name : {"respand-datagram", "respand-stream", "respand-udp"}) want(name);
    sockets["respand-datagram"] = UniqueFd(::dup(datagram.get()));
    sockets["respand-stream"] = UniqueFd(::dup(stream.get()));
    sockets["respand-udp"] = UniqueFd(::dup(udp.get()));
    open(std::move(sockets));
    const auto addresses = group->addresses();
    ASSERT_EQ(addresses.size(), 3U);
    EXPECT_EQ(addresses[0].address, datagram_path);
    EXPECT_EQ(addresses[1].address, stream_path);
    const auto inet_address = InetAddress::parse(addresses[2].address);
    ASSERT_TRUE(inet_address);

    const UniqueFd udp_sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(udp_sender.get(), inet_address->data(), inet_address->size()), 0);
    ASSERT_TRUE(send_text(connect_unix(datagram_path, SOCK_DGRAM).get(), "datagram"));
    ASSERT_TRUE(send_text(connect_unix(stream_path, SOCK_STREAM).get(), "stream\n"));
    ASSERT_TRUE(send_text(udp_sender.get(), "udp"));
    ASSERT_TRUE(until([&] { return sink.count == 3; }));
    EXPECT_THAT(sink.texts, ::testing::UnorderedElementsAre("datagram", "stream", "udp"));
}

TEST_F(Inherited, WhatWaitedFromBeforeTheStartIsReadWithoutAKnownSender) {
    const UniqueFd datagram = bound_unix(datagram_path, SOCK_DGRAM);
    ASSERT_TRUE(send_text(connect_unix(datagram_path, SOCK_DGRAM).get(), "early"));
    open(give("respand-datagram", datagram));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
    EXPECT_EQ(sink.origins[0].pid, 0);
    EXPECT_EQ(sink.origins[0].uid, static_cast<uid_t>(-1));
    ASSERT_TRUE(send_text(connect_unix(datagram_path, SOCK_DGRAM).get(), "later"));
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    EXPECT_EQ(sink.origins[1].pid, ::getpid());
}

TEST_F(Inherited, AtTheEndPathAndQueueAreLeftForTheNextStart) {
    const UniqueFd datagram = bound_unix(datagram_path, SOCK_DGRAM);
    sink.open = false;
    open(give("respand-datagram", datagram));
    const UniqueFd sender = connect_unix(datagram_path, SOCK_DGRAM);
    ASSERT_TRUE(send_text(sender.get(), "for the next"));
    settle();
    close();
    EXPECT_EQ(sink.count, 0U);
    EXPECT_TRUE(std::filesystem::exists(datagram_path));
    ASSERT_TRUE(send_text(sender.get(), "and this"));

    RecordingSink next_sink;
    auto next = ListenerGroup::open(io, settings, give("respand-datagram", datagram), next_sink);
    ASSERT_TRUE(next);
    (*next)->start();
    ASSERT_TRUE(until([&] { return next_sink.count == 2; }));
    EXPECT_THAT(next_sink.texts, ElementsAre("for the next", "and this"));
    (*next)->close();
}

TEST_F(Inherited, AtTheEndAcceptedConnectionsAreReadAndOthersWait) {
    const UniqueFd stream = bound_unix(stream_path, SOCK_STREAM);
    open(give("respand-stream", stream));
    const UniqueFd accepted = connect_unix(stream_path, SOCK_STREAM);
    ASSERT_TRUE(until([&] { return group->counters().connections_open == 1; }));
    ASSERT_TRUE(send_text(accepted.get(), "mine\n"));
    const UniqueFd waiting = connect_unix(stream_path, SOCK_STREAM);
    ASSERT_TRUE(send_text(waiting.get(), "the next one's\n"));
    close();
    EXPECT_THAT(sink.texts, ElementsAre("mine"));

    RecordingSink next_sink;
    auto next = ListenerGroup::open(io, settings, give("respand-stream", stream), next_sink);
    ASSERT_TRUE(next);
    (*next)->start();
    ASSERT_TRUE(until([&] { return next_sink.count == 1; }));
    EXPECT_THAT(next_sink.texts, ElementsAre("the next one's"));
    (*next)->close();
}

TEST_F(Inherited, ASocketOfTheWrongKindIsRefused) {
    const UniqueFd datagram = bound_unix(datagram_path, SOCK_DGRAM);
    const UniqueFd stream = bound_unix(stream_path, SOCK_STREAM);
    const UniqueFd udp = bound_udp("127.0.0.1:0");
    const UniqueFd silent(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const UniqueFd file(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const UniqueFd* fd : {&stream, &udp, &tcp, &file})
        expect_refused(give("respand-datagram", *fd), "'respand-datagram' is not a Unix datagram socket");
    settings.unix_datagram.reset();
    for (const UniqueFd* fd : {&datagram, &udp, &silent, &tcp, &file})
        expect_refused(give("respand-stream", *fd), "'respand-stream' is not a listening Unix stream socket");
    settings.unix_stream.reset();
    for (const UniqueFd* fd : {&datagram, &stream, &tcp, &file})
        expect_refused(give("respand-udp", *fd), "'respand-udp' is not a UDP socket");
    settings.udp.reset();
    for (const UniqueFd* fd : {&datagram, &udp, &silent, &tcp, &file})
        expect_refused(give("respand-http", *fd),
                       "'respand-http' is not a listening TCP or Unix stream socket");
}

UniqueFd listening_tcp(const std::string& where) {
    const auto address = InetAddress::parse(where);
    UniqueFd fd(::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(fd.get(), address->data(), address->size()), 0);
    EXPECT_EQ(::listen(fd.get(), 100), 0);
    return fd;
}

TEST_F(Inherited, AnHttpSocketTakesThePlaceOfWhatIsConfigured) {
    for (const UniqueFd& fd : {listening_tcp("127.0.0.1:0"), bound_unix(stream_path, SOCK_STREAM)}) {
        open(give("respand-http", fd));
        EXPECT_EQ(group->addresses().size(), 1U);
        const std::string address = group->addresses().front().address;
        const auto colon = address.rfind(':');
        test::HttpClient app =
            colon == std::string::npos
                ? test::HttpClient(address)
                : test::HttpClient(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
        ASSERT_TRUE(app.send("POST", "/v1/records", "{}"));
        std::optional<test::HttpReply> reply;
        ASSERT_TRUE(until([&] {
            sink.commit();
            return (reply = app.try_read()).has_value();
        }));
        EXPECT_EQ(reply->status, 201);
        group->close();
        group.reset();
    }
    EXPECT_TRUE(std::filesystem::exists(stream_path));
}

TEST_F(Inherited, ARemoteHttpSocketNeedsToBeAllowed) {
    const UniqueFd tcp = listening_tcp("0.0.0.0:0");
    expect_refused(give("respand-http", tcp), "allow_remote = true");
    settings.http->allow_remote = true;
    EXPECT_TRUE(try_open(give("respand-http", tcp)));
}

TEST_F(Inherited, ARemoteUdpSocketNeedsToBeAllowed) {
    const UniqueFd udp = bound_udp("0.0.0.0:0");
    expect_refused(give("respand-udp", udp), "allow_remote = true");
    enable_udp();
    settings.udp->allow_remote = true;
    EXPECT_TRUE(try_open(give("respand-udp", udp)));
}

TEST_F(Inherited, AnUnknownNameIsNoReasonNotToStart) {
    enable_datagram();
    const UniqueFd other = bound_unix(stream_path, SOCK_DGRAM);
    open(give("somebody-else", other));
    EXPECT_EQ(group->addresses().size(), 1U);
}

}  // namespace
}  // namespace respand::ingest
