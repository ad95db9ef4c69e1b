// Each fault, over real sockets.
#include <gmock/gmock.h>

#include "http_client.hpp"
#include "sandbox/server/server.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::sandbox {
namespace {

using test::Client;
using test::Reply;
using testing::HasSubstr;

constexpr const char* kCreate = "/api/request-logs/create/";
constexpr const char* kBulk = "/api/request-logs/bulk/";
const std::string kLog = R"({"model":"m","custom_identifier":"x"})";

std::unique_ptr<Server> started(Faults faults = {}, TlsOptions tls = {}) {
    Options options;
    options.faults = std::move(faults);
    options.tls = std::move(tls);
    auto server = Server::start(std::move(options));
    if (!server) throw std::runtime_error(server.error().message);
    return std::move(*server);
}

TEST(ServerFaults, a_status_is_answered_for_as_long_as_asked_and_nothing_is_taken_in) {
    for (const int status : {302, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504}) {
        Faults faults;
        faults.fail = {{status, 1.0}};
        faults.fail_count = 2;
        const auto server = started(faults);
        Client client(server->port());
        for (int i = 0; i < 2; ++i) {
            const Reply reply = client.post(kCreate, kLog);
            EXPECT_EQ(reply.status, status);
            EXPECT_NE(reply.detail(), "") << status;
        }
        EXPECT_EQ(client.post(kCreate, kLog).status, 200);
        EXPECT_EQ(server->stats().rows_received, 1U);
        EXPECT_EQ(server->stats().requests_failed_on_purpose, 2U);
    }
}

TEST(ServerFaults, retry_after_comes_in_header_and_body) {
    Faults faults;
    faults.fail = {{429, 1.0}};
    const auto server = started(faults);
    Client client(server->port());
    const Reply bare = client.post(kBulk, "{}");
    EXPECT_EQ(bare.json().at("retry_after"), 1) << "documented to be in the body of every 429";
    EXPECT_FALSE(bare.headers.contains("Retry-After"));

    faults.fail = {{503, 1.0}};
    faults.retry_after = 7;
    ASSERT_TRUE(server->set_faults(faults));
    const Reply told = client.post(kBulk, "{}");
    EXPECT_EQ(told.json().at("retry_after"), 7);
    EXPECT_EQ(told.headers.at("Retry-After"), "7");
}

TEST(ServerFaults, the_body_of_a_failure_can_be_a_proxys) {
    Faults faults;
    faults.fail = {{413, 1.0}};
    faults.fail_body = "<html>too large</html>";
    const auto server = started(faults);
    const Reply reply = Client(server->port()).post(kBulk, "{}");
    EXPECT_EQ(reply.body, "<html>too large</html>");
    EXPECT_THAT(reply.headers.at("Content-Type"), HasSubstr("text/html"));
}

TEST(ServerFaults, a_poison_model_is_refused_and_its_neighbours_are_not) {
    Faults faults;
    faults.fail_models = {"poison"};
    const auto server = started(faults);
    Client client(server->port());
    const Reply bulk = client.post(kBulk, R"({"logs":[{"model":"a"},{"model":"poison"},{"model":"b"}]})");
    EXPECT_EQ(bulk.status, 201);
    EXPECT_EQ(bulk.json().at("success_count"), 2);
    EXPECT_EQ(bulk.json().at("errors").at(0).at("index"), 1);
    EXPECT_EQ(client.post(kCreate, R"({"model":"poison"})").status, 422);
    EXPECT_EQ(client.post(kCreate, R"({"model":"a"})").status, 200);
}

TEST(ServerFaults, a_reset_ends_the_connection_without_an_answer) {
    Faults faults;
    faults.reset_rate = 1;
    faults.fail_count = 1;
    const auto server = started(faults);
    Client client(server->port());
    EXPECT_EQ(client.post(kCreate, kLog).status, 0);
    EXPECT_EQ(client.end(), boost::asio::error::connection_reset);
    EXPECT_EQ(server->stats().requests_reset, 1U);
    EXPECT_EQ(server->stats().rows_received, 0U);
    EXPECT_EQ(Client(server->port()).post(kCreate, kLog).status, 200);
}

TEST(ServerFaults, an_ambiguous_failure_has_taken_the_rows_so_that_a_retry_makes_a_duplicate) {
    Faults faults;
    faults.fail = {{500, 1.0}};
    faults.fail_count = 1;
    faults.ambiguous = true;
    const auto server = started(faults);
    Client client(server->port());
    EXPECT_EQ(client.post(kCreate, kLog).status, 500);
    EXPECT_EQ(server->stats().rows_accepted, 1U);
    EXPECT_EQ(client.post(kCreate, kLog).status, 200);
    EXPECT_EQ(server->stats().unique_ids, 1U);
    EXPECT_EQ(server->stats().duplicate_ids, 1U);

    faults.fail.clear();
    faults.reset_rate = 1;
    ASSERT_TRUE(server->set_faults(faults));
    EXPECT_EQ(client.post(kCreate, kLog).status, 0);
    EXPECT_EQ(server->stats().duplicate_ids, 2U);
}

TEST(ServerFaults, an_answer_waits_out_the_latency_and_holds_nobody_else_up) {
    Faults faults;
    faults.latency = std::chrono::milliseconds(50);
    const auto server = started(faults);
    const auto before = std::chrono::steady_clock::now();
    Client client(server->port());
    EXPECT_EQ(client.post(kCreate, kLog).status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - before, faults.latency);

    faults.latency = std::chrono::minutes(10);
    ASSERT_TRUE(server->set_faults(faults));
    client.send_raw(
        "POST /api/request-logs/create/ HTTP/1.1\r\nAuthorization: Bearer k\r\n"
        "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"model\":\"m\"}");
    ASSERT_TRUE(respand::test::eventually([&] { return server->stats().rows_accepted == 2; }));
    EXPECT_EQ(Client(server->port()).get("/stats").status, 200);
    server->stop();  // does not wait for the answer
    EXPECT_EQ(client.read_reply().status, 0);
}

TEST(ServerFaults, change_live_and_a_wrong_change_leaves_the_old_in_force) {
    const auto server = started();
    Client client(server->port());
    EXPECT_EQ(client.request("POST", "/faults", R"({"fail":["503"]})", {}).status, 200);
    EXPECT_EQ(client.post(kCreate, kLog).status, 503);
    const Reply wrong = client.request("POST", "/faults", R"({"fial":["500"]})", {});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.detail(), HasSubstr("'fial'"));
    EXPECT_EQ(client.post(kCreate, kLog).status, 503);
    EXPECT_EQ(client.get("/faults").json().at("fail").at(0).at("status"), 503);
    EXPECT_EQ(client.request("POST", "/faults", "{}", {}).status, 200);
    EXPECT_EQ(client.post(kCreate, kLog).status, 200);
    Faults bad;
    bad.fail = {{200, 1.0}};
    EXPECT_FALSE(server->set_faults(bad));
}

TEST(ServerTls, a_client_that_trusts_the_self_signed_certificate_is_served) {
    const respand::test::TempDir dir;
    TlsOptions tls;
    tls.self_signed_file = dir.file("ca.pem");
    const auto server = started({}, tls);
    EXPECT_TRUE(server->base_url().starts_with("https://127.0.0.1:"));
    Client client(server->port(), tls.self_signed_file);
    EXPECT_EQ(client.post(kCreate, kLog).status, 200);
    const std::string large = R"({"model":"m","input":")" + std::string(5'000'000, 'x') + "\"}";
    EXPECT_EQ(client.post(kCreate, large).status, 200);
    EXPECT_EQ(server->logs().back(), large);

    // The two ways in which it is not trusted, and a client that speaks no TLS: nothing of it harms the
    // others.
    const auto other = started({}, {"", "", dir.file("other.pem")});
    EXPECT_THROW(Client(server->port(), dir.file("other.pem")), boost::system::system_error);
    EXPECT_EQ(Client(server->port()).post(kCreate, kLog).status, 0);
    EXPECT_EQ(client.post(kCreate, kLog).status, 200);
}

TEST(ServerTls, resets_and_refusals_work_over_tls) {
    const respand::test::TempDir dir;
    Faults faults;
    faults.reset_rate = 1;
    faults.fail_count = 1;
    const auto server = started(faults, {"", "", dir.file("ca.pem")});
    EXPECT_EQ(Client(server->port(), dir.file("ca.pem")).post(kCreate, kLog).status, 0);
    Client client(server->port(), dir.file("ca.pem"));
    EXPECT_EQ(client.post(kBulk, std::string(kDefaultMaxBody + 1, 'x')).status, 413);
    Client bad(server->port(), dir.file("ca.pem"));
    bad.send_raw("NOT HTTP\r\n\r\n");
    EXPECT_EQ(bad.read_reply().status, 400);
}

TEST(ServerTls, certificate_files_that_do_not_work_are_named) {
    const respand::test::TempDir dir;
    Options options;
    options.tls = {dir.file("no-cert.pem"), dir.file("no-key.pem"), ""};
    auto server = Server::start(options);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().kind, ErrorKind::no_input);
    EXPECT_THAT(server.error().message, HasSubstr("no-cert.pem"));

    options.tls = {"", "", dir.file("missing/ca.pem")};
    server = Server::start(options);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().kind, ErrorKind::cant_create);
    EXPECT_THAT(server.error().message, HasSubstr("missing/ca.pem"));
}

}  // namespace
}  // namespace respand::sandbox
