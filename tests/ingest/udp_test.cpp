#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>

#include "ingest/inet_address.hpp"
#include "ingest_fixture.hpp"

namespace respand::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Udp : public IngestTest {
  protected:
    Udp() { enable_udp(); }
    void open_with_sender() {
        open();
        const auto address = InetAddress::parse(group->addresses().at(0).address);
        ASSERT_TRUE(address);
        sender = UniqueFd(::socket(address->family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(::connect(sender.get(), address->data(), address->size()), 0);
    }
    UniqueFd sender;
};

TEST_F(Udp, EachDatagramIsARecordFromNobodyInParticular) {
    open_with_sender();
    ASSERT_TRUE(send_text(sender.get(), "a"));
    ASSERT_TRUE(send_text(sender.get(), ""));
    ASSERT_TRUE(send_text(sender.get(), std::string(65'507, 'b')));
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    EXPECT_THAT(sink.texts, ElementsAre("a", std::string(65'507, 'b')));
    EXPECT_THAT(sink.faults, ElementsAre(Fault::empty_datagram));
    for (const Origin& origin : sink.origins) {
        EXPECT_EQ(origin.listener, ListenerKind::udp);
        EXPECT_EQ(origin.pid, 0);
        EXPECT_EQ(origin.uid, static_cast<uid_t>(-1));
    }
}

TEST_F(Udp, Ipv6WorksTheSame) {
    const UniqueFd probe(::socket(AF_INET6, SOCK_DGRAM, 0));
    const auto loopback = InetAddress::parse("[::1]:0");
    settings.udp->listen = "[::1]:0";
    if (!probe || ::bind(probe.get(), loopback->data(), loopback->size()) != 0) {
        // A machine without IPv6 says so, and names the address.
        auto refused = ListenerGroup::open(io, settings, {}, sink);
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, ::testing::HasSubstr("[::1]:0"));
        return;
    }
    open_with_sender();
    ASSERT_TRUE(send_text(sender.get(), "six"));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
    EXPECT_THAT(group->addresses().at(0).address, ::testing::StartsWith("[::1]:"));
}

TEST_F(Udp, WhatTheKernelDroppedIsCounted) {
    settings.udp->receive_buffer = 64_KiB;
    sink.open = false;
    open_with_sender();
    constexpr std::size_t kSent = 2'000;
    for (std::size_t i = 0; i < kSent; ++i) ASSERT_TRUE(send_text(sender.get(), std::string(1'000, 'x')));
    sink.open = true;
    group->resume();
    settle();
    ASSERT_GT(sink.count, 0U);
    ASSERT_LT(sink.count, kSent) << "the buffer is too small for all";
    // The count comes with the next datagram that finds room.
    const std::size_t arrived = sink.count;
    ASSERT_TRUE(send_text(sender.get(), "after"));
    ASSERT_TRUE(until([&] { return sink.texts.back() == "after"; }));
    EXPECT_EQ(sink.kernel_drops, kSent - arrived);
    EXPECT_EQ(group->counters().kernel_drops, kSent - arrived);
}

TEST_F(Udp, ClosingDeliversWhatIsQueuedAndCountsTheLastDrops) {
    settings.udp->receive_buffer = 64_KiB;
    sink.open = false;
    open_with_sender();
    constexpr std::size_t kSent = 2'000;
    for (std::size_t i = 0; i < kSent; ++i) ASSERT_TRUE(send_text(sender.get(), "x"));
    close();
    EXPECT_GT(sink.count, 0U);
    EXPECT_EQ(sink.count + sink.kernel_drops, kSent) << "nothing vanishes uncounted";
}

TEST_F(Udp, DropsAreCountedWithoutWaitingForTheNextDatagram) {
    settings.udp->receive_buffer = 64_KiB;
    sink.open = false;
    open_with_sender();
    constexpr std::size_t kSent = 2'000;
    for (std::size_t i = 0; i < kSent; ++i) ASSERT_TRUE(send_text(sender.get(), std::string(1'000, 'x')));
    EXPECT_EQ(sink.kernel_drops, 0U);
    group->look_for_drops();
    const std::uint64_t dropped = sink.kernel_drops;
    EXPECT_GT(dropped, 0U);
    group->look_for_drops();
    EXPECT_EQ(sink.kernel_drops, dropped) << "each is counted once";
    close();
    EXPECT_EQ(sink.count + sink.kernel_drops, kSent);
}

TEST_F(Udp, APortInUseIsRefused) {
    open_with_sender();
    IngestSettings second = settings;
    second.udp->listen = group->addresses().at(0).address;
    const auto refused = ListenerGroup::open(io, second, {}, sink);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr(second.udp->listen + " is in use by another process"));
}

TEST_F(Udp, AnAddressOfAnotherMachineIsRefused) {
    settings.udp->listen = "192.0.2.1:8126";  // TEST-NET-1: nobody's
    settings.udp->allow_remote = true;
    const auto refused = try_open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::config);
    EXPECT_THAT(refused.error().message, HasSubstr("192.0.2.1:8126"));
}

TEST_F(Udp, ARemoteAddressIsRefusedUnlessAllowed) {
    settings.udp->listen = "0.0.0.0:0";
    ASSERT_FALSE(try_open());
    settings.udp->allow_remote = true;
    EXPECT_TRUE(try_open());
}

}  // namespace
}  // namespace respand::ingest
