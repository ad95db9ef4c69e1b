// Coverage: from the spool's rows to what a person reads.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "control/price_routes.hpp"
#include "control/price_screen.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kToday = 20717;  // 2026-09-21

std::vector<spool::Coverage> rows() {
    return {{kToday - 1, "gpt-4o", "table", 1'234'000},
            {kToday, "gpt-4o", "table", 500},
            {kToday, "gpt-4o", "no_usage", 2},
            {kToday, "our/finetune", "unknown_model", 40'000},
            {kToday, "our/finetune", "unknown_model", 7},
            {kToday, "quiet", "app", 1}};
}

TEST(Coverage, AddsUpRowsAndPutsWhatLacksAPriceFirst) {
    const Json json = Json::parse(coverage_json(rows(), kToday, 7, 100));
    EXPECT_EQ(json["from"], "2026-09-15");
    EXPECT_EQ(json["to"], "2026-09-21");
    EXPECT_EQ(json["records"], 1'274'510);
    EXPECT_EQ(json["unpriced"], 40'009);
    EXPECT_EQ(json["priced"], 1'234'501);
    EXPECT_EQ(json["outcomes"]["unknown_model"], 40'007);
    ASSERT_EQ(json["models"].size(), 3U);
    EXPECT_EQ(json["models"][0]["model"], "our/finetune");
    EXPECT_EQ(json["models"][1]["model"], "gpt-4o");
    EXPECT_EQ(json["models"][1]["outcomes"], Json({{"no_usage", 2}, {"table", 1'234'500}}));
    EXPECT_EQ(json["models_left_out"], 0);
}

TEST(Coverage, ALimitLeavesOutModelsAndNoCounts) {
    const Json json = Json::parse(coverage_json(rows(), kToday, 7, 1));
    EXPECT_EQ(json["models"].size(), 1U);
    EXPECT_EQ(json["models_left_out"], 2);
    EXPECT_EQ(json["records"], 1'274'510);
}

TEST(Coverage, IsOneLineAModelWithReasonsAndWhatToDo) {
    const auto screen = coverage_screen(coverage_json(rows(), kToday, 7, 2));
    ASSERT_TRUE(screen) << screen.error().message;
    EXPECT_NE(screen->find("2026-09-15 to 2026-09-21 (UTC)"), std::string::npos) << *screen;
    EXPECT_NE(screen->find("\nour/finetune     40,007          0   40,007  unknown_model 40,007\n"),
              std::string::npos)
        << *screen;
    EXPECT_NE(screen->find("\ngpt-4o        1,234,502  1,234,500        2  no_usage 2, table 1,234,500\n"),
              std::string::npos)
        << *screen;
    EXPECT_NE(screen->find("and 1 more models"), std::string::npos) << *screen;
    EXPECT_NE(screen->find("in an overlay"), std::string::npos) << "what to do\n" << *screen;
    EXPECT_NE(screen->find("(96.9 %)"), std::string::npos) << *screen;
}

TEST(Coverage, APartIsNeverRoundedToAllOrNothing) {
    const auto nearly = coverage_screen(
        coverage_json({{kToday, "m", "table", 9'999'999}, {kToday, "m", "no_rate", 1}}, kToday, 1, 9));
    EXPECT_NE(nearly->find("(99.9 %)"), std::string::npos) << *nearly;
    const auto all = coverage_screen(coverage_json({{kToday, "m", "table", 5}}, kToday, 1, 9));
    EXPECT_NE(all->find("(100 %)"), std::string::npos) << *all;
}

TEST(Coverage, OfNothingSaysSo) {
    const auto screen = coverage_screen(coverage_json({}, kToday, 7, 100));
    EXPECT_NE(screen->find("records       none"), std::string::npos) << *screen;
    EXPECT_FALSE(coverage_screen("[]"));
    EXPECT_FALSE(coverage_screen("nonsense"));
}

TEST(CoverageRoute, RefusesWhatItCanNotAnswer) {
    Router router;
    std::int64_t since = 0;
    add_price_routes(router, {[] { return WallTime{std::chrono::days{kToday} + std::chrono::hours{5}}; },
                              [&](std::int64_t day, auto done) {
                                  since = day;
                                  done(rows());
                              }});
    const Handler handler = std::move(router).handler();
    const auto ask = [&](const std::string& target) {
        Response response;
        handler({"GET", target, {}}, [&](Response got) { response = std::move(got); });
        return response;
    };
    EXPECT_EQ(ask("/prices/coverage?days=3").status, 200);
    EXPECT_EQ(since, kToday - 2) << "today is one of the days";
    for (const char* query : {"days=0", "days=36", "days=x", "limit=-1"})
        EXPECT_EQ(ask("/prices/coverage?" + std::string(query)).status, 400) << query;
}

}  // namespace
}  // namespace respand::control
