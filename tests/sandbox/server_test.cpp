// The documented answers, over real sockets.
#include "sandbox/server/server.hpp"

#include <gmock/gmock.h>

#include <mutex>

#include "base/units.hpp"
#include "http_client.hpp"
#include "support/eventually.hpp"

namespace respand::sandbox {
namespace {

using respand::test::eventually;
using test::Client;
using test::Headers;
using test::Reply;
using testing::HasSubstr;

constexpr const char* kCreate = "/api/request-logs/create/";
constexpr const char* kBulk = "/api/request-logs/bulk/";

std::unique_ptr<Server> started(Options options = {}) {
    auto server = Server::start(std::move(options));
    if (!server) throw std::runtime_error(server.error().message);
    return std::move(*server);
}

std::string rows(std::size_t count) {
    std::string body = "{\"logs\":[";
    for (std::size_t i = 0; i < count; ++i) body += (i == 0 ? "" : ",") + std::string("{\"model\":\"m\"}");
    return body + "]}";
}

TEST(Server, a_created_log_is_kept_byte_for_byte) {
    const auto server = started();
    const std::string log = "{\"model\": \"m\",\n \"cost\": 0.00139220, \"z\":1,\"a\":2}";
    const Reply reply = Client(server->port()).post(kCreate, log);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("message"), "log successful");
    EXPECT_THAT(server->logs(), testing::ElementsAre(log));
}

TEST(Server, a_bulk_answer_tells_which_rows_failed) {
    const auto server = started();
    Client client(server->port());
    const Reply reply =
        client.post(kBulk, R"({"logs":[{"model":"a"},{"cost":1},{"model":"b"},{"model":7}]})");
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.json().at("success_count"), 2);
    EXPECT_EQ(reply.json().at("error_count"), 2);
    EXPECT_EQ(reply.json().at("errors").at(0).at("index"), 1);
    EXPECT_EQ(reply.json().at("errors").at(1).at("index"), 3);
    EXPECT_THAT(reply.json().at("errors").at(1).at("error").get<std::string>(), HasSubstr("model"));
    EXPECT_EQ(server->logs().size(), 2U);

    const Reply all_bad = client.post(kBulk, R"({"logs":[{"model":""}, 3]})");
    EXPECT_EQ(all_bad.status, 400);
    EXPECT_EQ(all_bad.json().at("success_count"), 0);
    EXPECT_EQ(all_bad.json().at("error_count"), 2);
    EXPECT_EQ(client.post(kBulk, rows(500)).status, 201);
}

TEST(Server, what_the_documentation_forbids_is_refused_with_a_reason) {
    const auto server = started();
    Client client(server->port());
    const Headers good = test::kGoodHeaders;
    struct Case {
        const char* method;
        const char* target;
        std::string body;
        Headers headers;
        int status;
        const char* reason;
    };
    const std::string log = R"({"model":"m"})";
    const Case cases[] = {
        {"POST", "/api/request-logs/create", log, good, 404, "trailing slash"},
        {"POST", "/api/request-logs/bulk?x=1", log, good, 404, "trailing slash"},
        {"POST", "/api/request-logs/", log, good, 404, kCreate},
        {"POST", "/", log, good, 404, kBulk},
        {"GET", kCreate, "", good, 405, "POST"},
        {"PUT", kBulk, log, good, 405, "POST"},
        {"DELETE", "/stats", "", good, 405, "GET"},
        {"POST", kCreate, log, {{"Content-Type", "application/json"}}, 401, "Bearer"},
        {"POST",
         kCreate,
         log,
         {{"Authorization", "Bearer "}, {"Content-Type", "application/json"}},
         401,
         "Bearer"},
        {"POST",
         kCreate,
         log,
         {{"Authorization", "Basic eA=="}, {"Content-Type", "application/json"}},
         401,
         "Bearer"},
        {"POST", kCreate, log, {{"Authorization", "Bearer k"}}, 415, "application/json"},
        {"POST",
         kCreate,
         log,
         {{"Authorization", "Bearer k"}, {"Content-Type", "text/plain"}},
         415,
         "application/json"},
        {"POST", kCreate, log, {good[0], good[1], {"Content-Encoding", "gzip"}}, 415, "encoding"},
        {"POST", kCreate, "", good, 400, "empty"},
        {"POST", kCreate, "{\"model\":", good, 400, "JSON"},
        {"POST", kCreate, "{\"model\":\"\xff\"}", good, 400, "JSON"},
        {"POST", kCreate, "[" + log + "]", good, 400, "array"},
        {"POST", kCreate, "\"m\"", good, 400, "object"},
        {"POST", kCreate, "{}", good, 422, "model"},
        {"POST", kCreate, R"({"model":"m","cost":-1})", good, 422, "cost"},
        {"POST", kBulk, "[" + log + "]", good, 400, "logs"},
        {"POST", kBulk, log, good, 400, "logs: this field is required"},
        {"POST", kBulk, R"({"logs":{}})", good, 400, "array"},
        {"POST", kBulk, R"({"logs":[]})", good, 400, "at least one"},
        {"POST", kBulk, rows(501), good, 400, "at most 500"},
    };
    for (const Case& c : cases) {
        const Reply reply = client.request(c.method, c.target, c.body, c.headers);
        EXPECT_EQ(reply.status, c.status) << c.target << " " << c.body.substr(0, 80);
        EXPECT_THAT(reply.detail(), HasSubstr(c.reason)) << c.target << " " << c.body.substr(0, 80);
        EXPECT_EQ(reply.headers.at("Content-Type"), "application/json");
    }
    EXPECT_EQ(server->stats().rows_accepted, 0U);
    EXPECT_EQ(server->stats().connections, 1U) << "a refusal does not end the connection";
}

TEST(Server, a_refused_log_names_its_fields) {
    const auto server = started();
    const Reply reply = Client(server->port()).post(kCreate, R"({"model":"","cost":"free"})");
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(reply.json().at("errors").size(), 2U);
    EXPECT_TRUE(reply.json().at("errors").at("cost").at(0).is_string());
}

TEST(Server, a_log_over_20_megabytes_and_a_body_over_the_limit_get_413) {
    Options options;
    options.max_body = 21'000'000;
    const auto server = started(options);
    const std::string large = "{\"model\":\"m\",\"input\":\"" + std::string(20'000'000, 'x') + "\"}";
    const Reply log = Client(server->port()).post(kCreate, large);
    EXPECT_EQ(log.status, 413);
    EXPECT_THAT(log.detail(), HasSubstr("20 MB"));
    EXPECT_THAT(Client(server->port()).post(kBulk, "{\"logs\":[" + large + "]}").detail(),
                HasSubstr("logs[0]"));

    // The answer is seen although the body is never read.
    Client client(server->port());
    const Reply body = client.post(kBulk, std::string(30'000'000, 'x'));
    EXPECT_EQ(body.status, 413);
    EXPECT_THAT(body.detail(), HasSubstr("21000000"));
    EXPECT_EQ(body.headers.at("Connection"), "close");
    EXPECT_EQ(server->stats().rows_received, 0U);
}

TEST(Server, only_the_given_key_is_let_in) {
    Options options;
    options.key = "right";
    const auto server = started(options);
    Client client(server->port());
    const auto with = [&](const std::string& value) {
        return client.request(
            "POST", kCreate, R"({"model":"m"})",
            {{"Authorization", value}, {"Content-Type", "application/json; charset=utf-8"}});
    };
    EXPECT_EQ(with("Bearer right").status, 200);
    EXPECT_EQ(with("bearer right").status, 200);
    const Reply wrong = with("Bearer wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.headers.at("WWW-Authenticate"), "Bearer");
    EXPECT_THAT(wrong.body, testing::Not(HasSubstr("right")));
}

TEST(Server, the_bulk_rate_is_held_and_the_wait_is_told) {
    Options options;
    options.bulk_rate = 2;
    const auto server = started(options);
    Client client(server->port());
    EXPECT_EQ(client.post(kBulk, rows(1)).status, 201);
    EXPECT_EQ(client.post(kBulk, rows(1)).status, 201);
    const Reply reply = client.post(kBulk, rows(1));
    EXPECT_EQ(reply.status, 429);
    EXPECT_GE(reply.json().at("retry_after").get<int>(), 1);
    EXPECT_LE(reply.json().at("retry_after").get<int>(), 60);
    EXPECT_EQ(reply.headers.at("Retry-After"), std::to_string(reply.json().at("retry_after").get<int>()));
    EXPECT_EQ(client.post(kCreate, R"({"model":"m"})").status, 200) << "the limit is that of bulk alone";
}

TEST(Server, statistics_add_up) {
    const auto server = started();
    Client client(server->port());
    client.post(
        kBulk,
        R"({"logs":[{"model":"m","custom_identifier":"a"},{"model":"m","custom_identifier":"b"},{}]})");
    client.post(kCreate, R"({"model":"m","custom_identifier":"a"})");
    client.post(kCreate, R"({"model":"m","full_request":{"headers":{"Authorization":"Bearer x"}}})");
    client.post(kCreate, "nonsense");
    const auto stats = client.get("/stats?expect=5").json();
    EXPECT_EQ(stats.at("requests"), 4);
    EXPECT_EQ(stats.at("requests_by_status"), nlohmann::json({{"200", 2}, {"201", 1}, {"400", 1}}));
    EXPECT_EQ(stats.at("rows_received"), 5);
    EXPECT_EQ(stats.at("rows_accepted"), 4);
    EXPECT_EQ(stats.at("rows_refused"), 1);
    EXPECT_EQ(stats.at("unique_ids"), 2);
    EXPECT_EQ(stats.at("duplicate_ids"), 1);
    EXPECT_EQ(stats.at("rows_without_id"), 1);
    EXPECT_EQ(stats.at("missing_ids"), 3);
    EXPECT_EQ(stats.at("secrets_seen"), 1);
    EXPECT_EQ(stats.at("connections"), 1);
    EXPECT_EQ(client.get("/logs?limit=1").json().at("logs").size(), 1U);
    EXPECT_EQ(client.get("/logs").json().at("logs").size(), 4U);
}

TEST(Server, prints_one_line_for_a_log_and_warns_of_secrets_without_their_value) {
    std::mutex mutex;
    std::string printed;
    Options options;
    options.print = [&](std::string_view lines) {
        const std::lock_guard lock(mutex);
        printed += lines;
    };
    const auto server = started(options);
    Client client(server->port());
    client.post(kCreate,
                R"({"model":"gpt-5.5","cost":0.10,"usage":{"prompt_tokens":1},"api_key":"sk-hush"})");
    client.post(kBulk, R"({"logs":[{"model":"ok"},{"model":""}]})");
    client.post(kBulk, "nonsense");
    server->stop();
    EXPECT_EQ(std::ranges::count(printed, '\n'), 5);
    EXPECT_THAT(printed, HasSubstr("cost 0.10 "));
    EXPECT_THAT(printed, HasSubstr("1 in / - out"));
    EXPECT_THAT(printed, HasSubstr("api_key"));
    EXPECT_THAT(printed, HasSubstr("row 1: model: must not be empty"));
    EXPECT_THAT(printed, HasSubstr("REFUSED with 400"));
    EXPECT_THAT(printed, testing::Not(HasSubstr("sk-hush")));
}

TEST(Server, bad_http_is_answered_counted_and_harms_nobody) {
    const auto server = started();
    Client neighbour(server->port());
    for (const char* bad : {"NOT HTTP AT ALL\r\n\r\n", "\r\n\r\n\x01\x02", "GET / HTTP/9.9\r\n\r\n",
                            "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        Client client(server->port());
        client.send_raw(bad);
        EXPECT_EQ(client.read_reply().status, 400) << bad;
    }
    Client endless(server->port());
    endless.send_raw("GET / HTTP/1.1\r\nX: " + std::string(200'000, 'x'));
    EXPECT_EQ(endless.read_reply().status, 400);
    {
        Client(server->port())
            .send_raw("POST /api/request-logs/create/ HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
    }
    EXPECT_EQ(server->stats().malformed_requests, 6U);
    EXPECT_EQ(neighbour.post(kCreate, R"({"model":"m"})").status, 200);
}

TEST(Server, keep_alive_pipelining_chunks_and_expect_work) {
    const auto server = started();
    Client client(server->port());
    const std::string head =
        "POST /api/request-logs/create/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
        "Content-Type: application/json\r\n";
    const std::string plain = head + "Content-Length: 13\r\n\r\n{\"model\":\"m\"}";
    client.send_raw(plain + plain);
    EXPECT_EQ(client.read_reply().status, 200);
    EXPECT_EQ(client.read_reply().status, 200);

    client.send_raw(head + "Transfer-Encoding: chunked\r\n\r\n6\r\n{\"mode\r\n7\r\nl\":\"m\"}\r\n0\r\n\r\n");
    EXPECT_EQ(client.read_reply().status, 200);

    client.send_raw(head + "Expect: 100-continue\r\nContent-Length: 13\r\n\r\n");
    EXPECT_EQ(client.read_reply().status, 100);
    client.send_raw("{\"model\":\"m\"}");
    EXPECT_EQ(client.read_reply().status, 200);

    EXPECT_EQ(client.request("HEAD", "/stats").status, 405);
    EXPECT_EQ(server->stats().rows_accepted, 4U);
    client.send_raw("GET /stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read_reply().status, 200);
    EXPECT_EQ(client.end(), boost::asio::error::eof);
    EXPECT_TRUE(eventually([&] { return server->stats().open_connections == 0; }));
}

TEST(Server, many_connections_are_served_at_once) {
    const auto server = started();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<Client>(server->port()));
    for (const auto& client : clients) EXPECT_EQ(client->post(kCreate, R"({"model":"m"})").status, 200);
    EXPECT_EQ(server->stats().open_connections, 200U);
    server->stop();
    EXPECT_EQ(server->stats().open_connections, 0U);
    EXPECT_EQ(server->stats().rows_accepted, 200U);
}

TEST(Server, restarts_on_its_port_and_refuses_a_port_in_use) {
    auto first = started();
    const std::uint16_t port = first->port();
    EXPECT_EQ(first->base_url(), "http://127.0.0.1:" + std::to_string(port) + "/api");
    Client client(port);
    EXPECT_EQ(client.post(kCreate, R"({"model":"m"})").status, 200);

    Options same;
    same.listen = "127.0.0.1:" + std::to_string(port);
    const auto refused = Server::start(same);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("in use"));

    first->stop();
    first->stop();
    const auto second = started(same);
    EXPECT_EQ(Client(port).post(kCreate, R"({"model":"m"})").status, 200);
    EXPECT_EQ(second->stats().rows_accepted, 1U);
}

TEST(Server, wrong_options_are_told_before_anything_starts) {
    const auto error_of = [](auto change) {
        Options options;
        change(options);
        const auto server = Server::start(options);
        return server ? std::string("started") : server.error().message;
    };
    EXPECT_THAT(error_of([](Options& o) { o.listen = "8080"; }), HasSubstr("ADDRESS:PORT"));
    EXPECT_THAT(error_of([](Options& o) { o.listen = "127.0.0.1:99999"; }), HasSubstr("ADDRESS:PORT"));
    EXPECT_THAT(error_of([](Options& o) { o.listen = "::1:80"; }), HasSubstr("ADDRESS:PORT"));
    EXPECT_THAT(error_of([](Options& o) { o.listen = "203.0.113.7:0"; }), HasSubstr("203.0.113.7"));
    EXPECT_THAT(error_of([](Options& o) { o.prefix = "api/"; }), HasSubstr("prefix"));
    EXPECT_THAT(error_of([](Options& o) { o.max_body = 0; }), HasSubstr("body"));
    EXPECT_THAT(error_of([](Options& o) { o.tls.cert_file = "x"; }), HasSubstr("key"));
    EXPECT_THAT(error_of([](Options& o) { o.faults.reset_rate = 2; }), HasSubstr("reset"));
}

TEST(Server, another_prefix_moves_both_calls) {
    Options options;
    options.prefix = "";
    const auto server = started(options);
    Client client(server->port());
    EXPECT_EQ(client.post("/request-logs/create/", R"({"model":"m"})").status, 200);
    EXPECT_EQ(client.post(kCreate, R"({"model":"m"})").status, 404);
}

TEST(Server, count_only_counts_without_reading) {
    Options options;
    options.count_only = true;
    const auto server = started(options);
    Client client(server->port());
    const std::string id = "~bq000000000000.0000000000000000001";
    const Reply reply = client.post(kBulk, R"({"logs":[{"custom_identifier":")" + id + R"("}, broken ]})");
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.json().at("success_count"), 1);
    const Stats stats = server->stats();
    EXPECT_EQ(stats.unique_ids, 1U);
    EXPECT_EQ(stats.latency_us.count, 1U);
    EXPECT_GT(stats.latency_us.p50, 0);
    EXPECT_EQ(client.request("POST", kBulk, "{}", {}).status, 401) << "the key is still asked for";
}

}  // namespace
}  // namespace respand::sandbox
