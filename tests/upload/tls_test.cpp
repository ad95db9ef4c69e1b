// The transport against a real TLS server on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "client.hpp"
#include "support/temp_dir.hpp"

namespace respand::upload {
namespace {

using respand::test::Certificate;
using respand::test::make_certificate;
using test::Client;
using test::Peer;
using test::PeerServer;
using testing::HasSubstr;

class Tls : public testing::Test {
  protected:
    std::string save(const Certificate& certificate) {
        const std::string path = dir.file("ca" + std::to_string(++files) + ".pem");
        std::ofstream(path) << certificate.cert_pem;
        return path;
    }
    static void serve(Peer& peer, int) {
        while (!peer.read_request().empty()) peer.answer(201, "{}");
    }
    static std::string url(const PeerServer& server, const std::string& host = "localhost") {
        return "https://" + host + ":" + server.port() + "/api";
    }

    respand::test::TempDir dir;
    int files = 0;
};

TEST_F(Tls, DeliversToAServerItTrustsAndKeepsTheConnection) {
    const Certificate certificate = make_certificate("localhost");
    PeerServer server(&serve, &certificate);
    for (const char* host : {"localhost", "127.0.0.1"}) {
        Client client(url(server, host), save(certificate));
        for (int i = 0; i < 3; ++i) {
            const Reply reply = client.post();
            EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
        }
        EXPECT_EQ(client.post(test::large_batch(3'000'000)).status, 201);
    }
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(Tls, RefusesAnotherAuthority) {
    const Certificate certificate = make_certificate("localhost");
    PeerServer server(&serve, &certificate);
    for (const std::string& ca : {save(make_certificate("localhost")), std::string()}) {
        Client client(url(server), ca);
        const Reply reply = client.post();
        EXPECT_EQ(reply.fault, TransportFault::tls_untrusted) << name(reply.fault);
        EXPECT_THAT(reply.detail, HasSubstr("localhost:" + server.port()));
    }
}

TEST_F(Tls, RefusesACertificateForAnotherName) {
    const Certificate certificate = make_certificate("example.org");
    PeerServer server(&serve, &certificate);
    for (const char* host : {"localhost", "127.0.0.1"}) {
        Client client(url(server, host), save(certificate));
        const Reply reply = client.post();
        EXPECT_EQ(reply.fault, TransportFault::tls_untrusted) << name(reply.fault);
        EXPECT_THAT(reply.detail, HasSubstr("mismatch"));
    }
}

TEST_F(Tls, RefusesAnExpiredCertificate) {
    const Certificate certificate = make_certificate("localhost", true);
    PeerServer server(&serve, &certificate);
    Client client(url(server), save(certificate));
    const Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::tls_untrusted) << name(reply.fault);
    EXPECT_THAT(reply.detail, HasSubstr("expired"));
}

TEST_F(Tls, TakesANewCaFileWithAReload) {
    const Certificate certificate = make_certificate("localhost");
    PeerServer server(&serve, &certificate);
    Client client(url(server), save(make_certificate("localhost")));
    EXPECT_EQ(client.post().fault, TransportFault::tls_untrusted);
    auto& transport = dynamic_cast<HttpTransport&>(*client.transport);
    client.settings.network.ca_file = "/does/not/exist";
    EXPECT_FALSE(make_destination(client.settings, {.api_key = test::kKey}));
    client.settings.network.ca_file = save(certificate);
    auto next = make_destination(client.settings, {.api_key = test::kKey});
    ASSERT_TRUE(next) << next.error().message;
    transport.use(std::move(*next));
    EXPECT_EQ(client.post().status, 201);
}

TEST_F(Tls, ASilentServerTimesOutInTheHandshake) {
    PeerServer server([](Peer& peer, int) { peer.wait_for_close(); });  // speaks no TLS, says nothing
    Client client(url(server));
    client.settings.connect_timeout = std::chrono::milliseconds(80);
    client.apply();
    const Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::timeout) << name(reply.fault);
    EXPECT_THAT(reply.detail, HasSubstr("handshake"));
}

TEST_F(Tls, AServerThatSpeaksPlainHttpIsATlsFault) {
    PeerServer server([](Peer& peer, int) {
        peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.wait_for_close();
    });
    Client client(url(server));
    const Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::tls_failed) << name(reply.fault);
}

TEST_F(Tls, AnAnswerWithoutEndThatIsCutOffIsAFault) {
    const Certificate certificate = make_certificate("localhost");
    PeerServer server(
        [](Peer& peer, int) {
            peer.read_request();
            peer.write(
                "HTTP/1.1 201 X\r\n\r\n{\"success_count\":");  // ends with the connection, no close_notify
        },
        &certificate);
    Client client(url(server), save(certificate));
    EXPECT_EQ(client.post().fault, TransportFault::reset) << "anybody on the way could have cut it";
}

TEST_F(Tls, AConnectionThatDiedWhileIdleCostsNoRequest) {
    const Certificate certificate = make_certificate("localhost");
    PeerServer server(
        [](Peer& peer, int number) {
            peer.read_request();
            peer.answer(201, "{}");
            if (number == 0) peer.read_request();
        },
        &certificate);
    Client client(url(server), save(certificate));
    EXPECT_EQ(client.post().status, 201);
    const Reply reply = client.post();
    EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(Tls, AnEarly413IsRead) {
    const Certificate certificate = make_certificate("localhost");
    PeerServer server(
        [](Peer& peer, int) {
            peer.read_head();
            peer.answer(413, "too large");
            peer.wait_for_close();
        },
        &certificate);
    Client client(url(server), save(certificate));
    EXPECT_EQ(client.post(test::large_batch(20'000'000)).status, 413);
}

}  // namespace
}  // namespace respand::upload
