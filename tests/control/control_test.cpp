#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/fd.hpp"
#include "control/api.hpp"
#include "control/control_client.hpp"
#include "control/lane_routes.hpp"
#include "control/lane_screen.hpp"
#include "control/queue_routes.hpp"
#include "control/screen.hpp"
#include "control/status_line.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::control {
namespace {

pipeline::Status example() {
    pipeline::Status status;
    status.version = "1.2.3";
    status.pid = 42;
    status.started = WallTime{std::chrono::seconds{1'790'000'000}};
    status.now = status.started + std::chrono::hours{2};
    status.spool.oldest = status.started;
    status.spool.pending = 1234567;
    status.spool.dead = 3;
    status.spool.ledger.add("received", "", 2000000);
    status.spool.ledger.add("rejected", "not_json", 7);
    status.spool_limit = 4_GiB;
    status.spool_path = "/var/lib/respand/spool.db";
    pipeline::LaneReport& lane = status.lanes.emplace_back();
    lane.name = "default";
    lane.destination = "https://api.respan.ai/api";
    lane.mode = "bulk";
    lane.status.state = upload::LaneState::stopped;
    lane.status.reason = "401: the key is refused";
    lane.status.last_error_at = status.now;
    lane.status.last_error = "broken \xff UTF-8";
    pipeline::LaneReport& gone = status.lanes.emplace_back();
    gone.name = "old";
    gone.id = 7;
    gone.gone = true;
    gone.spool.records = 12;
    return status;
}

TEST(Screen, StatusShowsWhatAnOperatorLooksFor) {
    const auto screen = status_screen(status_json(example()));
    ASSERT_TRUE(screen) << screen.error().message;
    for (const char* word : {"1.2.3", "pid 42", "1,234,567", "oldest 2 h 0 min", "not_json 7",
                             "stopped to https://api.respan.ai/api", "401: the key is refused", "4.0 GiB",
                             "refused by the server and kept"})
        EXPECT_NE(screen->find(word), std::string::npos) << word << "\n" << *screen;
}

TEST(Screen, TextFromOutsideThatIsNoUtf8IsReplacedNotThrownAt) {
    EXPECT_TRUE(nlohmann::json::accept(status_json(example())));
}

TEST(Router, AQuestionIsTakenApartAsFormsAreEncoded) {
    const auto request = take_apart({"GET", "/dead?cause=http%5F422&model=a%2Fb+c&&flag&empty=", {}});
    ASSERT_TRUE(request);
    EXPECT_EQ(request->path, "/dead");
    EXPECT_EQ(request->parameters,
              (std::map<std::string, std::string>{
                  {"cause", "http_422"}, {"model", "a/b c"}, {"flag", ""}, {"empty", ""}}));
    EXPECT_FALSE(take_apart({"GET", "/dead?cause=%4", {}}));
    EXPECT_FALSE(take_apart({"GET", "/dead?cause=%zz", {}}));
    const auto built = query({{"cause", "http_422"}, {"model", "a/b c&ü"}, {"none", ""}});
    EXPECT_EQ(take_apart({"GET", "/dead" + built, {}})->parameter("model"), "a/b c&ü");
    EXPECT_EQ(query({{"none", ""}}), "");
}

TEST(QueueRoutes, AnExportedRecordIsOneLineWhateverItsWhiteSpace) {
    EXPECT_EQ(export_page("0.1.2", {"{\"a\":\n1,\r\n\"b\":\"\\n\"}", "{}"}),
              "{\"next\":\"0.1.2\"}\n{\"a\": 1,  \"b\":\"\\n\"}\n{}\n");
    EXPECT_EQ(export_page("", {}), "{\"next\":null}\n");
}

TEST(Router, ANumberThatIsNoneIsRefusedByName) {
    const auto request = take_apart({"GET", "/dead?limit=12&bad=1x&much=1001", {}});
    EXPECT_EQ(request->number("limit", 5, 1000), 12U);
    EXPECT_EQ(request->number("absent", 5, 1000), 5U);
    for (const char* name : {"bad", "much"}) {
        const auto number = request->number(name, 5, 1000);
        ASSERT_FALSE(number);
        EXPECT_NE(number.error().message.find(name), std::string::npos);
    }
}

TEST(Screen, WhatIsNotTheDaemonsAnswerIsRefused) {
    for (const char* text : {"", "{}", "[]", "not json"}) EXPECT_FALSE(status_screen(text)) << text;
}

/// A server on a thread of its own; the test talks to it with the blocking client.
class ControlServerTest : public ::testing::Test {
  protected:
    void SetUp() override {
        Sources sources;
        sources.status = [](auto done) { done(example()); };
        sources.audit = [](auto done) { done(fail(ErrorKind::io, "the disk is on fire")); };
        Router router;
        add_status_routes(router, std::move(sources));
        LaneDoors doors;
        doors.status = [](auto done) { done(example()); };
        doors.retry = [this](const std::optional<std::string>& lane) -> Result<upload::LaneState> {
            ++retries_;
            if (lane && *lane != "default") return fail(ErrorKind::no_input, "there is no lane " + *lane);
            return upload::LaneState::sending;
        };
        doors.pause = [](const std::string&) { return upload::LaneState::paused; };
        doors.resume = [](const std::string&) { return upload::LaneState::idle; };
        doors.move = [](spool::LaneId from, spool::LaneId to, auto done) {
            EXPECT_EQ(from, 7);
            EXPECT_EQ(to, spool::kDefaultLane);
            done(pipeline::UploadSource::Moved{12, 3400, 0});
        };
        add_lane_routes(router, doors);
        router.add("POST", "/echo", "says what it was told",
                   [](const Request& request, const Answer& answer) {
                       answer({.content_type = "text/plain",
                               .body = request.parameter("name").value_or("nobody") + ": " + request.body});
                   });
        auto opened = ControlServer::open(io_, {path_, 0600}, std::move(router).handler());
        ASSERT_TRUE(opened) << opened.error().message;
        server_ = std::move(*opened);
        server_->start();
        thread_ = std::thread([this] { io_.run(); });
    }
    void TearDown() override {
        boost::asio::post(io_, [this] { server_->close(); });
        thread_.join();
        EXPECT_NE(::access(path_.c_str(), F_OK), 0) << "the socket file is removed";
    }
    UniqueFd connect() const {
        UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        return fd;
    }

    test::TempDir dir_;
    std::string path_ = dir_.file("control.sock");
    boost::asio::io_context io_;
    std::unique_ptr<ControlServer> server_;
    std::thread thread_;
    std::atomic<int> retries_ = 0;
};

TEST_F(ControlServerTest, AnswersItsQuestionsAndTellsWhatThereIs) {
    const auto status = ask(path_, "GET", "/status");
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(status->status, 200);
    EXPECT_EQ(status->body, status_json(example()));
    const auto audit = ask(path_, "GET", "/audit");
    EXPECT_EQ(audit->status, 500);
    EXPECT_NE(audit->body.find("on fire"), std::string::npos);
    EXPECT_EQ(ask(path_, "GET", "/nonsense")->status, 404);
    const auto metrics = ask(path_, "GET", "/metrics");
    EXPECT_EQ(metrics->status, 200);
    EXPECT_TRUE(metrics->body.starts_with("# HELP respand_")) << metrics->body.substr(0, 100);
}

TEST_F(ControlServerTest, RetriesOnlyWhenAskedTo) {
    EXPECT_EQ(ask(path_, "GET", "/retry")->status, 405);
    EXPECT_EQ(retries_, 0);
    const auto answer = ask(path_, "POST", "/retry");
    EXPECT_EQ(answer->status, 200);
    EXPECT_NE(answer->body.find("sending"), std::string::npos);
    EXPECT_EQ(retries_, 1);
}

TEST_F(ControlServerTest, TheSocketIsTheOwnersAlone) {
    struct stat info{};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(ControlServerTest, RubbishAndSilenceDoNotKeepItFromAnswering) {
    std::vector<UniqueFd> silent;
    for (int i = 0; i < 20; ++i) silent.push_back(connect());
    const UniqueFd rubbish = connect();
    ASSERT_GT(::send(rubbish.get(), "\x16\x03\x01 this is not HTTP\r\n\r\n", 25, MSG_NOSIGNAL), 0);
    EXPECT_EQ(ask(path_, "GET", "/status")->status, 200);
}

TEST(ControlClient, SaysThatNobodyIsThere) {
    test::TempDir dir;
    const auto answer = ask(dir.file("none.sock"), "GET", "/status");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    EXPECT_NE(answer.error().message.find("is respand running?"), std::string::npos);
}

TEST_F(ControlServerTest, LanesAreShownPausedAndMovedAndWrongNamesAreTold) {
    const auto list = ask(path_, "GET", "/lanes");
    ASSERT_TRUE(list) << list.error().message;
    const auto screen = lanes_screen(list->body);
    ASSERT_TRUE(screen) << screen.error().message;
    EXPECT_NE(screen->find("401: the key is refused"), std::string::npos);
    EXPECT_NE(screen->find("respanctl lane move old TO"), std::string::npos);
    EXPECT_NE(ask(path_, "POST", "/lanes/pause?name=default")->body.find("\"paused\""), std::string::npos);
    EXPECT_NE(ask(path_, "POST", "/lanes/resume?name=default")->body.find("\"idle\""), std::string::npos);
    EXPECT_EQ(ask(path_, "POST", "/lanes/pause")->status, 400);
    EXPECT_EQ(ask(path_, "POST", "/retry?lane=nobody")->status, 404);
    EXPECT_NE(ask(path_, "POST", "/lanes/move?from=old&to=default")->body.find("\"records\": 12"),
              std::string::npos);
    EXPECT_EQ(ask(path_, "POST", "/lanes/move?from=old")->status, 400);
    EXPECT_EQ(ask(path_, "POST", "/lanes/move?from=nobody&to=default")->status, 404);
    EXPECT_EQ(ask(path_, "POST", "/lanes/move?from=default&to=old")->status, 404) << "nobody would send it";
    EXPECT_EQ(ask(path_, "POST", "/lanes/move?from=default&to=default")->status, 400);
    EXPECT_FALSE(lanes_screen("{}"));
}

LaneStanding standing(const std::string& name, upload::LaneState state, const std::string& reason = {}) {
    LaneStanding lane{.name = name, .status = {}};
    lane.status.state = state;
    lane.status.reason = reason;
    return lane;
}

TEST(StatusLine, NamesTheLanesThatAreInTroubleTheWorstFirst) {
    using upload::LaneState;
    EXPECT_EQ(status_line(12.4, 3, {standing("default", LaneState::stopped, "401: wrong key")}),
              "12 records/s in, 3 pending, delivery stopped: 401: wrong key");
    EXPECT_EQ(status_line(0, 0, {standing("default", LaneState::idle), standing("a", LaneState::sending)}),
              "0 records/s in, 0 pending, delivery well on 2 lanes");
    EXPECT_EQ(status_line(0, 0,
                          {standing("default", LaneState::idle), standing("a", LaneState::backing_off, "503"),
                           standing("b", LaneState::stopped, "401"), standing("c", LaneState::paused),
                           standing("d", LaneState::backing_off)}),
              "0 records/s in, 0 pending, delivery in trouble on 4 of 5 lanes; 'b' stopped: 401; 'a' backing "
              "off: 503; 'd' backing off; and 1 more");
}

}  // namespace
}  // namespace respand::control
