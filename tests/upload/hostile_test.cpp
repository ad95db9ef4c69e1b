// Servers that do everything wrong, byte by byte: what each is taken for, and that none of them holds us up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "client.hpp"
#include "support/temp_dir.hpp"
#include "upload/classify.hpp"

namespace respand::upload {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Client;
using test::Peer;
using test::PeerServer;
using testing::HasSubstr;

std::string url(const PeerServer& server) { return "http://127.0.0.1:" + server.port() + "/api"; }

Cause cause(const Reply& reply) {
    return classify(reply, {.url = "https://host/", .records = 2, .endpoint = Endpoint::bulk, .now = {}})
        .cause;
}

/// What came of a request whose answer is `answer`; then the server waits (or closes).
Reply reply_to(const std::string& answer, bool closes = false, milliseconds patience = seconds(20)) {
    PeerServer server([&](Peer& peer, int) {
        peer.read_request();
        peer.write(answer);
        if (!closes) peer.wait_for_close();
    });
    Client client(url(server));
    client.settings.request_timeout = patience;
    client.apply();
    Reply reply = client.post();
    EXPECT_LE(reply.body.size(), kMaxResponseBytes);
    return reply;
}

/// The same with `piece` dripped behind it without end: only the time-out of the whole request can help.
Reply reply_to_drip(const std::string& answer, const std::string& piece) {
    PeerServer server([&](Peer& peer, int) {
        peer.read_request();
        peer.write(answer);
        peer.drip(piece);
    });
    Client client(url(server));
    client.settings.request_timeout = milliseconds(150);
    client.apply();
    Reply reply = client.post();
    EXPECT_LT(reply.elapsed, seconds(10));
    return reply;
}

TEST(AByteAtATime, EndsWithTheTimeOutOfTheWholeRequest) {
    for (const auto& [answer, piece] : std::initializer_list<std::pair<std::string, std::string>>{
             {"", "H"},                                                               // never a status line
             {"HTTP/1.1 200 OK\r\nA: ", "x"},                                         // a slow header
             {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x"},              // a slow body
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"}  // slow chunks
         }) {
        const Reply reply = reply_to_drip(answer, piece);
        if (answer.empty() && reply.fault == TransportFault::bad_answer) continue;  // "HHHH" is no HTTP
        EXPECT_EQ(reply.fault, TransportFault::timeout) << answer << name(reply.fault) << reply.detail;
        EXPECT_EQ(cause(reply), Cause::transient);
        EXPECT_TRUE(reply.may_have_arrived);
    }
}

TEST(ABodyWithoutEnd, IsCutAndItsStatusCounts) {
    for (const char* head :
         {"HTTP/1.1 201 X\r\n\r\n", "HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        PeerServer server([head](Peer& peer, int) {
            peer.read_request();
            peer.write(head);
            const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";
            for (int i = 0; i < 64; ++i) peer.write(chunk);
        });
        Client client(url(server));
        const Reply reply = client.post();
        EXPECT_EQ(reply.status, 201) << name(reply.fault) << reply.detail;
        EXPECT_TRUE(reply.body_cut);
        EXPECT_LE(reply.body.size(), kMaxResponseBytes);
    }
}

TEST(HeadersWithoutEnd, AreABadAnswer) {
    const std::string large = "X-" + std::string(1'000, 'a') + ": b\r\n";
    std::string many = "HTTP/1.1 200 OK\r\n";
    while (many.size() <= 2 * kMaxHeaderBytes) many += large;
    std::string trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    while (trailers.size() <= 2 * (kMaxHeaderBytes + kMaxResponseBytes)) trailers += large;
    const std::string extension = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                                  std::string(2 * (kMaxHeaderBytes + kMaxResponseBytes), 'x');
    for (const std::string& answer :
         {many, "HTTP/1.1 200 " + std::string(2 * kMaxHeaderBytes, 'x'), trailers, extension}) {
        const Reply reply = reply_to(answer);
        EXPECT_EQ(reply.fault, TransportFault::bad_answer)
            << answer.substr(0, 80) << name(reply.fault) << reply.detail;
        EXPECT_EQ(cause(reply), Cause::transient);
    }
}

TEST(BadChunking, IsABadAnswer) {
    for (const char* body : {"xyz\r\nabc\r\n0\r\n\r\n", "-1\r\na\r\n0\r\n\r\n", "fffffffffffffffff\r\na\r\n",
                             "3\r\nabcdef\r\n0\r\n\r\n", "\r\n\r\n"}) {
        const Reply reply =
            reply_to(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") + body);
        EXPECT_EQ(reply.status, 0) << body;
        EXPECT_EQ(reply.fault, TransportFault::bad_answer) << body << name(reply.fault) << reply.detail;
        EXPECT_EQ(cause(reply), Cause::transient);
    }
    EXPECT_EQ(reply_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", true).fault,
              TransportFault::reset);
}

TEST(AWrongContentLength, IsNeverBelieved) {
    const auto with = [](const std::string& lengths, const std::string& body, bool closes) {
        return reply_to("HTTP/1.1 200 OK\r\n" + lengths + "\r\n" + body, closes, milliseconds(300));
    };
    EXPECT_EQ(with("Content-Length: 100\r\n", "short", true).fault, TransportFault::reset);
    EXPECT_EQ(with("Content-Length: 100\r\n", "short", false).fault, TransportFault::timeout);
    for (const char* lengths :
         {"Content-Length: -1\r\n", "Content-Length: two\r\n", "Content-Length: 2, 3\r\n",
          "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 99999999999999999999999\r\n",
          "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"}) {
        const Reply reply = with(lengths, "{}", false);
        EXPECT_EQ(reply.fault, TransportFault::bad_answer) << lengths << name(reply.fault) << reply.detail;
        EXPECT_EQ(cause(reply), Cause::transient);
    }
}

TEST(BytesBehindAnAnswer, AreNeverTakenForTheNextOne) {
    const std::string evil = "HTTP/1.1 401 X\r\nContent-Length: 4\r\n\r\nevil";
    for (const std::string& answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" + evil, "HTTP/1.1 204 X\r\n\r\n" + evil,
          std::string("HTTP/1.1 204 X\r\nContent-Length: 4\r\n\r\nbody"),
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + evil}) {
        PeerServer server([&](Peer& peer, int number) {
            peer.read_request();
            peer.write(number == 0 ? answer : "HTTP/1.1 202 X\r\nContent-Length: 2\r\n\r\n{}");
            peer.wait_for_close();
        });
        Client client(url(server));
        EXPECT_EQ(client.post().status / 100, 2);
        EXPECT_EQ(client.post().status, 202) << "on a connection of its own";
    }
}

TEST(BytesBehindAnAnswer, ThatComeLaterOrUnderTlsAreSeenToo) {
    const auto certificate = respand::test::make_certificate("localhost");
    for (const auto* const tls : {static_cast<const respand::test::Certificate*>(nullptr), &certificate}) {
        PeerServer server(
            [](Peer& peer, int number) {
                peer.read_request();
                peer.answer(number == 0 ? 200 : 202, "{}");
                if (number == 0) peer.answer(401, "evil");  // a record of its own under TLS
                peer.wait_for_close();
            },
            tls);
        Client client((tls == nullptr ? "http" : "https") + ("://localhost:" + server.port()));
        respand::test::TempDir dir;
        if (tls != nullptr) {
            std::ofstream(dir.file("ca.pem")) << certificate.cert_pem;
            client.settings.network.ca_file = dir.file("ca.pem");
        }
        client.apply();
        EXPECT_EQ(client.post().status, 200);
        const Reply second = client.post();
        EXPECT_EQ(second.status, 202) << name(second.fault) << second.detail;
    }
}

TEST(AConnectionThatEndsAfterTheRequest, MayMeanThatItArrived) {
    const Reply reply = reply_to("", true);
    EXPECT_EQ(reply.fault, TransportFault::reset);
    EXPECT_TRUE(reply.may_have_arrived);
    EXPECT_EQ(cause(reply), Cause::transient);
}

TEST(AWebPage, IsNoDelivery) {
    const std::string page = "<!doctype html><title>Log in</title>";
    const Reply reply =
        reply_to("HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Length: " +
                 std::to_string(page.size()) + "\r\n\r\n" + page);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(cause(reply), Cause::operator_fault);
}

TEST(ARedirect, IsAnOperatorFaultAndNeverFollowed) {
    for (const int status : {301, 302, 303, 307, 308}) {
        PeerServer elsewhere([](Peer& peer, int) { peer.read_request(); });
        const Reply reply = reply_to("HTTP/1.1 " + std::to_string(status) +
                                     " X\r\nLocation: " + url(elsewhere) + "/\r\nContent-Length: 0\r\n\r\n");
        EXPECT_EQ(reply.status, status);
        EXPECT_EQ(cause(reply), Cause::operator_fault);
        EXPECT_EQ(elsewhere.connections(), 0);
    }
}

TEST(InterimAnswers, AreSkippedUnlessTheyDoNotEnd) {
    const Reply good = reply_to(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
        "Link: </x>\r\n\r\nHTTP/1.1 201 X\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(good.status, 201) << name(good.fault) << good.detail;
    const Reply endless = reply_to_drip("", "HTTP/1.1 102 Processing\r\n\r\n");
    EXPECT_EQ(endless.fault, TransportFault::bad_answer);
    EXPECT_EQ(cause(endless), Cause::transient);
    const Reply switched = reply_to("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nxxxx");
    EXPECT_EQ(switched.status, 101);
    EXPECT_EQ(cause(switched), Cause::transient);
}

TEST(APackedAnswer, CountsByItsStatusAndIsNotReadAsText) {
    const std::string packed("\x1f\x8b\x08{\"success_count\":0,\"error_count\":2}", 38);
    for (const int status : {200, 401, 503}) {
        const Reply reply =
            reply_to("HTTP/1.1 " + std::to_string(status) +
                     " X\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(packed.size()) +
                     "\r\n\r\n" + packed);
        EXPECT_EQ(reply.status, status);
        EXPECT_EQ(reply.body, "");
        EXPECT_EQ(cause(reply), status == 200   ? Cause::delivered
                                : status == 401 ? Cause::operator_fault
                                                : Cause::transient);
    }
}

TEST(AnOldServer, IsUnderstoodAndOneBeforeHttpIsNot) {
    const Reply old =
        reply_to("HTTP/1.0 201 Created\r\nContent-Type: application/json\r\n\r\n{\"success_count\":2}", true);
    EXPECT_EQ(old.status, 201);
    EXPECT_EQ(old.body, "{\"success_count\":2}");
    EXPECT_EQ(cause(old), Cause::delivered);
    for (const char* text :
         {"{\"success_count\":2}", "<html>hello</html>", "\x01\x02\x03\x04", "HTTP/2.0 200 OK\r\n\r\n",
          "HTTP/1.1 20 X\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n", "ICY 200 OK\r\n\r\n"}) {
        const Reply reply = reply_to(text, true);
        EXPECT_EQ(reply.status, 0) << text;
        EXPECT_EQ(cause(reply), Cause::transient) << text;
    }
}

TEST(AnAnswerBeforeTheRequestWasRead, IsNoDelivery) {
    PeerServer server([](Peer& peer, int) {
        peer.read_head();
        peer.answer(200, R"({"success_count":1})");
        peer.wait_for_close();
    });
    Client client(url(server));
    const Reply reply = client.post(test::large_batch(20'000'000));
    EXPECT_EQ(reply.fault, TransportFault::bad_answer) << reply.status;
    EXPECT_THAT(reply.detail, HasSubstr("before it had the whole request"));
    EXPECT_FALSE(reply.may_have_arrived);
    EXPECT_EQ(cause(reply), Cause::transient);
}

TEST(AConnectionThatIsNeverRead, EndsWithTheTimeOut) {
    std::atomic<bool> over = false;
    PeerServer server([&](Peer&, int) { respand::test::eventually([&] { return over.load(); }); });
    Client client(url(server));
    client.settings.request_timeout = milliseconds(80);
    client.apply();
    const Reply reply = client.post(test::large_batch(30'000'000));
    over = true;
    EXPECT_EQ(reply.fault, TransportFault::timeout);
    EXPECT_FALSE(reply.may_have_arrived);
    EXPECT_EQ(cause(reply), Cause::transient);
}

TEST(AHandshakeThatNeverEnds, EndsWithTheTimeOut) {
    // A TLS record header that announces 16 KiB, then a byte at a time.
    PeerServer server([](Peer& peer, int) {
        peer.write(std::string("\x16\x03\x03\x40\x00", 5));
        peer.drip("x");
    });
    Client client("https://127.0.0.1:" + server.port());
    client.settings.connect_timeout = milliseconds(100);
    client.apply();
    const Reply reply = client.post();
    EXPECT_EQ(reply.fault, TransportFault::timeout) << name(reply.fault) << reply.detail;
    EXPECT_LT(reply.elapsed, seconds(10));
    EXPECT_EQ(cause(reply), Cause::transient);
}

TEST(GarbageInsteadOfTls, IsATlsFault) {
    std::string noise;
    for (int i = 0; i < 100'000; ++i) noise += static_cast<char>(i * 31 + (i >> 3));
    for (const std::string& text : {noise, std::string("SSH-2.0-OpenSSH_9.2\r\n"), std::string(5, '\0')}) {
        PeerServer server([&](Peer& peer, int) { peer.write(text); });
        Client client("https://127.0.0.1:" + server.port());
        const Reply reply = client.post();
        EXPECT_EQ(reply.fault, TransportFault::tls_failed) << name(reply.fault) << reply.detail;
        EXPECT_FALSE(reply.may_have_arrived);
        EXPECT_EQ(cause(reply), Cause::transient);
    }
}

}  // namespace
}  // namespace respand::upload
