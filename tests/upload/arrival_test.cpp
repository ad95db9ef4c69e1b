// What the transport says about a request that got no answer: can the server have it?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.hpp"

namespace respand::upload {
namespace {

using std::chrono::milliseconds;
using test::Client;
using test::Peer;
using test::PeerServer;

std::string url(const PeerServer& server) { return "http://127.0.0.1:" + server.port() + "/api"; }

TEST(ARequestWithoutAnswer, MayHaveArrivedWhenAllOfItWasSent) {
    for (const char* part_of_answer : {"", "HTTP/1.1 201 X\r\nContent-Le"}) {
        PeerServer server([part_of_answer](Peer& peer, int) {
            peer.read_request();
            peer.write(part_of_answer);
        });
        Client client(url(server));
        const Reply reply = client.post();
        EXPECT_EQ(reply.fault, TransportFault::reset);
        EXPECT_TRUE(reply.may_have_arrived);
    }
}

TEST(ARequestWithoutAnswer, MayHaveArrivedAfterATimeOutOrACancel) {
    std::atomic<int> got = 0;
    PeerServer server([&](Peer& peer, int) {
        peer.read_request();
        ++got;
        peer.wait_for_close();
    });
    Client client(url(server));
    client.settings.request_timeout = milliseconds(80);
    client.apply();
    const Reply late = client.post();
    EXPECT_EQ(late.fault, TransportFault::timeout);
    EXPECT_TRUE(late.may_have_arrived);
    client.settings.request_timeout = std::chrono::seconds(20);
    client.apply();
    const auto given_up = client.start(test::batch_of(1, 1));
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return got == 2; }));
    client.transport->cancel();
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return given_up->has_value(); }));
    EXPECT_TRUE((*given_up)->may_have_arrived);
}

TEST(ARequestWithoutAnswer, HasNotArrivedWhenMostOfItNeverLeft) {
    for (const bool closes : {false, true}) {
        std::atomic<bool> over = false;
        PeerServer server([&](Peer& peer, int) {
            peer.read_head();
            if (closes) return peer.reset();
            respand::test::eventually([&] { return over.load(); });
        });
        Client client(url(server));
        client.settings.request_timeout = milliseconds(closes ? 20'000 : 80);
        client.apply();
        const Reply reply = client.post(test::large_batch(30'000'000));
        over = true;
        EXPECT_EQ(reply.status, 0);
        EXPECT_FALSE(reply.may_have_arrived) << name(reply.fault);
    }
}

TEST(ARequestWithoutAnswer, HasNotArrivedWithoutAConnection) {
    std::string gone;
    {
        gone = PeerServer([](Peer&, int) {}).port();
    }
    Client client("http://127.0.0.1:" + gone);
    EXPECT_FALSE(client.post().may_have_arrived);
    const auto given_up = client.start(test::batch_of(1, 1));
    client.transport->cancel();
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return given_up->has_value(); }));
    EXPECT_FALSE((*given_up)->may_have_arrived);
}

TEST(AnAnsweredRequest, SaysWhenAnEarlierCopyMayHaveArrived) {
    PeerServer server([](Peer& peer, int number) {
        peer.read_request();
        peer.answer(201, "{}");
        if (number == 0) peer.read_request();  // taken, not answered, closed
    });
    Client client(url(server));
    EXPECT_FALSE(client.post().may_have_arrived);
    const Reply reply = client.post();
    EXPECT_EQ(reply.status, 201);
    EXPECT_TRUE(reply.may_have_arrived);
}

TEST(AKey, ThatIsReplacedWhileARequestIsUnderWayIsNotInItsReply) {
    std::atomic<bool> replaced = false;
    std::atomic<bool> got = false;
    PeerServer server([&](Peer& peer, int) {
        peer.read_request();
        got = true;
        respand::test::eventually([&] { return replaced.load(); });
        peer.answer(401, std::string("no such key: ") + test::kKey + ", try sk-the-next-one");
    });
    Client client(url(server));
    const auto answer = client.start(test::batch_of(1, 1));
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return got.load(); }));
    client.transport->set_api_key("sk-the-next-one");
    replaced = true;
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return answer->has_value(); }));
    EXPECT_EQ((*answer)->body, "no such key: [api key], try [api key]");
}

}  // namespace
}  // namespace respand::upload
