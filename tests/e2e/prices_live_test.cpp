// Prices in a running daemon: annotated logs, coverage, and reloads of the table.
#include <csignal>
#include <filesystem>

#include "e2e/daemon_fixture.hpp"

namespace respand::test {
namespace {

class PricesLive : public DaemonTest {
  protected:
    void write_overlay(const std::string& text) {
        std::filesystem::create_directory(dir.file("pricing.d"));
        write_file(dir.file("pricing.d") + "/ours.json", text);
    }
    Json coverage_of(const std::string& model) {
        const Finished answer = ctl({"price", "coverage", "--days", "2", "--json"});
        EXPECT_EQ(answer.code, 0) << answer.output;
        const Json coverage = Json::parse(answer.output);
        for (const Json& row : coverage["models"])
            if (row["model"] == model) return row;
        return {};
    }
    bool says(const std::string& word) {
        return eventually([&] { return daemon->output().find(word) != std::string::npos; });
    }
};

constexpr const char* kOverlay =
    R"({"format":"respand-pricing-1","models":{"our/model":{"input_per_million":1,"output_per_million":2}}})";

TEST_F(PricesLive, AnnotatedLogsSayWhereTheirCostCameFrom) {
    setup.pricing = "annotate = true\n";
    start_server();
    start();
    ASSERT_TRUE(send_datagram(
        R"({"model":"openai/gpt-4o-mini","prompt_tokens":9,"completion_tokens":20,"metadata":{"team":"x"}})"));
    ASSERT_TRUE(arrive(1));
    ASSERT_TRUE(send_datagram(R"({"model":"nobody/has-this","prompt_tokens":9,"completion_tokens":20})"));
    ASSERT_TRUE(arrive(2));
    const auto logs = arrived();
    const Json& priced = logs[0]["metadata"];
    EXPECT_EQ(priced["team"], "x");
    EXPECT_EQ(priced["respand_cost_source"], "table");
    EXPECT_EQ(priced["respand_price_key"], "gpt-4o-mini");
    EXPECT_EQ(priced["respand_price_rule"], "without_provider");
    const Json prices = status()["prices"];
    EXPECT_EQ(priced["respand_price_table"], prices["id"]);
    EXPECT_EQ(priced["respand_price_version"], prices["version"]);
    EXPECT_EQ(logs[1]["metadata"], Json({{"respand_cost_source", "unknown_model"}}));
    EXPECT_TRUE(books_add_up());
}

TEST_F(PricesLive, CoverageCountsModelsOverRestartsAndTellsWhenOneBecameKnown) {
    start_server();
    start();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(send_datagram(record_with_id(std::to_string(i), "our/model")));
    ASSERT_TRUE(send_datagram(record_with_id("known")));
    ASSERT_TRUE(send_datagram(R"({"model":"our/model"})"));
    ASSERT_TRUE(arrive(5));
    EXPECT_EQ(coverage_of("our/model")["outcomes"], Json({{"no_usage", 1}, {"unknown_model", 3}}))
        << "what a record lacks comes first: a price would not help it";
    EXPECT_EQ(coverage_of("openai/gpt-4o-mini")["outcomes"], Json({{"table", 1}}));
    const Finished screen = ctl({"price", "coverage"});
    EXPECT_EQ(screen.code, 0);
    EXPECT_LT(screen.output.find("our/model"), screen.output.find("openai/gpt-4o-mini")) << screen.output;
    const std::string log = daemon->output();
    EXPECT_EQ(log.find("no price for model 'our/model'"), log.rfind("no price for model")) << log;

    EXPECT_EQ(stop(), 0);
    write_overlay(kOverlay);
    start();
    ASSERT_TRUE(send_datagram(record_with_id("now known", "our/model")));
    ASSERT_TRUE(arrive(6));
    EXPECT_EQ(coverage_of("our/model")["outcomes"],
              Json({{"no_usage", 1}, {"table", 1}, {"unknown_model", 3}}));
    EXPECT_EQ(ctl({"price", "coverage", "--days", "0"}).code, 64);
}

TEST_F(PricesLive, ARefusedReloadKeepsTheTableAndStatusSaysSoUntilOneWorks) {
    start_server();
    write_overlay(kOverlay);
    start();
    const Json before = status();
    EXPECT_EQ(before["prices"]["warnings"], 0);
    EXPECT_EQ(before["reload_fault"], "");
    write_overlay("{\"format\": \"respand-pricing-1\",\n \"models\": oops}");
    daemon->signal(SIGHUP);
    ASSERT_TRUE(says("reload refused"));
    EXPECT_TRUE(says("ours.json:2:")) << daemon->output();
    EXPECT_EQ(status()["prices"]["id"], before["prices"]["id"]);
    EXPECT_NE(status()["reload_fault"].get<std::string>().find("ours.json:2:"), std::string::npos);
    EXPECT_NE(ctl({"status"}).output.find("reload        REFUSED"), std::string::npos);

    write_overlay(R"({"format":"respand-pricing-1","models":{"our/model":{"input_per_million":3},
        "bad":{"input_per_million":-1}}})");
    daemon->signal(SIGHUP);
    ASSERT_TRUE(says("configuration, key and prices reloaded"));
    EXPECT_TRUE(says("ours.json:2: 'bad'")) << daemon->output();
    const Json after = status();
    EXPECT_NE(after["prices"]["id"], before["prices"]["id"]);
    EXPECT_EQ(after["prices"]["warnings"], 1);
    EXPECT_EQ(after["reload_fault"], "");
    EXPECT_NE(ctl({"status"}).output.find("respanctl price check tells which"), std::string::npos);
}

TEST_F(PricesLive, ATableThatIsBrokenAtStartShowsInStatus) {
    start_server();
    write_overlay("not JSON");
    start();
    EXPECT_NE(status()["prices"]["fault"].get<std::string>().find("started WITHOUT the overlays"),
              std::string::npos);
    EXPECT_NE(ctl({"status"}).output.find("FAULT: "), std::string::npos);
}

}  // namespace
}  // namespace respand::test
