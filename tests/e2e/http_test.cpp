// HTTP into a real respand: what is answered 201 arrives, over kills and full queues too.
#include <atomic>
#include <csignal>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include "e2e/daemon_fixture.hpp"
#include "support/http_client.hpp"

namespace respand::test {
namespace {

class Http : public DaemonTest {
  protected:
    Http() {
        setup.ingest = "[ingest.unix_datagram]\npath = \"" + datagram_path() +
                       "\"\n[ingest.http]\npath = \"" + http_path() + "\"\nlisten = \"127.0.0.1:0\"\n";
    }
    std::string http_path() const { return dir.file("http.sock"); }
    /// The TCP port it took.
    std::uint16_t port() {
        const Json now = status();
        for (const Json& listener : now["listeners"]) {
            const std::string address = listener["address"];
            if (listener["kind"] == "http" && address.starts_with("127."))
                return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
        }
        return 0;
    }
    static HttpReply post(HttpClient& client, std::string_view target, std::string_view body,
                          std::string_view headers = HttpClient::kJson) {
        if (!client.connected() || !client.send("POST", target, body, headers)) return {};
        return client.read().value_or(HttpReply{});
    }
    static sandbox::Options failing() {
        sandbox::Options options;
        options.faults.fail.push_back({503, 1.0});
        return options;
    }
};

TEST_F(Http, TheVendorsExampleIsTakenAsItsApiTakesItAndArrivesPriced) {
    start_server();
    start();
    HttpClient app(port());
    const HttpReply reply = post(app, "/api/request-logs/create/", kVendorExample,
                                 "Content-Type: application/json\r\nAuthorization: Bearer app-secret-4711\r\n"
                                 "X-API-Key: app-secret-4711\r\n");
    EXPECT_EQ(reply.status, 201) << reply.body;
    const std::string id = Json::parse(reply.body)["id"];
    ASSERT_TRUE(arrive(1));
    EXPECT_EQ(arrived().front()["custom_identifier"], id) << "the id of the answer is the one to look for";
    EXPECT_EQ(stop(), 0);
    for (const std::string& file : {spool_path(), spool_path() + "-wal", dir.file("respand.log")})
        EXPECT_EQ(read_file(file).find("4711"), std::string::npos) << file;
}

TEST_F(Http, ABatchWithBadRowsIsTakenButForThose) {
    start_server();
    start();
    HttpClient app(http_path());
    const HttpReply reply =
        post(app, "/api/request-logs/bulk/",
             R"({"logs":[)" + record_with_id("a") + R"(,{"input":"no model"},)" + record_with_id("b") + "]}");
    EXPECT_EQ(reply.status, 201);
    const Json answer = Json::parse(reply.body);
    EXPECT_EQ(answer["success_count"], 2);
    EXPECT_EQ(answer["error_count"], 1);
    EXPECT_EQ(answer["errors"][0]["index"], 1);
    EXPECT_EQ(answer["errors"][0]["reason"], "no_model");
    ASSERT_TRUE(arrive(2));
    EXPECT_EQ(status()["ledger"]["rejected"]["no_model"], 1);
    EXPECT_TRUE(books_add_up());
}

TEST_F(Http, TheSameRecordIdIsAnsweredAsDoneAndArrivesOnce) {
    start_server();
    start();
    const std::string record = R"({"model":"m","record_id":"once"})";
    HttpClient app(port());
    EXPECT_EQ(post(app, "/v1/records", record).status, 201);
    const HttpReply again = post(app, "/v1/records", "[" + record + R"(,{"model":"n"}])");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(Json::parse(again.body)["duplicates"], Json::array({0}));
    EXPECT_EQ(Json::parse(again.body)["accepted"], 1);
    ASSERT_TRUE(arrive(2));
    EXPECT_TRUE(books_add_up());
}

TEST_F(Http, RespanctlSendsOverHttpAndTellsWhatWasRefused) {
    start_server(failing());
    start();
    const std::string url = "http://127.0.0.1:" + std::to_string(port());
    std::string many;
    for (int i = 0; i < 1201; ++i) many += record_with_id(std::to_string(i)) + "\n";
    write_file(dir.file("many"), many);
    EXPECT_EQ(ctl({"send", "--to", url, dir.file("many")}).output, "1201 sent to " + url + "\n");
    EXPECT_EQ(record_count("pending"), 1201U) << "durable when it ends";
    write_file(dir.file("mixed"), record_with_id("x") + "\n{\"model\":7}\n");
    const Finished mixed = ctl({"send", "--unchecked", "--to", url, dir.file("mixed")});
    EXPECT_EQ(mixed.code, 65);
    EXPECT_NE(mixed.output.find("line 2: refused (no_model)"), std::string::npos) << mixed.output;
    EXPECT_NE(mixed.output.find("1 sent to " + url + ", 1 refused"), std::string::npos) << mixed.output;
    EXPECT_EQ(ctl({"send", "--to", "http://localhost:1", dir.file("many")}).code, 64);
    EXPECT_EQ(stop(), 0);
    EXPECT_EQ(ctl({"send", "--to", url, dir.file("many")}).code, 69);
}

TEST_F(Http, RespanctlDoesNotTakeTheHttpSocketForOneThatTakesLines) {
    start_server();
    start();
    const std::string file = dir.file("one.json");
    std::ofstream(file) << record_with_id("one") << "\n";
    const Finished sent = ctl({"send", "--to", http_path(), file});
    EXPECT_NE(sent.code, 0) << sent.output;
    EXPECT_NE(sent.output.find("is an HTTP socket"), std::string::npos) << sent.output;
    EXPECT_EQ(sent.output.find("1 sent"), std::string::npos) << sent.output;
}

TEST_F(Http, AnAnswered201IsDurableAtThatMoment) {
    start_server(failing());
    start();
    HttpClient app(port());
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(post(app, "/v1/records", record_with_id(std::to_string(i))).status, 201);
        if (i % 5 != 4) continue;
        daemon->signal(SIGKILL);
        ASSERT_EQ(daemon->wait(), 128 + SIGKILL);
        start();
        EXPECT_EQ(record_count("pending"), static_cast<std::uint64_t>(i + 1));
        app = HttpClient(port());
    }
}

TEST_F(Http, AFullQueueSays503AndTakesNothingUntilThereIsRoom) {
    start_server(failing());
    setup.spool = "max_size = \"1MiB\"\n";
    start();
    HttpClient app(port());
    const std::string large = R"({"model":"m","input":")" + std::string(100'000, 'x') + "\"}";
    const std::string body = "[" + large + "," + large + "]";
    std::uint64_t taken = 0;
    HttpReply reply;
    ASSERT_TRUE(eventually([&] {
        reply = post(app, "/v1/records", body);
        taken += reply.status == 201 ? 2 : 0;
        return reply.status != 201;
    }));
    EXPECT_EQ(reply.status, 503) << reply.body;
    EXPECT_GT(std::stoi(reply.headers["retry-after"]), 0);
    EXPECT_EQ(record_count("pending"), taken) << "nothing half-taken";
    EXPECT_EQ(record_count("received"), taken);
    ASSERT_TRUE(server->set_faults({}));
    daemon->signal(SIGHUP);  // delivery tries at once
    ASSERT_TRUE(eventually([&] {
        reply = post(app, "/v1/records", body);
        taken += reply.status == 201 ? 2 : 0;
        return reply.status == 201;
    })) << "room again, by itself";
    ASSERT_TRUE(arrive(taken));
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 0; }));
    EXPECT_GT(status()["http_requests"]["unavailable"], 0);
    EXPECT_TRUE(books_add_up());
}

TEST_F(Http, AStopAnswersWhatItTook) {
    start_server(failing());
    start();
    const std::uint16_t here = port();
    std::atomic<std::uint64_t> taken{0};
    std::atomic<bool> refused{false};
    std::thread app([&] {
        for (HttpClient client(here);;) {
            const HttpReply reply = post(client, "/v1/records", record_with_id("x"));
            if (reply.status != 201) break;
            ++taken;
        }
        refused = true;
    });
    EXPECT_TRUE(eventually([&] { return taken > 20; }));
    EXPECT_EQ(stop(), 0);
    app.join();
    EXPECT_TRUE(refused);
    start();
    EXPECT_EQ(record_count("pending"), taken) << "each answered one is there, and no other";
}

/// Sends numbered records, one or some a request, and remembers those that were answered 201.
class Load {
  public:
    Load(std::string path, std::string name)
        : thread_([this, path = std::move(path), name = std::move(name)] { send(path, name); }) {}
    ~Load() { stop(); }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::size_t answered() {
        const std::lock_guard lock(mutex_);
        return answered_.size();
    }
    std::set<std::string> names() {
        const std::lock_guard lock(mutex_);
        return answered_;
    }

  private:
    void send(const std::string& path, const std::string& name) {
        for (std::uint64_t number = 0; !stop_;) {
            HttpClient client(path);
            while (!stop_ && client.connected()) {
                std::vector<std::string> names;
                std::string body = "[";
                for (std::uint64_t left = 1 + number % 7; left > 0; --left) {
                    names.push_back(name + std::to_string(number++));
                    body += (names.size() > 1 ? "," : "") + record_with_id(names.back());
                }
                if (!client.send("POST", "/v1/records", body + "]")) break;
                const auto reply = client.read();
                if (!reply) break;  // killed: nobody knows
                if (reply->status != 201) continue;
                const std::lock_guard lock(mutex_);
                answered_.insert(names.begin(), names.end());
            }
            std::this_thread::yield();
        }
    }
    std::mutex mutex_;
    std::set<std::string> answered_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

TEST_F(Http, KilledAtRandomMomentsItHasEverythingThatItAnswered) {
    sandbox::Options options;
    options.faults.fail.push_back({500, 0.2});
    options.faults.reset_rate = 0.05;
    std::mutex mutex;
    std::set<std::string> ids;
    options.accepted = [&](std::string_view log) {
        const std::lock_guard lock(mutex);
        ids.insert(Json::parse(log)["custom_identifier"]);
    };
    start_server(options);
    setup.upload += "max_connections = 3\n";
    std::mt19937 random(std::random_device{}());
    start();
    Load first(http_path(), "a"), second(http_path(), "b");
    for (int round = 0; round < 6; ++round) {
        const std::size_t goal = first.answered() + second.answered() + 50 + random() % 1000;
        ASSERT_TRUE(eventually([&] { return first.answered() + second.answered() >= goal; }));
        daemon->signal(SIGKILL);
        ASSERT_EQ(daemon->wait(), 128 + SIGKILL);
        start();
        ASSERT_TRUE(books_add_up());
    }
    first.stop();
    second.stop();
    ASSERT_TRUE(server->set_faults({}));
    daemon->signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 0; }, std::chrono::minutes(2)));
    const std::lock_guard lock(mutex);
    for (Load* load : {&first, &second})
        for (const std::string& name : load->names()) EXPECT_TRUE(ids.contains(name)) << name;
    EXPECT_TRUE(books_add_up());
    EXPECT_EQ(stop(), 0);
}

}  // namespace
}  // namespace respand::test
