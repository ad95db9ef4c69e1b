// From a name to a connection that is used again: look-ups that hang or change, addresses that do not answer,
// age.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>

#include "client.hpp"
#include "upload/beast_pool.hpp"
#include "upload/connector.hpp"

namespace respand::upload {
namespace {

using boost::asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Client;
using test::Peer;
using test::PeerServer;
using testing::ElementsAre;
using testing::HasSubstr;

tcp::endpoint endpoint(const char* address, int port) {
    return {boost::asio::ip::make_address(address), static_cast<std::uint16_t>(port)};
}
tcp::endpoint endpoint(const PeerServer& server) { return endpoint("127.0.0.1", std::stoi(server.port())); }

Resolved addresses(std::vector<tcp::endpoint> list) {
    Resolved resolved;
    resolved.addresses = std::move(list);
    return resolved;
}

void serve(Peer& peer, int) {
    while (!peer.read_request().empty()) peer.answer(201, "{}");
}

/// An address on which connecting hangs: a listener whose queue is full drops what comes.
class BlackHole {
  public:
    BlackHole() {
        listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address_), size), 0);
        EXPECT_EQ(::listen(listener_.get(), 0), 0);
        EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address_), &size), 0);
        for (UniqueFd& filler : fillers_) {
            filler.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            static_cast<void>(::connect(filler.get(), reinterpret_cast<sockaddr*>(&address_), size));
        }
    }
    tcp::endpoint address() const { return endpoint("127.0.0.1", ntohs(address_.sin_port)); }

  private:
    UniqueFd listener_;
    sockaddr_in address_{};
    std::array<UniqueFd, 4> fillers_;
};

TEST(Addresses, OfTheTwoFamiliesTakeTurnsBehindTheFirst) {
    const auto v6a = endpoint("2001:db8::1", 1);
    const auto v6b = endpoint("2001:db8::2", 1);
    const auto v4a = endpoint("192.0.2.1", 1);
    const auto v4b = endpoint("192.0.2.2", 1);
    EXPECT_THAT(take_turns({v6a, v6b, v4a, v4b}), ElementsAre(v6a, v4a, v6b, v4b));
    EXPECT_THAT(take_turns({v4a, v4b, v6a}), ElementsAre(v4a, v6a, v4b));
    EXPECT_THAT(take_turns({v4a, v4b}), ElementsAre(v4a, v4b));
    EXPECT_TRUE(take_turns({}).empty());
}

TEST(Connecting, FallsBackFromIPv6ToIPv4AndKeepsWhatWorked) {
    PeerServer server(&serve);
    const int port = std::stoi(server.port());
    Client client("http://localhost:" + server.port());
    client.lookup = [port](const std::string&, const std::string&) {
        return addresses({endpoint("::1", port), endpoint("127.0.0.1", port)});
    };
    client.apply();
    for (int i = 0; i < 2; ++i) {
        const Reply reply = client.post();
        EXPECT_EQ(reply.status, 201) << reply.detail;
    }
    client.transport->cancel();
}

TEST(Connecting, DoesNotWaitForAnAddressThatSwallowsPackets) {
    const BlackHole hole;
    PeerServer server(&serve);
    Client client("http://localhost:" + server.port());
    client.lookup = [&](const std::string&, const std::string&) {
        return addresses({hole.address(), hole.address(), endpoint(server)});
    };
    client.settings.connect_timeout = seconds(20);
    client.apply();
    const Reply reply = client.post();
    EXPECT_EQ(reply.status, 201) << name(reply.fault) << reply.detail;
    EXPECT_GE(reply.elapsed, 2 * kNextAddressAfter) << "each had its chance";
    EXPECT_LT(reply.elapsed, seconds(10));
    client.transport->cancel();
}

TEST(Connecting, ToNothingButSwallowedPacketsTimesOut) {
    const BlackHole hole;
    Client client("http://localhost:1");
    client.lookup = [&](const std::string&, const std::string&) {
        return addresses({hole.address(), hole.address()});
    };
    client.settings.connect_timeout = milliseconds(80);
    client.apply();
    const Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::timeout) << name(reply.fault) << reply.detail;
    EXPECT_THAT(reply.detail, HasSubstr("connecting to localhost:1"));
    EXPECT_FALSE(reply.may_have_arrived);
}

TEST(Connecting, SaysWhichAddressFailedLast) {
    std::string gone;
    {
        gone = PeerServer([](Peer&, int) {}).port();
    }
    Client client("http://localhost:" + gone);
    client.lookup = [&](const std::string&, const std::string&) {
        return addresses({endpoint("127.0.0.1", std::stoi(gone)), endpoint("127.0.0.2", std::stoi(gone))});
    };
    client.apply();
    const Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::connect_failed);
    EXPECT_THAT(reply.detail, HasSubstr("Connection refused (127.0.0.2, the last of 2 addresses)"));
}

TEST(ANameThatDoesNotExist, IsToldFromALookupThatFails) {
    Client client("http://localhost:1");
    Resolved outcome;
    client.lookup = [&](const std::string&, const std::string&) { return outcome; };
    outcome.fault = TransportFault::host_unknown;
    client.apply();
    EXPECT_EQ(client.post().fault, TransportFault::host_unknown);
    outcome.fault = TransportFault::resolve_failed;
    client.apply();
    EXPECT_EQ(client.post().fault, TransportFault::resolve_failed);
    const Resolved real = system_lookup("no-such-host.invalid", "1");
    EXPECT_TRUE(real.addresses.empty());
    EXPECT_THAT(real.detail, HasSubstr("no-such-host.invalid"));
    EXPECT_FALSE(system_lookup("localhost", "80").addresses.empty());
}

/// Look-ups that do not come back until they are let go.
struct HangingLookup {
    struct Shared {
        std::promise<void> gate;
        std::shared_future<void> open = gate.get_future().share();
        std::atomic<int> begun = 0, ended = 0;
        std::vector<tcp::endpoint> first;  ///< what the first one answers at once; empty: it hangs as well
    };
    std::shared_ptr<Shared> shared = std::make_shared<Shared>();
    Lookup lookup() const {
        return [s = shared](const std::string&, const std::string&) {
            if (s->begun++ > 0 || s->first.empty()) s->open.wait();
            ++s->ended;
            return addresses(s->first);
        };
    }
    /// They can outlive everything else: their threads are nobody's.
    ~HangingLookup() {
        shared->gate.set_value();
        EXPECT_TRUE(respand::test::eventually([&] { return shared->ended == shared->begun; }));
    }
};

TEST(ALookupThatHangs, HoldsUpNeitherTheLoopNorTheEnd) {
    const HangingLookup hanging;
    const auto begin = std::chrono::steady_clock::now();
    {
        Client client("http://localhost:1");
        client.lookup = hanging.lookup();
        client.settings.connect_timeout = milliseconds(50);
        client.apply();
        for (int i = 0; i < 3; ++i) {
            const Reply reply = client.post();
            EXPECT_EQ(reply.fault, TransportFault::resolve_failed);
            EXPECT_THAT(reply.detail, HasSubstr("looking up localhost: no answer within 50ms"));
            EXPECT_FALSE(reply.may_have_arrived);
        }
        client.io.restart();
        client.io.run();  // Nothing keeps it.
        EXPECT_EQ(hanging.shared->begun, 1) << "late-comers share the one that runs";
    }
    EXPECT_EQ(hanging.shared->ended, 0);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
}

TEST(ALookupThatHangs, IsReplacedByTheLastGoodAddresses) {
    PeerServer server([](Peer& peer, int) {
        peer.read_request();
        peer.answer(201, "{}", "Connection: close\r\n");
    });
    const HangingLookup hanging;
    hanging.shared->first = {endpoint(server)};
    Client client("http://localhost:" + server.port());
    client.lookup = hanging.lookup();
    client.settings.connect_timeout = milliseconds(200);
    client.apply();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.post().status, 201);
    EXPECT_EQ(server.connections(), 3);
}

TEST(AConnection, ThatIsTooOldMakesRoomForOneToANewAddress) {
    PeerServer first(&serve);
    PeerServer second(&serve);
    std::atomic<bool> moved = false;
    for (const bool young : {true, false}) {
        moved = false;
        Client client("http://localhost:1");
        client.lookup = [&](const std::string&, const std::string&) {
            return addresses({moved ? endpoint(second) : endpoint(first)});
        };
        client.settings.network.connection_max_age = young ? seconds(60) : seconds(0);
        client.apply();
        const int before = second.connections();
        EXPECT_EQ(client.post().status, 201);
        moved = true;
        EXPECT_EQ(client.post().status, 201);
        EXPECT_EQ(second.connections() - before, young ? 0 : 1);
        client.transport->cancel();
    }
}

TEST(AConnection, TakesSoManyRequestsAndNoMore) {
    PeerServer server(&serve);
    Client client("http://127.0.0.1:" + server.port());
    for (std::uint32_t i = 0; i <= kMaxRequestsPerConnection; ++i) ASSERT_EQ(client.post().status, 201);
    EXPECT_EQ(server.connections(), 2);
    client.transport->cancel();
}

TEST(Cancelling, EndsWhatGoesThroughThisTransportAlone) {
    std::atomic<bool> got = false;
    std::atomic<bool> over = false;
    PeerServer server([&](Peer& peer, int) {
        peer.read_request();
        got = true;
        respand::test::eventually([&] { return over.load(); });
        peer.answer(201, "{}");
    });
    PeerServer other_server([](Peer& peer, int) { peer.wait_for_close(); });
    Client client("http://127.0.0.1:" + server.port());
    UploadSettings settings = client.settings;
    settings.base_url = "http://127.0.0.1:" + other_server.port();
    auto destination = make_destination(settings, {.api_key = "k"});
    ASSERT_TRUE(destination);
    const auto other = make_beast_transport(client.io, std::move(*destination));
    const auto stays = client.start(test::batch_of(1, 1));
    std::optional<Reply> ended;
    other->send({.target = target(Endpoint::bulk), .body = encode(test::batch_of(1, 1), Endpoint::bulk)},
                [&](Reply reply) { ended = std::move(reply); });
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return got.load(); }));
    other->cancel();
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return ended.has_value(); }));
    EXPECT_EQ(ended->fault, TransportFault::cancelled);
    EXPECT_FALSE(*stays);
    over = true;
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return stays->has_value(); }));
    EXPECT_EQ((*stays)->status, 201);
    client.transport->cancel();
}

}  // namespace
}  // namespace respand::upload
