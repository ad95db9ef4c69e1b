// Lanes: two servers with keys of their own behind one daemon.
#include <unistd.h>

#include <csignal>

#include "e2e/lanes_fixture.hpp"

namespace respand::test {
namespace {

TEST_F(Lanes, RecordsGoWhereModelCustomerAndSenderSay) {
    start_both();
    setup.extra = lane("models = [\"claude-*\", \"openai/gpt-4o\"]\n") +
                  lane("customers = [\"acme\"]\nuids = [" + std::to_string(::getuid()) + "]\n", "acme") +
                  lane("uids = [4000000]\n", "nobody");
    start();
    const auto send = [&](const std::string& id, const std::string& model, const std::string& more = {}) {
        ASSERT_TRUE(
            send_datagram(R"({"model":")" + model + R"(","custom_identifier":")" + id + "\"" + more + "}"));
    };
    send("exact", "openai/gpt-4o");
    send("start", "claude-x");
    send("neither", "openai/gpt-4o-mini");
    send("customer", "m", R"(,"customer_identifier":"acme")");
    send("params", "m", R"(,"customer_params":{"customer_identifier":"acme"})");
    send("another", "m", R"(,"customer_identifier":"acme2")");
    ASSERT_TRUE(eventually([&] { return took(*other) == 4 && took(*server) == 2; })) << daemon->output();
    EXPECT_EQ(lane_status("other")["delivered"], 2);
    EXPECT_EQ(lane_status("acme")["delivered"], 2);
    EXPECT_EQ(lane_status("default")["delivered"], 2);
    EXPECT_NE(ctl({"metrics"}).output.find("respand_lane_state{lane=\"acme\",state=\"idle\"} 1"),
              std::string::npos);
    EXPECT_TRUE(books_add_up());
    EXPECT_EQ(stop(), 0);
}

TEST_F(Lanes, WeightsShareRecordsAmongLanesWithTheSameMatch) {
    start_both();
    setup.extra = lane("weight = 3\n", "a") + "[[lane]]\nname = \"b\"\n";
    start();
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i))));
    ASSERT_TRUE(eventually([&] { return took(*other) == 30 && took(*server) == 10; }));
    EXPECT_TRUE(books_add_up());
}

TEST_F(Lanes, AServerThatIsAwayDelaysNoOtherLane) {
    start_both();
    setup.extra = lane("models = [\"claude-*\"]\n");
    start();
    other->stop();
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(
            send_datagram(record_with_id(std::to_string(i), i % 2 == 0 ? "claude-x" : "openai/gpt-4o-mini")));
    ASSERT_TRUE(arrive(100));
    EXPECT_TRUE(eventually([&] { return lane_status("other")["pending"] == 100; }));
    EXPECT_TRUE(eventually([&] { return lane_status("default")["pending"] == 0; }));
    EXPECT_TRUE(books_add_up());
}

TEST_F(Lanes, AFallbackTakesOverAndGivesBackWhenTheLaneIsMended) {
    start_both();
    set_key("wrong");
    setup.extra = lane("models = [\"claude-*\"]\nfallback = \"default\"\nfallback_after = \"1s\"\n");
    start();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i), "claude-x")));
    // One record stays with the lane, to find out when it is mended.
    ASSERT_TRUE(eventually([&] { return took(*server) >= 49; })) << daemon->output();
    EXPECT_EQ(lane_status("other")["sent_by"], "default");
    EXPECT_NE(ctl({"lane", "list"}).output.find("'default' stands in"), std::string::npos);
    set_key("other-key");
    reload();
    ASSERT_TRUE(eventually([&] { return lane_status("other")["sent_by"].is_null(); }));
    ASSERT_TRUE(eventually([&] { return took(*server) + took(*other) == 50; }));
    const auto before = took(*other);
    for (int i = 50; i < 60; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i), "claude-x")));
    ASSERT_TRUE(eventually([&] { return took(*other) == before + 10; })) << daemon->output();
    EXPECT_TRUE(books_add_up());
    EXPECT_EQ(stop(), 0);
}

TEST_F(Lanes, WhatWaitsForALaneThatIsGoneIsShownKeptAndCanBeMoved) {
    start_both();
    setup.extra = lane("models = [\"claude-*\"]\n");
    start();
    ASSERT_EQ(ctl({"lane", "pause", "other"}).code, 0);
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i), "claude-x")));
    ASSERT_TRUE(eventually([&] { return lane_status("other")["pending"] == 30; }));
    const std::string with_lane = setup.extra;
    setup.extra.clear();
    reload();
    ASSERT_TRUE(eventually([&] { return lane_status("other")["gone"] == true; }));
    ASSERT_TRUE(eventually([&] {
        return daemon->output().find("respanctl lane move other TO") != std::string::npos;
    })) << daemon->output();
    ASSERT_TRUE(send_datagram(record_with_id("new", "claude-x")));
    ASSERT_TRUE(arrive(1));

    EXPECT_EQ(stop(), 0);
    start();
    EXPECT_EQ(lane_status("other")["pending"], 30) << "a restart forgets nothing";
    EXPECT_NE(ctl({"lane", "move", "other", "nowhere"}).code, 0);
    const Finished moved = ctl({"lane", "move", "other", "default"});
    EXPECT_EQ(moved.code, 0) << moved.output;
    EXPECT_NE(moved.output.find("30 records moved"), std::string::npos) << moved.output;
    ASSERT_TRUE(arrive(31));
    EXPECT_EQ(unique_arrived(), 31U);
    EXPECT_TRUE(lane_status("other").is_null());
    EXPECT_TRUE(books_add_up());
}

TEST_F(Lanes, ALaneThatComesBackByReloadSendsWhatWaitedForIt) {
    start_both();
    start();
    setup.extra = lane("models = [\"claude-*\"]\n");
    reload();
    ASSERT_EQ(ctl({"lane", "pause", "other"}).code, 0);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i), "claude-x")));
    ASSERT_TRUE(eventually([&] { return lane_status("other")["pending"] == 20; }));
    const std::string with_lane = setup.extra;
    setup.extra.clear();
    reload();
    setup.extra = with_lane;
    reload();
    ASSERT_TRUE(eventually([&] { return took(*other) == 20; })) << daemon->output();
    EXPECT_EQ(other->stats().unique_ids, 20U);
    EXPECT_TRUE(books_add_up());
}

TEST_F(Lanes, APausedLaneSendsNothingUntilItIsResumed) {
    start_both();
    setup.extra = lane("models = [\"claude-*\"]\n");
    start();
    ASSERT_EQ(ctl({"lane", "pause", "other"}).code, 0);
    ASSERT_TRUE(send_datagram(record_with_id("paused", "claude-x")));
    ASSERT_TRUE(send_datagram(record_with_id("other", "m")));
    ASSERT_TRUE(arrive(1));
    ASSERT_TRUE(eventually([&] { return lane_status("other")["pending"] == 1; }));
    reload();
    ASSERT_EQ(ctl({"retry", "other"}).code, 0);
    EXPECT_EQ(lane_status("other")["state"], "paused");
    EXPECT_EQ(took(*other), 0U);
    EXPECT_NE(ctl({"lane", "pause", "nobody"}).code, 0);
    ASSERT_EQ(ctl({"lane", "resume", "other"}).code, 0);
    ASSERT_TRUE(eventually([&] { return took(*other) == 1; }));
    EXPECT_TRUE(books_add_up());
}

TEST_F(Lanes, AReloadWithAFaultyLaneChangesNothing) {
    start_both();
    start();
    setup.extra = "[[lane]]\nname = \"a\"\napi_key = { file = \"/nowhere\" }\n";
    write_config();
    daemon->signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return daemon->output().find("reload refused") != std::string::npos; }));
    EXPECT_NE(daemon->output().find("lane 'a'"), std::string::npos) << daemon->output();
    ASSERT_TRUE(send_datagram(record_with_id("x")));
    ASSERT_TRUE(arrive(1));
    EXPECT_EQ(status()["lanes"].size(), 1U);
}

}  // namespace
}  // namespace respand::test
