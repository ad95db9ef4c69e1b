#include <algorithm>

#include "e2e/daemon_fixture.hpp"
#include "sqlite/connection.hpp"

namespace respand::test {
namespace {

class Respanctl : public DaemonTest {};

TEST_F(Respanctl, SendTakesOneRecordOrOneALine) {
    start_server();
    start();
    write_file(dir.file("one.json"), kVendorExample);
    write_file(dir.file("many.ndjson"),
               record_with_id("1") + "\n\n" + record_with_id("2") + "\n" + record_with_id("3"));
    EXPECT_EQ(ctl({"send", dir.file("one.json")}).output, "1 sent to " + datagram_path() + "\n");
    EXPECT_EQ(ctl({"send", "--to", stream_path(), dir.file("one.json")}).output,
              "1 sent to " + stream_path() + "\n");
    EXPECT_EQ(ctl({"send", dir.file("many.ndjson")}).output, "3 sent to " + datagram_path() + "\n");
    EXPECT_TRUE(arrive(5));
}

TEST_F(Respanctl, SendTellsWhichLinesAreNoRecordsAndSendsTheOthers) {
    start_server();
    start();
    write_file(dir.file("mixed"),
               record_with_id("1") + "\n{\"model\":7}\n" + record_with_id("2") + "\nnonsense\n");
    const Finished sent = ctl({"send", dir.file("mixed")});
    EXPECT_EQ(sent.code, 65);
    EXPECT_NE(sent.output.find("line 2: not sent (no_model)"), std::string::npos) << sent.output;
    EXPECT_NE(sent.output.find("line 4: not sent (not_json)"), std::string::npos) << sent.output;
    EXPECT_TRUE(arrive(2));
    EXPECT_EQ(record_count("rejected"), 0U);
}

TEST_F(Respanctl, WhatIsTooLargeForADatagramIsSentAllTheSame) {
    start_server();
    start();
    write_file(dir.file("large"), R"({"model":"m","input":")" + std::string(5'000'000, 'x') + "\"}");
    EXPECT_EQ(ctl({"send", dir.file("large")}).code, 0);
    EXPECT_TRUE(arrive(1));
}

TEST_F(Respanctl, StatusAndAuditFitOnAScreenAndMatch) {
    start_server();
    start();
    ASSERT_TRUE(send_datagram(kVendorExample));
    ASSERT_TRUE(send_datagram("nonsense"));
    ASSERT_TRUE(arrive(1));
    ASSERT_TRUE(eventually([&] { return record_count("delivered") == 1; }));
    const Finished screen = ctl({"status"});
    EXPECT_EQ(screen.code, 0);
    EXPECT_LE(std::count(screen.output.begin(), screen.output.end(), '\n'), 24);
    for (const char* word :
         {"received", "pending", "delivered", "dead", "rejected", "not_json 1", "delivery", "last error"})
        EXPECT_NE(screen.output.find(word), std::string::npos) << word << "\n" << screen.output;
    const Finished audit = ctl({"audit", "--json"});
    EXPECT_EQ(audit.code, 0);
    EXPECT_EQ(Json::parse(audit.output)["ledger"], status()["ledger"]);
}

TEST_F(Respanctl, RetryEndsAWaitAndMetricsTellWhatWasSent) {
    setup.upload = "";  // the defaults: auto mode, paced
    start_server();
    start();
    ASSERT_TRUE(send_datagram(kVendorExample));
    ASSERT_TRUE(arrive(1));
    ASSERT_TRUE(eventually([&] { return record_count("delivered") == 1; }));
    const Finished metrics = ctl({"metrics"});
    EXPECT_EQ(metrics.code, 0);
    for (const char* line :
         {"\nrespand_records_delivered_total 1\n",
          "\nrespand_lane_requests_total{lane=\"default\",endpoint=\"create\",outcome=\"delivered\"} 1\n"})
        EXPECT_NE(metrics.output.find(line), std::string::npos) << line << "\n" << metrics.output;
    const Finished retry = ctl({"retry"});
    EXPECT_EQ(retry.code, 0);
    EXPECT_EQ(retry.output, "delivery tries again now, it is idle\n");
}

TEST_F(Respanctl, AnAuditThatDoesNotAddUpHasItsExitCode) {
    start_server();
    start();
    ASSERT_TRUE(send_datagram(kVendorExample));
    ASSERT_TRUE(arrive(1));
    ASSERT_TRUE(eventually([&] { return record_count("delivered") == 1; }));
    EXPECT_EQ(stop(), 0);
    {
        auto database = sqlite::Connection::open(spool_path(), sqlite::OpenMode::read_write);
        ASSERT_TRUE(database && database->exec("UPDATE ledger SET amount=amount+1 WHERE account='accepted'"));
    }
    const Finished closed = ctl({"audit", spool_path()});
    start();
    const Finished live = ctl({"audit"});
    for (const Finished& audit : {closed, live}) {
        EXPECT_EQ(audit.code, 1) << audit.output;
        for (const char* words : {"do NOT add up", "DOES NOT HOLD", "1 unaccounted for"})
            EXPECT_NE(audit.output.find(words), std::string::npos) << audit.output;
    }
    EXPECT_EQ(ctl({"audit", "--json"}).code, 1);
}

TEST_F(Respanctl, AnAuditOfAClosedFileIsTheOneThatTheDaemonGave) {
    start_server();
    start();
    ASSERT_TRUE(send_datagram(kVendorExample));
    ASSERT_TRUE(send_datagram("no JSON"));
    ASSERT_TRUE(arrive(1));
    ASSERT_TRUE(eventually([&] { return record_count("delivered") == 1; }));
    const Finished live = ctl({"audit", "--json"});
    EXPECT_EQ(ctl({"audit", spool_path()}).code, 69) << "not under a running daemon";
    EXPECT_EQ(stop(), 0);
    const Finished closed = ctl({"audit", "--json", spool_path()});
    EXPECT_EQ(closed.code, 0) << closed.output;
    EXPECT_EQ(Json::parse(closed.output), Json::parse(live.output));
    EXPECT_EQ(ctl({"audit", dir.file("none")}).code, 66);
}

TEST_F(Respanctl, WithoutADaemonItSaysSo) {
    write_config();
    const Finished status = ctl({"status"});
    EXPECT_EQ(status.code, 69);
    EXPECT_NE(status.output.find("is respand running?"), std::string::npos) << status.output;
    EXPECT_EQ(ctl({"send", dir.file("none")}).code, 66);
    write_file(dir.file("one"), kVendorExample);
    EXPECT_EQ(ctl({"send", dir.file("one")}).code, 69);
    EXPECT_EQ(ctl({"frobnicate"}).code, 64);
}

}  // namespace
}  // namespace respand::test
