// The transport against a real server on loopback, plain HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.hpp"

namespace respand::upload {
namespace {

using std::chrono::milliseconds;
using test::Client;
using test::Peer;
using test::PeerServer;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string url(const PeerServer& server) { return "http://127.0.0.1:" + server.port() + "/api"; }

TEST(ARequest, ArrivesAsWrittenAndItsAnswerComesBack) {
    std::string seen;
    std::string port;
    {
        PeerServer server([&](Peer& peer, int) {
            seen = peer.read_request();
            peer.answer(429, R"({"retry_after":2})",
                        "Retry-After: 3\r\nretry-after-ms: 2500\r\nX-RateLimit-Reset: 9\r\n"
                        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nLocation: https://x/\r\n");
        });
        Client client(url(server));
        const Reply reply = client.post();
        EXPECT_EQ(reply.status, 429);
        EXPECT_EQ(reply.body, R"({"retry_after":2})");
        EXPECT_EQ(reply.retry_after, "3");
        EXPECT_EQ(reply.retry_after_ms, "2500");
        EXPECT_EQ(reply.rate_limit_reset, "9");
        EXPECT_EQ(reply.date, "Sun, 06 Nov 1994 08:49:37 GMT");
        EXPECT_EQ(reply.location, "https://x/");
        EXPECT_GT(reply.elapsed.count(), 0);
        port = server.port();
    }
    EXPECT_THAT(seen, StartsWith("POST /api/request-logs/bulk/ HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                                 "\r\nAuthorization: Bearer sk-very-secret-key\r\n"));
    const std::string body = test::text_of(encode(test::batch_of(2, 3), Endpoint::bulk));
    EXPECT_THAT(seen, HasSubstr("\r\nContent-Type: application/json\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\nUser-Agent: respand/"));
    EXPECT_EQ(seen.substr(seen.find("\r\n\r\n") + 4), body);
}

TEST(AConnection, IsUsedAgain) {
    PeerServer server([](Peer& peer, int) {
        while (!peer.read_request().empty()) peer.answer(201, "{}");
    });
    Client client(url(server));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(client.post().status, 201);
    EXPECT_EQ(server.connections(), 1);
    client.transport->cancel();
}

TEST(AConnection, IsNotUsedAgainWhenTheServerSaysSo) {
    for (const char* answer : {"HTTP/1.1 201 X\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
                               "HTTP/1.0 201 X\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 201 X\r\n\r\n{}"}) {
        PeerServer server([answer](Peer& peer, int) {
            peer.read_request();
            peer.write(answer);
        });
        Client client(url(server));
        for (int i = 0; i < 2; ++i) {
            const Reply reply = client.post();
            EXPECT_EQ(reply.status, 201) << reply.detail;
            EXPECT_EQ(reply.body, "{}");
        }
        EXPECT_EQ(server.connections(), 2);
    }
}

TEST(AConnectionThatDiedWhileIdle, CostsNoRequest) {
    for (const bool abruptly : {false, true}) {
        // Answers once, then ends the connection only after the next request came: the client can't have seen
        // it.
        PeerServer server([abruptly](Peer& peer, int number) {
            peer.read_request();
            peer.answer(201, "{}");
            if (number == 0) peer.read_request();
            if (number == 0 && abruptly) peer.reset();
        });
        Client client(url(server));
        EXPECT_EQ(client.post().status, 201);
        EXPECT_EQ(client.post().status, 201) << "sent once more on a fresh connection";
        EXPECT_EQ(server.connections(), 2);
    }
}

TEST(AFreshConnectionThatDies, IsAFaultAndNotTriedAgain) {
    PeerServer server([](Peer& peer, int) { peer.read_request(); });
    Client client(url(server));
    const Reply reply = client.post();
    EXPECT_EQ(reply.status, 0);
    EXPECT_EQ(reply.fault, TransportFault::reset);
    EXPECT_THAT(reply.detail, HasSubstr("before an answer"));
    EXPECT_EQ(server.connections(), 1);
}

TEST(AnAnswerThatBreaksOff, IsAFaultAlsoOnAUsedConnection) {
    for (const bool abruptly : {false, true}) {
        PeerServer server([abruptly](Peer& peer, int) {
            peer.read_request();
            peer.answer(201, "{}");
            peer.read_request();
            peer.write("HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{\"succ");
            if (abruptly) peer.reset();
        });
        Client client(url(server));
        EXPECT_EQ(client.post().status, 201);
        const Reply reply = client.post();
        EXPECT_EQ(reply.fault, TransportFault::reset);
        EXPECT_THAT(reply.detail, HasSubstr("in the middle of the answer"));
        EXPECT_EQ(server.connections(), 1);
    }
}

TEST(AnEarly413, IsReadAlthoughTheServerTakesNoMore) {
    for (const bool closes : {false, true}) {
        PeerServer server([closes](Peer& peer, int) {
            peer.read_head();
            peer.answer(413, "too large");
            if (!closes) peer.wait_for_close();
        });
        Client client(url(server));
        const Reply reply = client.post(test::large_batch(20'000'000));
        EXPECT_EQ(reply.status, 413) << name(reply.fault) << ": " << reply.detail;
        EXPECT_EQ(reply.body, "too large");
    }
}

TEST(AnAnswer, MayBeChunked) {
    PeerServer server([](Peer& peer, int) {
        for (int i = 0; i < 2; ++i) {
            peer.read_request();
            peer.write(
                "HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
        }
    });
    Client client(url(server));
    EXPECT_EQ(client.post().body, "abcde");
    EXPECT_EQ(client.post().body, "abcde");
    EXPECT_EQ(server.connections(), 1);
}

TEST(AnAnswer, MayHaveNoBodyAndInterimAnswersBefore) {
    PeerServer server([](Peer& peer, int) {
        peer.read_request();
        peer.write(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 X\r\n\r\n");
        peer.read_request();
        peer.answer(201, "{}");
    });
    Client client(url(server));
    EXPECT_EQ(client.post().status, 204);
    EXPECT_EQ(client.post().status, 201);
    EXPECT_EQ(server.connections(), 1);
}

TEST(AnAnswer, ThatIsTooLargeIsCutAndItsStatusKept) {
    for (const bool chunked : {false, true}) {
        PeerServer server([chunked](Peer& peer, int) {
            peer.read_request();
            if (!chunked) {
                peer.write("HTTP/1.1 201 X\r\nContent-Length: 99999999999\r\n\r\n");
                return peer.wait_for_close();
            }
            peer.write("HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n");
            const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";
            for (int i = 0; i < 17; ++i) peer.write(chunk);
            peer.wait_for_close();
        });
        Client client(url(server));
        const Reply reply = client.post();
        EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
        EXPECT_TRUE(reply.body_cut);
        EXPECT_LE(reply.body.size(), kMaxResponseBytes);
    }
}

TEST(WhatIsNotHttp, IsABadAnswer) {
    const std::string endless_head = "HTTP/1.1 200 X\r\nA: " + std::string(kMaxHeaderBytes, 'x') + "\r\n\r\n";
    std::string endless_interim;
    for (int i = 0; i < 20; ++i) endless_interim += "HTTP/1.1 100 Continue\r\n\r\n";
    for (const std::string& answer : {std::string("SSH-2.0-OpenSSH_9.2\r\n"),
                                      std::string("HTTP/1.1 abc\r\n\r\n"), endless_head, endless_interim}) {
        PeerServer server([&](Peer& peer, int) {
            peer.read_request();
            peer.write(answer);
            peer.wait_for_close();
        });
        Client client(url(server));
        const Reply reply = client.post();
        EXPECT_EQ(reply.status, 0);
        EXPECT_EQ(reply.fault, TransportFault::bad_answer) << name(reply.fault) << reply.detail;
    }
}

TEST(ATimeOut, EndsASilentServer) {
    PeerServer server([](Peer& peer, int) { peer.wait_for_close(); });
    Client client(url(server));
    client.settings.request_timeout = milliseconds(80);
    client.apply();
    Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::timeout);
    EXPECT_THAT(reply.detail, HasSubstr("waiting for the answer"));
}

TEST(ATimeOut, EndsAServerThatDoesNotRead) {
    // The client's end of the connection fills up and the write never ends.
    std::atomic<bool> over = false;
    PeerServer server([&](Peer&, int) { respand::test::eventually([&] { return over.load(); }); });
    Client client(url(server));
    client.settings.request_timeout = milliseconds(80);
    client.apply();
    const Reply reply = client.post(test::large_batch(30'000'000));
    over = true;
    EXPECT_EQ(reply.fault, TransportFault::timeout);
    EXPECT_THAT(reply.detail, HasSubstr("sending to"));
}

TEST(ATimeOut, EndsAnAnswerThatDripsIn) {
    PeerServer server([](Peer& peer, int) {
        peer.read_request();
        peer.write("HTTP/1.1 201 X\r\nContent-Length: 5\r\n\r\nab");
        peer.wait_for_close();
    });
    Client client(url(server));
    client.settings.request_timeout = milliseconds(80);
    client.apply();
    EXPECT_EQ(client.post().fault, TransportFault::timeout);
}

TEST(APortWhereNobodyListens, IsAConnectFault) {
    std::string gone;
    {
        gone = PeerServer([](Peer&, int) {}).port();
    }
    Client client("http://localhost:" + gone);
    const Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::connect_failed);
    EXPECT_THAT(reply.detail, HasSubstr("localhost:" + gone));
}

TEST(AName, IsLookedUpAndTheAddressThatWorksIsFound) {
    PeerServer server([](Peer& peer, int) {  // listens on IPv4 only
        peer.read_request();
        peer.answer(201, "{}", "Connection: close\r\n");
    });
    Client client("http://localhost:" + server.port());
    for (int i = 0; i < 3; ++i) {
        const Reply reply = client.post();
        EXPECT_EQ(reply.status, 201) << reply.detail;
    }
}

TEST(Cancelling, EndsRunningExchangesInEveryPhase) {
    std::atomic<bool> got = false;
    PeerServer server([&](Peer& peer, int) {
        peer.read_request();
        got = true;
        peer.wait_for_close();
    });
    Client client("http://localhost:" + server.port());
    const auto resolving = client.start(test::batch_of(1, 1));
    client.transport->cancel();
    EXPECT_FALSE(*resolving) << "not from inside the call";
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return resolving->has_value(); }));
    EXPECT_EQ((*resolving)->fault, TransportFault::cancelled);
    const auto waiting = client.start(test::batch_of(1, 1));
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return got.load(); }));
    client.transport->cancel();
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return waiting->has_value(); }));
    EXPECT_EQ((*waiting)->fault, TransportFault::cancelled);
}

TEST(ATransport, MayGoWithAnExchangeUnderWay) {
    PeerServer server([](Peer& peer, int) { peer.wait_for_close(); });
    Client client(url(server));
    const auto answer = client.start(test::batch_of(1, 1));
    client.io.run_one_for(milliseconds(100));
    client.transport.reset();
    ASSERT_TRUE(respand::test::run_until(client.io, [&] { return answer->has_value(); }));
    EXPECT_EQ((*answer)->fault, TransportFault::cancelled);
}

TEST(TheKey, TakesEffectWithTheNextExchangeAndIsNeverInAReply) {
    std::vector<std::string> seen;
    {
        PeerServer server([&](Peer& peer, int) {
            while (true) {
                const std::string request = peer.read_request();
                if (request.empty()) return;
                const auto at = request.find("Bearer ") + 7;
                seen.push_back(request.substr(at, request.find('\r', at) - at));
                peer.answer(401, R"({"detail":"no such key: )" + seen.back() + R"("})");
            }
        });
        Client client(url(server));
        EXPECT_THAT(client.post().body, Not(HasSubstr("sk-very")));
        client.transport->set_api_key("sk-another-secret");
        const Reply reply = client.post();
        EXPECT_EQ(reply.body, R"({"detail":"no such key: [api key]"})");
        client.transport->set_api_key("broken\r\nX-Evil: yes");
        client.post();
        client.transport.reset();
    }
    EXPECT_THAT(seen, testing::ElementsAre("sk-very-secret-key", "sk-another-secret", "sk-another-secret"));
}

TEST(MakingADestination, RefusesWhatCanNotWork) {
    const auto error = [&](const std::string& base_url, const std::string& ca_file, const std::string& key) {
        UploadSettings settings;
        settings.base_url = base_url;
        settings.network.ca_file = ca_file;
        const auto made = make_destination(settings, {.api_key = key});
        return made ? std::string("made") : made.error().message;
    };
    EXPECT_THAT(error("https://host", "/does/not/exist.pem", "k"), HasSubstr("/does/not/exist.pem"));
    EXPECT_THAT(error("https://host", "/etc/hostname", "k"), HasSubstr("/etc/hostname"));
    EXPECT_THAT(error("http://example.org", "", "k"), HasSubstr("loopback"));
    EXPECT_THAT(error("nonsense", "", "k"), HasSubstr("scheme"));
    EXPECT_THAT(error("https://host", "", "secret\n"), Not(HasSubstr("secret")));
    EXPECT_THAT(error("https://host", "", "secret\n"), HasSubstr("line break"));
    EXPECT_EQ(error("https://host", "", "k"), "made");
}

}  // namespace
}  // namespace respand::upload
