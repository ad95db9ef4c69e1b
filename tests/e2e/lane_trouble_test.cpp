// Two lanes, real uploaders and servers, and trouble: on one of them, with the daemon, with the
// configuration.
#include <algorithm>
#include <csignal>
#include <set>

#include "e2e/lanes_fixture.hpp"

namespace respand::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class LaneTrouble : public Lanes {
  protected:
    void send_to_other(int from, int to) {
        for (int i = from; i < to; ++i)
            ASSERT_TRUE(send_datagram(record_with_id("o" + std::to_string(i), "claude-x")));
    }
    /// From sending a record of the default lane to its arrival, one after the other: the middle one.
    milliseconds median_latency(const std::string& prefix) {
        std::vector<milliseconds> took;
        for (int i = 0; i < 15; ++i) {
            const auto before = took_by(*server);
            const auto start = steady_clock::now();
            EXPECT_TRUE(send_datagram(record_with_id(prefix + std::to_string(i))));
            EXPECT_TRUE(eventually([&] { return took_by(*server) > before; })) << daemon->output();
            took.push_back(std::chrono::duration_cast<milliseconds>(steady_clock::now() - start));
        }
        std::ranges::sort(took);
        return took[took.size() / 2];
    }
    static std::uint64_t took_by(const sandbox::Server& server) { return server.stats().rows_accepted; }
    std::set<std::string> ids_at(const sandbox::Server& from) const {
        std::set<std::string> ids;
        for (const std::string& log : from.logs()) ids.insert(Json::parse(log)["custom_identifier"]);
        return ids;
    }
    /// The lane's server moves to another address, with nothing taken and another key.
    void move_other(const std::string& key) {
        sandbox::Options options;
        options.key = key;
        auto started = sandbox::Server::start(options);
        ASSERT_TRUE(started) << started.error().message;
        other = std::move(*started);
    }
    void be_automatic() { setup.upload = "mode = \"auto\"\n"; }
};

TEST_F(LaneTrouble, OfOneDoesNotShowInTheOthersLatency) {
    start_both();
    be_automatic();
    setup.extra = lane("models = [\"claude-*\"]\n");
    start();
    // Far below the back-off or the probe interval that it would wait for if lanes shared anything.
    constexpr milliseconds kQuick{400};
    sandbox::Faults down;
    down.reset_rate = 1;
    ASSERT_TRUE(other->set_faults(down));
    send_to_other(0, 300);
    ASSERT_TRUE(eventually([&] { return lane_status("other")["backoffs"] > 3; }));
    EXPECT_LT(median_latency("down"), kQuick);
    ASSERT_TRUE(other->set_faults({}));
    ASSERT_EQ(ctl({"retry", "other"}).code, 0);
    ASSERT_TRUE(eventually([&] { return other->stats().unique_ids == 300; })) << daemon->output();

    set_key("wrong");
    reload();
    send_to_other(300, 400);
    ASSERT_TRUE(eventually([&] { return lane_status("other")["state"] == "stopped"; }));
    EXPECT_NE(ctl({"status"}).output.find("STOPPED: 'other'"), std::string::npos);
    EXPECT_NE(lane_status("other")["reason"].get<std::string>().find("[[lane]]"), std::string::npos);
    EXPECT_LT(median_latency("locked"), kQuick);
    set_key("other-key");
    reload();
    ASSERT_TRUE(eventually([&] { return other->stats().unique_ids == 400; })) << daemon->output();
    EXPECT_EQ(server->stats().unique_ids, 30U);
    EXPECT_TRUE(books_add_up());
    EXPECT_EQ(stop(), 0);
}

TEST_F(LaneTrouble, KilledWhileAFallbackStandsInItLosesNothing) {
    start_both();
    be_automatic();
    set_key("wrong");
    setup.extra = lane("models = [\"claude-*\"]\nfallback = \"default\"\nfallback_after = \"1s\"\n");
    sandbox::Faults slow;
    slow.latency = milliseconds(20);
    ASSERT_TRUE(server->set_faults(slow));
    start();
    send_to_other(0, 400);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(send_datagram(record_with_id("d" + std::to_string(i))));
    ASSERT_TRUE(eventually([&] { return record_count("accepted") == 500; }));
    ASSERT_TRUE(eventually([&] { return lane_status("other")["sent_by"] == "default"; }));
    daemon->signal(SIGKILL);
    ASSERT_EQ(daemon->wait(), 128 + SIGKILL);
    start();
    EXPECT_TRUE(books_add_up());
    send_to_other(400, 500);
    ASSERT_TRUE(eventually([&] { return lane_status("other")["pending"] <= 1; }, std::chrono::minutes(1)))
        << daemon->output();
    EXPECT_EQ(took(*other), 0U);
    set_key("other-key");
    reload();
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 0; })) << daemon->output();
    ASSERT_TRUE(eventually([&] { return lane_status("other")["sent_by"].is_null(); }));
    const auto before = took(*other);
    send_to_other(500, 520);
    ASSERT_TRUE(eventually([&] { return took(*other) == before + 20; })) << daemon->output();
    std::set<std::string> everywhere = ids_at(*server);
    everywhere.merge(ids_at(*other));
    EXPECT_EQ(everywhere.size(), 620U);
    EXPECT_TRUE(eventually([&] { return record_count("delivered") == 620U; }));
    EXPECT_TRUE(books_add_up());
    EXPECT_EQ(stop(), 0);
}

TEST_F(LaneTrouble, DeadLettersGoBackToTheirOwnLaneAndToAnotherWhenItIsMoved) {
    start_both();
    setup.extra = lane("models = [\"claude-*\"]\n");
    sandbox::Faults refuse;
    refuse.fail_models = {"claude-x"};
    ASSERT_TRUE(other->set_faults(refuse));
    start();
    ASSERT_TRUE(send_datagram(record_with_id("good", "claude-y")));  // a refusal is believed when others pass
    send_to_other(0, 2);
    ASSERT_TRUE(eventually([&] { return lane_status("other")["dead"] == 2; })) << daemon->output();
    const Json letter = Json::parse(ctl({"dead", "show", "1", "--json"}).output);
    EXPECT_EQ(letter["lane"], "other");
    EXPECT_GE(letter["attempts"], 1);
    EXPECT_FALSE(letter["first_tried"].is_null());
    EXPECT_NE(ctl({"metrics"}).output.find("respand_lane_dead_letters{lane=\"other\"} 2"), std::string::npos);
    ASSERT_TRUE(other->set_faults({}));
    ASSERT_EQ(ctl({"dead", "requeue", "1"}).code, 0);
    ASSERT_TRUE(eventually([&] { return took(*other) == 2; })) << daemon->output();
    EXPECT_EQ(took(*server), 0U);

    // Without its lane it waits, and is nobody's until it is moved.
    setup.extra.clear();
    reload();
    ASSERT_EQ(ctl({"dead", "requeue", "--all"}).code, 0);
    ASSERT_TRUE(eventually([&] { return lane_status("other")["pending"] == 1; }));
    const std::string metrics = ctl({"metrics"}).output;
    EXPECT_NE(metrics.find("respand_lane_gone{lane=\"other\"} 1"), std::string::npos);
    EXPECT_NE(metrics.find("respand_lane_pending_records{lane=\"other\"} 1"), std::string::npos);
    EXPECT_NE(ctl({"status"}).output.find("NOBODY SENDS: 'other'"), std::string::npos);
    EXPECT_EQ(took(*server), 0U);
    ASSERT_EQ(ctl({"lane", "move", "other", "default"}).code, 0);
    ASSERT_TRUE(arrive(1));
    EXPECT_TRUE(books_add_up());
}

TEST_F(LaneTrouble, WhatALaneThatIsTakenOutLeavesIsNotSentByItsFallback) {
    start_both();
    set_key("wrong");
    setup.extra = lane("models = [\"claude-*\"]\nfallback = \"default\"\nfallback_after = \"0s\"\n");
    start();
    send_to_other(0, 30);
    ASSERT_TRUE(eventually([&] { return lane_status("other")["pending"] == 1; })) << daemon->output();
    setup.extra.clear();
    reload();
    ASSERT_TRUE(eventually([&] { return lane_status("other")["gone"] == true; })) << daemon->output();
    ASSERT_TRUE(send_datagram(record_with_id("d", "m")));
    ASSERT_TRUE(arrive(30));
    EXPECT_EQ(lane_status("other")["pending"], 1);
    ASSERT_EQ(ctl({"lane", "move", "other", "default"}).code, 0);
    ASSERT_TRUE(arrive(31));
    EXPECT_TRUE(books_add_up());
}

TEST_F(LaneTrouble, AReloadThatRenamesAddsAndRekeysLanesOrphansNothing) {
    start_both();
    be_automatic();
    sandbox::Faults slow;
    slow.latency = milliseconds(100);
    ASSERT_TRUE(other->set_faults(slow));  // requests are under way at each reload
    setup.extra = lane("models = [\"claude-*\"]\n");
    start();
    send_to_other(0, 100);
    ASSERT_TRUE(
        eventually([&] { return lane_status("other")["in_flight_requests"] > 0 || took(*other) > 0; }));
    setup.extra = lane("models = [\"claude-*\"]\n", "renamed") + lane("models = [\"new\"]\n", "added");
    reload();
    send_to_other(100, 200);
    ASSERT_TRUE(send_datagram(record_with_id("n", "new")));
    ASSERT_TRUE(eventually([&] { return lane_status("renamed")["pending"] == 0; })) << daemon->output();
    ASSERT_TRUE(eventually([&] { return lane_status("added")["delivered"] == 1; }));
    const Json left = lane_status("other");
    if (!left.is_null()) {
        EXPECT_EQ(left["gone"], true);
        const Finished moved = ctl({"lane", "move", "other", "renamed"});
        EXPECT_EQ(moved.code, 0) << moved.output;
    }
    // What was under way when the lane left ends within its grace, as delivered or as movable.
    ASSERT_TRUE(eventually([&] {
        const Json rest = lane_status("other");
        if (!rest.is_null()) ctl({"lane", "move", "other", "renamed"});
        return rest.is_null() && record_count("pending") == 0;
    })) << daemon->output();
    set_key("rotated");
    move_other("rotated");
    setup.extra = lane("models = [\"claude-*\"]\n", "renamed") + lane("models = [\"new\"]\n", "added");
    reload();
    send_to_other(200, 220);
    ASSERT_TRUE(eventually([&] { return took(*other) == 20; })) << daemon->output();
    EXPECT_TRUE(eventually([&] { return record_count("delivered") == 221U; }));
    EXPECT_EQ(took(*server), 0U);
    EXPECT_TRUE(books_add_up());
    EXPECT_EQ(stop(), 0);
}

}  // namespace
}  // namespace respand::test
