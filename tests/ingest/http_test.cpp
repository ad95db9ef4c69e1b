// The HTTP listener over real sockets: well-behaved clients, hostile ones, and a sink that can't.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "ingest/http_listener.hpp"
#include "ingest_fixture.hpp"
#include "support/http_client.hpp"

namespace respand::ingest {
namespace {

using test::HttpClient;
using test::HttpReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;
using namespace std::chrono_literals;

class Http : public IngestTest {
  protected:
    Http() { enable_http(); }
    std::uint16_t port() const {
        const std::string address = group->addresses().back().address;
        return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    }
    HttpClient connect() const { return HttpClient(port()); }
    /// The reply, as soon as it is there. `commit`: what was taken becomes durable meanwhile.
    HttpReply reply(HttpClient& client, bool commit = true, bool to_head = false) {
        std::optional<HttpReply> got;
        EXPECT_TRUE(until([&] {
            if (commit) sink.commit();
            return (got = client.try_read(to_head)) || client.ended();
        }));
        return got.value_or(HttpReply{});
    }
    HttpReply post(HttpClient& client, std::string_view target, std::string_view body,
                   std::string_view headers = HttpClient::kJson) {
        client.send("POST", target, body, headers);
        return reply(client);
    }
    bool ends(HttpClient& client) {
        return until([&] { return !client.try_read() && client.ended(); });
    }
    ListenerCounters counters() const { return group->counters(); }
};

TEST_F(Http, ARecordIsAnsweredWhenItIsDurableAndNotBefore) {
    open();
    HttpClient app = connect();
    sink.judge = [](std::string_view) { return Verdict{Verdict::Outcome::accepted, {}, {}, "its-id"}; };
    ASSERT_TRUE(app.send("POST", "/v1/records", R"({"model":"m"})"));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
    settle();
    EXPECT_FALSE(app.try_read());
    sink.commit();
    const HttpReply answer = reply(app, false);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(Json::parse(answer.body)["ids"][0], "its-id");
    EXPECT_THAT(sink.texts, ElementsAre(R"({"model":"m"})"));
    EXPECT_EQ(sink.origins.back().listener, ListenerKind::http);
    EXPECT_EQ(counters().http_taken, 1U);
}

TEST_F(Http, EachWayToSendSeveralIsCutIntoRecords) {
    open();
    HttpClient app = connect();
    EXPECT_EQ(post(app, "/v1/records", R"([{"a":1},{"b":2}])").status, 201);
    EXPECT_EQ(
        post(app, "/v1/records", "{\"c\":3}\n{\"d\":4}\n", "Content-Type: application/x-ndjson\r\n").status,
        201);
    const Json bulk = Json::parse(post(app, "/api/request-logs/bulk/", R"({"logs":[{"e":5}]})").body);
    EXPECT_EQ(bulk["success_count"], 1);
    EXPECT_EQ(bulk["errors"], Json::array());
    EXPECT_EQ(Json::parse(post(app, "/api/request-logs/create/", R"({"f":6})").body)["message"],
              "log successful");
    EXPECT_THAT(sink.texts, ElementsAre(R"({"a":1})", R"({"b":2})", R"({"c":3})", R"({"d":4})", R"({"e":5})",
                                        R"({"f":6})"));
    EXPECT_EQ(counters().connections_open, 1U) << "one connection for all of them";
}

TEST_F(Http, ABadRecordIsNamedAndCostsNoNeighbour) {
    open();
    HttpClient app = connect();
    sink.judge = [](std::string_view text) {
        return text == "2" ? Verdict{Verdict::Outcome::refused, "not_object", "no object", {}} : Verdict{};
    };
    const HttpReply some = post(app, "/api/request-logs/bulk/", R"({"logs":[{},2,{}]})");
    EXPECT_EQ(some.status, 201);
    EXPECT_EQ(Json::parse(some.body)["errors"],
              Json::parse(R"([{"index":1,"reason":"not_object","error":"no object"}])"));
    EXPECT_EQ(post(app, "/v1/records", "[2]").status, 400);
    EXPECT_EQ(post(app, "/v1/records", "[{},{}").status, 400);
    EXPECT_THAT(sink.faults, ElementsAre(Fault::broken_body));
    EXPECT_EQ(post(app, "/v1/records", "{}").status, 201) << "the connection goes on";
}

TEST_F(Http, RequestsSentAheadAreAnsweredInOrder) {
    open();
    HttpClient app = connect();
    std::string ahead;
    for (int i = 0; i < 20; ++i)
        ahead +=
            "POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
            "2\r\n\r\n{}";
    ASSERT_TRUE(app.send_raw(ahead + "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(reply(app).status, 201);
    EXPECT_EQ(reply(app).status, 404);
    EXPECT_EQ(sink.count, 20U);
}

TEST_F(Http, ChunksContinueAndOldVersionsAreUnderstood) {
    open();
    HttpClient app = connect();
    ASSERT_TRUE(
        app.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\nT: z\r\n\r\n"));
    EXPECT_EQ(reply(app).status, 201);
    ASSERT_TRUE(
        app.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    EXPECT_EQ(reply(app).status, 100);
    ASSERT_TRUE(app.send_raw("{}"));
    EXPECT_EQ(reply(app).status, 201);
    ASSERT_TRUE(app.send_raw("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_EQ(reply(app, true, true).status, 200);
    ASSERT_TRUE(app.send_raw(
        "POST /v1/records HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"));
    const HttpReply last = reply(app);
    EXPECT_EQ(last.status, 201);
    EXPECT_EQ(last.headers.at("connection"), "close");
    EXPECT_TRUE(ends(app));
    EXPECT_THAT(sink.texts, ElementsAre(R"({"a":1})", "{}", "{}"));
}

TEST_F(Http, WhatIsRefusedByItsHeadCostsNoBody) {
    open();
    HttpClient page = connect();
    const HttpReply foreign =
        post(page, "/v1/records", "{}", "Content-Type: application/json\r\nOrigin: https://example.com\r\n");
    EXPECT_EQ(foreign.status, 403);
    HttpClient form = connect();
    EXPECT_EQ(post(form, "/v1/records", "{}", "Content-Type: text/plain\r\n").status, 415);
    HttpClient get = connect();
    const HttpReply method = post(get, "/healthz", "");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.headers.at("allow"), "GET, HEAD");
    HttpClient large = connect();
    ASSERT_TRUE(
        large.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                       "Expect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n"));
    EXPECT_EQ(reply(large).status, 413);
    EXPECT_THAT(sink.faults, ElementsAre(Fault::body_too_large));
    EXPECT_EQ(sink.count, 0U);
    EXPECT_EQ(counters().http_refused, 4U) << "the page, the form, the method, the size";
}

TEST_F(Http, AFullQueueIsSaidAtOnceAndNothingIsTaken) {
    open();
    sink.open = false;
    sink.stopped = true;
    HttpClient app = connect();
    const HttpReply answer = post(app, "/v1/records", "[{},{}]");
    EXPECT_EQ(answer.status, 503);
    EXPECT_GT(std::stoi(answer.headers.at("retry-after")), 0);
    EXPECT_EQ(sink.count, 0U);
    HttpClient probe = connect();
    ASSERT_TRUE(probe.send_raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_EQ(reply(probe).status, 503);
    HttpClient careful = connect();
    ASSERT_TRUE(
        careful.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                         "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"));
    EXPECT_EQ(reply(careful).status, 503) << "before the body was sent";
    sink.open = true;
    EXPECT_EQ(post(app, "/v1/records", "{}").status, 201) << "on the same connection";
}

TEST_F(Http, ASinkThatIsBusyIsWaitedForAWhile) {
    open();
    sink.open = false;
    HttpClient app = connect();
    ASSERT_TRUE(app.send("POST", "/v1/records", "{}"));
    settle();
    HttpClient gone = connect();
    ASSERT_TRUE(gone.send("POST", "/v1/records", "{}"));
    settle();
    EXPECT_EQ(sink.count, 0U);
    EXPECT_FALSE(app.try_read());
    sink.open = true;
    group->resume();
    EXPECT_EQ(reply(app).status, 201);
    EXPECT_EQ(reply(gone).status, 201);
    sink.open = false;
    ASSERT_TRUE(app.send("POST", "/v1/records", "{}"));
    EXPECT_EQ(reply(app).status, 503) << "but not for ever";
    EXPECT_EQ(sink.count, 2U);
}

TEST_F(Http, ACommitThatTakesTooLongIsSaidAndALateOneAnswersNobodyElse) {
    settings.http->commit_timeout = 200ms;
    open();
    HttpClient app = connect();
    ASSERT_TRUE(app.send("POST", "/v1/records", "{}"));
    const HttpReply answer = reply(app, false);
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr("not durable yet"));
    const auto late = std::exchange(sink.waiting, {});
    ASSERT_TRUE(app.send("POST", "/v1/records", "{}"));
    ASSERT_TRUE(until([&] { return sink.count == 2; }));
    for (const auto& callback : late) callback(true);
    settle();
    EXPECT_FALSE(app.try_read()) << "that commit was not of this record";
    EXPECT_EQ(reply(app).status, 201);
}

TEST_F(Http, AStopAnswersWhatWasTakenAndCutsTheRest) {
    open();
    HttpClient taken = connect();
    HttpClient half = connect();
    HttpClient idle = connect();
    ASSERT_TRUE(taken.send("POST", "/v1/records", "{}"));
    ASSERT_TRUE(
        half.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                      "Content-Length: 9\r\n\r\n{}"));
    ASSERT_TRUE(until([&] { return sink.count == 1 && counters().connections_open == 3; }));
    settle();
    const std::uint16_t here = port();
    group->close();
    sink.expect_silence();
    EXPECT_TRUE(ends(half));
    EXPECT_TRUE(ends(idle));
    EXPECT_FALSE(HttpClient(here).connected()) << "nobody else comes in";
    const HttpReply answer = reply(taken);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    ASSERT_TRUE(ends(taken));
    group.reset();
}

TEST_F(Http, RecordsThatCanNeverBecomeDurableAreSaidToBeLost) {
    open();
    HttpClient app = connect();
    ASSERT_TRUE(app.send("POST", "/v1/records", "{}"));
    ASSERT_TRUE(until([&] { return sink.count == 1; }));
    sink.commit(false);
    const HttpReply answer = reply(app, false);
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr("send it again"));
}

TEST_F(Http, AUnixSocketSaysWhoSends) {
    settings.http->listen.clear();
    settings.http->socket.path = dir.file("http.sock");
    settings.http->socket.mode = 0600;
    open();
    HttpClient app(settings.http->socket.path);
    ASSERT_TRUE(app.connected());
    EXPECT_EQ(post(app, "/v1/records", "{}").status, 201);
    EXPECT_EQ(sink.origins.back().uid, ::getuid());
    EXPECT_EQ(sink.origins.back().pid, ::getpid());
    struct stat status{};
    ASSERT_EQ(::stat(settings.http->socket.path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Http, TcpAndUnixMayBeListenedOnTogether) {
    settings.http->socket.path = dir.file("http.sock");
    open();
    EXPECT_THAT(group->addresses(), SizeIs(2));
    HttpClient app(settings.http->socket.path);
    EXPECT_EQ(post(app, "/v1/records", "{}").status, 201);
}

// Hostile clients.

TEST_F(Http, WhoIsTooSlowIsToldAndGoes) {
    settings.http->header_timeout = 200ms;
    settings.http->body_timeout = 200ms;
    open();
    HttpClient head = connect();
    ASSERT_TRUE(head.send_raw("POST /v1/re"));
    HttpClient body = connect();
    ASSERT_TRUE(
        body.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                      "Content-Length: 9\r\n\r\n{"));
    EXPECT_EQ(reply(head).status, 408);
    EXPECT_EQ(reply(body).status, 408);
    EXPECT_TRUE(ends(head));
    EXPECT_TRUE(ends(body));
    EXPECT_THAT(sink.faults, ElementsAre(Fault::half_body));
}

TEST_F(Http, AByteNowAndThenBuysNoTime) {
    settings.http->header_timeout = 300ms;
    open();
    HttpClient drip = connect();
    const auto start = std::chrono::steady_clock::now();
    auto next = start;
    std::optional<HttpReply> answer;
    ASSERT_TRUE(until([&] {
        if (std::chrono::steady_clock::now() >= next) {
            drip.send_raw("x");
            next += 20ms;
        }
        return (answer = drip.try_read()) || drip.ended();
    }));
    EXPECT_EQ(answer.value_or(HttpReply{}).status, 408);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(Http, AHeadWithoutEndIsCutOff) {
    open();
    HttpClient app = connect();
    ASSERT_TRUE(app.send_raw("POST /v1/records HTTP/1.1\r\nX: " + std::string(100'000, 'x')));
    EXPECT_EQ(reply(app).status, 431);
    EXPECT_TRUE(ends(app));
}

TEST_F(Http, BytesThatAreNoHttpAreAnswered400) {
    open();
    for (const char* text :
         {"rubbish\r\n\r\n", "POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
          "POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
          "POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
          "\x16\x03\x01\x02", "{\"model\":\"m\"}\n"}) {
        HttpClient app = connect();
        ASSERT_TRUE(app.send_raw(std::string(text) + "\r\n\r\n"));
        EXPECT_EQ(reply(app).status, 400) << text;
        EXPECT_TRUE(ends(app));
    }
    HttpClient app = connect();
    ASSERT_TRUE(
        app.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n2\r\n{}rubbish\r\n"));
    EXPECT_EQ(reply(app).status, 400);
    EXPECT_THAT(sink.faults, ElementsAre(Fault::broken_body));
    EXPECT_EQ(sink.count, 0U);
}

TEST_F(Http, ABodyThatStopsHalfWayIsNoRecord) {
    open();
    {
        HttpClient app = connect();
        ASSERT_TRUE(
            app.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                         "Content-Length: 20\r\n\r\n{\"a\":1}"));
    }
    ASSERT_TRUE(until([&] { return !sink.faults.empty() && counters().connections_open == 0; }));
    EXPECT_THAT(sink.faults, ElementsAre(Fault::half_body));
    EXPECT_EQ(sink.count, 0U);
}

TEST_F(Http, AChunkedBodyIsBoundedToo) {
    settings.http->max_body = 64_KiB;
    open();
    HttpClient app = connect();
    ASSERT_TRUE(
        app.send_raw("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n"));
    const std::string chunk = "8000\r\n" + std::string(0x8000, ' ') + "\r\n";
    ASSERT_TRUE(app.send_raw(chunk + chunk + "1\r\n"));
    EXPECT_EQ(reply(app).status, 413);
    EXPECT_THAT(sink.faults, ElementsAre(Fault::body_too_large));
}

TEST_F(Http, MoreLargeBodiesThanMayBeInMemoryAllArrive) {
    constexpr std::size_t kApps = HttpListener::kLargeBodyPermits * 2 + 1;
    sink.keep_text = false;
    open();
    std::vector<HttpClient> apps;
    const std::string body = "{\"a\":\"" + std::string(200'000, 'x') + "\"}";
    for (std::size_t i = 0; i < kApps; ++i) {
        apps.push_back(connect());
        ASSERT_TRUE(apps.back().send_raw(
            "POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n{"));
    }
    settle();  // all have begun, and nobody has more than a byte
    HttpClient small = connect();
    EXPECT_EQ(post(small, "/v1/records", "{}").status, 201) << "small ones go on";
    std::size_t answered = 0;
    std::vector<std::size_t> sent(kApps, 1);
    ASSERT_TRUE(until([&] {
        sink.commit();
        for (std::size_t i = 0; i < kApps; ++i) {
            const ssize_t wrote = ::send(apps[i].fd(), body.data() + sent[i], body.size() - sent[i],
                                         MSG_DONTWAIT | MSG_NOSIGNAL);
            if (wrote > 0) sent[i] += static_cast<std::size_t>(wrote);
            if (const auto answer = apps[i].try_read()) answered += answer->status == 201 ? 1 : 0;
        }
        return answered == kApps;
    })) << answered;
    EXPECT_EQ(sink.count, kApps + 1);
    EXPECT_THAT(sink.faults, IsEmpty());
}

TEST_F(Http, AThousandIdleConnectionsNeitherCostMuchNorShutTheDoor) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    settings.http->max_connections = 1000;
    open();
    const std::size_t before = resident_bytes();
    std::vector<HttpClient> idle;
    for (int i = 0; i < 1000; ++i) {
        idle.push_back(connect());
        ASSERT_TRUE(idle.back().connected());
        settle();
    }
    ASSERT_TRUE(until([&] { return counters().connections_open == 1000; }));
    if (kExactMemory) {
        EXPECT_LT(resident_bytes() - before, 16U << 20);
    }
    HttpClient early = connect();
    EXPECT_EQ(reply(early).status, 503) << "they may all be about to speak";
    EXPECT_EQ(counters().connections_refused, 1U);
    std::optional<HttpReply> answer;
    ASSERT_TRUE(until([&] {
        HttpClient app = connect();
        app.send("POST", "/v1/records", "{}");
        answer = reply(app);
        return answer->status == 201;
    })) << "one of them makes room";
    EXPECT_EQ(sink.count, 1U);
}

}  // namespace
}  // namespace respand::ingest
