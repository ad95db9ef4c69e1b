// respanctl queue and dead, against a running daemon.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "e2e/daemon_fixture.hpp"
#include "support/eventually.hpp"

namespace respand::test {
namespace {

class Queue : public DaemonTest {
  protected:
    /// Five records, two of which the server refuses.
    void refuse_two() {
        sandbox::Options options;
        options.faults.fail_models = {"poison"};
        start_server(options);
        start();
        for (int i = 0; i < 5; ++i)
            ASSERT_TRUE(send_datagram(
                record_with_id("r" + std::to_string(i), i < 2 ? "poison" : "openai/gpt-4o-mini")));
        ASSERT_TRUE(arrive(3));
        ASSERT_TRUE(eventually([&] { return record_count("dead") == 2 && record_count("pending") == 0; }));
    }
    /// Says what is refused from here on.
    void refuse(const std::vector<std::string>& models) {
        sandbox::Faults faults;
        faults.fail_models = models;
        server->set_faults(faults);
    }
    Json dead(std::vector<std::string> words = {}) {
        words.insert(words.begin(), {"dead", "list", "--json"});
        return Json::parse(ctl(words).output)["dead"];
    }
    static std::size_t lines(const std::string& text) {
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
};

TEST_F(Queue, ADeadLetterTellsWhyAndKeepsTheRecordAsItWasSent) {
    refuse_two();
    const Json letters = dead();
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_EQ(letters[0]["model"], "poison");
    EXPECT_EQ(letters[0]["cause"], "row_refused");
    EXPECT_FALSE(letters[0]["answer"].get<std::string>().empty());
    const std::string id = letters[0]["id"].dump();
    const Json shown = Json::parse(ctl({"dead", "show", id, "--json"}).output);
    const Json record = Json::parse(shown["record"].get<std::string>());
    EXPECT_EQ(record["model"], "poison");
    EXPECT_EQ(record["custom_identifier"], shown["record_id"]);
    const Finished exported = ctl({"dead", "export", "--model", "poison"});
    EXPECT_EQ(lines(exported.output), 2U);
    EXPECT_EQ(ctl({"dead", "show", "999"}).code, 66);
}

TEST_F(Queue, RequeuedRecordsArriveOnceTheServerTakesThem) {
    refuse_two();
    refuse({});
    EXPECT_EQ(ctl({"dead", "requeue", "--cause", "row_refused", "--newer-than", "1h"}).output,
              "2 requeued\n");
    EXPECT_TRUE(arrive(5));
    EXPECT_TRUE(eventually([&] { return record_count("delivered") == 5; }));
    EXPECT_TRUE(dead().empty());
    EXPECT_TRUE(books_add_up());
}

TEST_F(Queue, RequeuedRecordsThatAreRefusedAgainAreDeadAgainAndCountedOnce) {
    refuse_two();
    EXPECT_EQ(ctl({"dead", "requeue", "--all"}).output, "2 requeued\n");
    EXPECT_TRUE(eventually([&] { return dead().size() == 2 && record_count("pending") == 0; }));
    EXPECT_EQ(record_count("accepted"), 5U);
    EXPECT_TRUE(books_add_up());
}

TEST_F(Queue, WhatIsPurgedIsInTheLedgerWithWhoDidIt) {
    refuse_two();
    EXPECT_EQ(ctl({"dead", "purge"}).code, 64) << "which ones has to be said";
    EXPECT_EQ(ctl({"dead", "purge", "--older-than", "1h"}).output, "0 discarded\n");
    EXPECT_EQ(ctl({"dead", "purge", dead()[0]["id"].dump()}).output, "1 discarded\n");
    EXPECT_EQ(ctl({"dead", "purge", "--all"}).output, "1 discarded\n");
    EXPECT_TRUE(dead().empty());
    EXPECT_TRUE(books_add_up());
    EXPECT_NE(ctl({"audit"}).output.find("operator:"), std::string::npos);
}

TEST_F(Queue, MoneyIsShownDigitByDigitAsItStandsInTheRecord) {
    start_server();
    setup.base_url = "http://127.0.0.1:1/api";  // nobody there
    start();
    ASSERT_TRUE(send_datagram(R"({"model":"m","cost":0.00008,"metadata":{"n":12345678901234567890123}})"));
    ASSERT_TRUE(eventually([&] { return record_count("pending") == 1; }));
    EXPECT_THAT(ctl({"queue", "list"}).output, testing::HasSubstr(" 0.00008 "));
    const Json listed = Json::parse(ctl({"queue", "list", "--json"}).output);
    EXPECT_EQ(listed["records"][0]["cost"], "0.00008");
    const std::string shown = ctl({"queue", "show", listed["records"][0]["id"].get<std::string>()}).output;
    EXPECT_THAT(shown, testing::HasSubstr("\"cost\": 0.00008,\n"));
    EXPECT_THAT(shown, testing::HasSubstr("\"n\": 12345678901234567890123\n"));
}

TEST_F(Queue, WhereACostCameFromIsShownOfWhatWaitsAndOfWhatWasRefused) {
    refuse_two();
    const auto price_of = [this](const std::string& kind, const std::string& id) {
        return Json::parse(ctl({kind, "show", id, "--json"}).output)["price"];
    };
    EXPECT_EQ(price_of("dead", dead()[0]["id"].dump()), nullptr) << "a model that is in no table";
    refuse({"openai/gpt-4o-mini"});
    ASSERT_TRUE(send_datagram(record_with_id("priced")));
    ASSERT_TRUE(eventually([&] { return record_count("dead") == 3; }));
    const Json refused = dead({"--model", "openai/gpt-4o-mini"});
    ASSERT_EQ(refused.size(), 1U);
    const std::string dead_id = refused[0]["id"].dump();
    const Json price = price_of("dead", dead_id);
    EXPECT_EQ(price["key"], "gpt-4o-mini");
    EXPECT_EQ(price["rule"], "without_provider");
    EXPECT_EQ(price["table"], status()["prices"]["id"]);
    EXPECT_THAT(ctl({"dead", "show", dead_id}).output,
                testing::ContainsRegex(
                    "price +gpt-4o-mini, rule without_provider, table sha256:[0-9a-f]+ version 2"));
    server->stop();
    ASSERT_EQ(ctl({"dead", "requeue", dead_id}).code, 0);
    const Json waiting = Json::parse(ctl({"queue", "list", "--json"}).output);
    ASSERT_EQ(waiting["records"].size(), 1U);
    EXPECT_EQ(price_of("queue", waiting["records"][0]["id"]), price) << "it stays with the record";
}

TEST_F(Queue, WhatWaitsCanBeListedShownAndExportedWithoutTakingIt) {
    start_server();
    setup.base_url = "http://127.0.0.1:1/api";  // nobody there
    start();
    constexpr int kRecords = 1'234;
    for (int i = 0; i < kRecords; ++i) ASSERT_TRUE(send_datagram(record_with_id("id-" + std::to_string(i))));
    ASSERT_TRUE(eventually([&] { return record_count("pending") == kRecords; }));

    const Json first = Json::parse(ctl({"queue", "list", "--limit", "10", "--json"}).output);
    ASSERT_EQ(first["records"].size(), 10U);
    EXPECT_EQ(first["records"][0]["custom_identifier"], "id-0");
    EXPECT_EQ(first["records"][0]["model"], "openai/gpt-4o-mini");
    const Json more =
        Json::parse(ctl({"queue", "list", "--from", first["next"].get<std::string>(), "--json"}).output);
    EXPECT_EQ(more["records"][0]["custom_identifier"], "id-10");

    const std::string id = more["records"][5]["id"];
    const Json shown = Json::parse(ctl({"queue", "show", id, "--json"}).output);
    EXPECT_EQ(Json::parse(shown["record"].get<std::string>())["custom_identifier"], "id-15");
    EXPECT_EQ(ctl({"queue", "show", "0.999999.0"}).code, 66);
    EXPECT_EQ(ctl({"queue", "show", "nonsense"}).code, 64);
    EXPECT_EQ(ctl({"queue", "list", "--lane", "nobody"}).code, 66);

    const std::string exported = ctl({"queue", "export"}).output;
    EXPECT_EQ(lines(exported), kRecords);
    std::set<std::string> ids;
    for (std::size_t at = 0; at < exported.size(); at = exported.find('\n', at) + 1)
        ids.insert(Json::parse(exported.substr(at, exported.find('\n', at) - at))["custom_identifier"]);
    EXPECT_EQ(ids.size(), kRecords);
    EXPECT_EQ(record_count("pending"), kRecords);
}

TEST_F(Queue, WhenABacklogIsGoneTheDiskHasItsSpaceAgain) {
    sandbox::Options options;
    options.faults.fail.push_back({500, 1.0});
    start_server(options);
    start();
    constexpr unsigned kRecords = 620;  // over 64 MiB together
    std::string large = record_with_id("large");
    large.insert(1,
                 R"("prompt_messages":[{"role":"user","content":")" + std::string(120'000, 'p') + R"("}],)");
    const UnixSender sender(stream_path(), SOCK_STREAM);
    for (unsigned i = 0; i < kRecords; ++i) ASSERT_TRUE(sender.send(large + "\n"));
    ASSERT_TRUE(eventually([&] { return record_count("pending") == kRecords; }, std::chrono::minutes(2)));
    const auto size = [this] { return std::filesystem::file_size(spool_path()); };
    EXPECT_GT(size() + std::filesystem::file_size(spool_path() + "-wal"), kRecords * 120'000U);
    ASSERT_TRUE(server->set_faults({}));
    ASSERT_EQ(ctl({"retry"}).code, 0);
    EXPECT_TRUE(eventually([&] { return record_count("pending") == 0 && size() < 4U << 20; },
                           std::chrono::minutes(2)))
        << size();
    EXPECT_TRUE(books_add_up());
}

}  // namespace
}  // namespace respand::test
