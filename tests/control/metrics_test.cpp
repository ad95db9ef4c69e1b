#include "control/metrics.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "control/exposition.hpp"

namespace respand::control {
namespace {

pipeline::Status example() {
    pipeline::Status status;
    status.version = "1.2.3";
    status.now = WallTime{std::chrono::hours{500'000}};
    status.spool.oldest = status.now - std::chrono::seconds{90};
    status.spool.pending = 1234;
    status.spool.ledger.add("received", "", 2000);
    status.spool.ledger.add("rejected", "not_json", 7);
    status.spool.ledger.add("rejected", "no_model", 2);
    status.spool.ledger.add("lost", "damaged", 3);
    status.listener_counters.http_taken = 11;
    status.listener_counters.http_unavailable = 3;
    pipeline::LaneReport& lane = status.lanes.emplace_back();
    lane.name = "default";
    lane.spool.oldest = status.spool.oldest;
    lane.status.state = upload::LaneState::stopped;
    status.price_table_id = "a\"b\\c\nd\xff";
    auto& bulk = lane.status.counters.endpoints[upload::index(upload::Endpoint::bulk)];
    bulk.requests[static_cast<std::size_t>(upload::RequestOutcome::limited)] = 5;
    for (const double took : {0.004, 0.2, 0.2, 120.0}) bulk.latency.observe(took);
    for (const double rows : {1.0, 500.0, 500.0, 77.0}) bulk.rows.observe(rows);
    lane.status.counters.duplicate_records = 500;
    return status;
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, TellWhatAnAlertIsMadeOf) {
    const std::string text = metrics_text(example());
    for (const char* line :
         {"respand_records_received_total 2000", "respand_records_rejected_total{reason=\"not_json\"} 7",
          "respand_records_delivered_total 0", "respand_records_lost_total{reason=\"damaged\"} 3",
          "respand_records_degraded_total 0", "respand_spool_pending_records 1234",
          "respand_http_requests_total{outcome=\"taken\"} 11",
          "respand_http_requests_total{outcome=\"unavailable\"} 3",
          "respand_lane_state{lane=\"default\",state=\"stopped\"} 1",
          "respand_lane_state{lane=\"default\",state=\"idle\"} 0",
          "respand_lane_oldest_pending_seconds{lane=\"default\"} 90",
          "respand_lane_requests_total{lane=\"default\",endpoint=\"bulk\",outcome=\"limited\"} 5",
          "respand_lane_possible_duplicate_records_total{lane=\"default\"} 500",
          "respand_build_info{version=\"1.2.3\"} 1"})
        EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
}

TEST(Metrics, HistogramsAreCumulativeAndEndWithEverything) {
    const std::string text = metrics_text(example());
    const std::string prefix = "respand_lane_request_duration_seconds";
    const std::string labels = "{lane=\"default\",endpoint=\"bulk\"";
    EXPECT_TRUE(has_line(text, prefix + "_bucket" + labels + ",le=\"0.005\"} 1"));
    EXPECT_TRUE(has_line(text, prefix + "_bucket" + labels + ",le=\"0.1\"} 1"));
    EXPECT_TRUE(has_line(text, prefix + "_bucket" + labels + ",le=\"0.25\"} 3"));
    EXPECT_TRUE(has_line(text, prefix + "_bucket" + labels + ",le=\"60\"} 3"));
    EXPECT_TRUE(has_line(text, prefix + "_bucket" + labels + ",le=\"+Inf\"} 4"));
    EXPECT_TRUE(has_line(text, prefix + "_count" + labels + "} 4"));
    EXPECT_TRUE(has_line(text, prefix + "_sum" + labels + "} 120.404"));
}

// What a reader of the format insists on: each family announced once, its samples together, no sample twice.
TEST(Metrics, AreWellFormed) {
    std::istringstream text(metrics_text(example()));
    std::map<std::string, std::string> types;
    std::set<std::string> samples;
    std::string family;
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("# HELP ")) continue;
        if (line.starts_with("# TYPE ")) {
            std::istringstream words(line.substr(7));
            std::string type;
            words >> family >> type;
            EXPECT_TRUE(types.emplace(family, type).second) << family << " is announced twice";
            EXPECT_TRUE(type == "counter" || type == "gauge" || type == "histogram") << line;
            EXPECT_EQ(family.ends_with("_total"), type == "counter") << line;
            continue;
        }
        const std::string name = line.substr(0, line.find_first_of("{ "));
        EXPECT_TRUE(name == family || (types[family] == "histogram" && name.starts_with(family + "_")))
            << line;
        const std::string series = line.substr(0, line.rfind(' '));
        EXPECT_TRUE(samples.insert(series).second) << series << " is there twice";
        std::size_t used = 0;
        const std::string value = line.substr(line.rfind(' ') + 1);
        EXPECT_NO_THROW((void)std::stod(value, &used)) << line;
        EXPECT_EQ(used, value.size()) << line;
    }
    EXPECT_GT(samples.size(), 80U);
}

TEST(ALabel, HoldsWhateverComesFromOutside) {
    EXPECT_EQ(escaped_label("plain"), "plain");
    EXPECT_EQ(escaped_label("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    EXPECT_EQ(escaped_label("x\xff"), "x\xef\xbf\xbd");
    EXPECT_EQ(escaped_label(""), "");
}

}  // namespace
}  // namespace respand::control
