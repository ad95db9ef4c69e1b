#include "sandbox/server/faults.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "sandbox/server/rate_limit.hpp"

namespace respand::sandbox {
namespace {

TEST(Faults, a_failure_reads_as_status_and_share) {
    EXPECT_EQ(parse_fail("503")->status, 503);
    EXPECT_EQ(parse_fail("503")->rate, 1.0);
    EXPECT_EQ(parse_fail("429:0.25")->rate, 0.25);
    EXPECT_EQ(parse_fail("429:25%")->rate, 0.25);
    for (const char* bad :
         {"", "abc", "500:", "500:x", "500:1.5", "500:-0.1", "500:150%", "200", "99", "600", "500:nan"})
        EXPECT_FALSE(parse_fail(bad)) << bad;
}

TEST(Faults, read_back_from_their_own_json) {
    Faults faults;
    faults.fail = {{500, 0.5}, {429, 0.25}};
    faults.fail_models = {"poison"};
    faults.fail_count = 7;
    faults.fail_body = "<html>";
    faults.latency = std::chrono::milliseconds(200);
    faults.reset_rate = 0.125;
    faults.ambiguous = true;
    faults.retry_after = 3;
    faults.seed = 42;
    const auto read = parse_faults(to_json(faults));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(to_json(*read), to_json(faults));
    EXPECT_EQ(to_json(*parse_faults(to_json(Faults{}))), to_json(Faults{}));
}

TEST(Faults, a_wrong_key_or_value_is_named) {
    const std::pair<const char*, const char*> bad[] = {
        {"[]", "object"},
        {R"({"fial":[]})", "'fial'"},
        {R"({"fail":500})", "'fail'"},
        {R"({"fail":["700"]})", "700"},
        {R"({"fail":[{"rate":1}]})", "'fail'"},
        {R"({"fail":[{"status":500,"rate":2}]})", "500"},
        {R"({"fail":["500:0.7","429:0.7"]})", "add up"},
        {R"({"latency":200})", "'latency'"},
        {R"({"latency":"2 weeks"})", "'latency'"},
        {R"({"latency":"24h"})", "latency"},
        {R"({"reset_rate":2})", "reset rate"},
        {R"({"retry_after":-1})", "'retry_after'"},
        {R"({"ambiguous":1})", "'ambiguous'"},
    };
    for (const auto& [json, word] : bad) {
        const auto read = parse_faults(json);
        ASSERT_FALSE(read) << json;
        EXPECT_THAT(read.error().message, testing::HasSubstr(word)) << json;
    }
}

TEST(Faults, each_failure_gets_its_share_in_an_order_that_the_seed_repeats) {
    Faults faults;
    faults.fail = {{500, 0.3}, {429, 0.1}};
    faults.reset_rate = 0.2;
    FaultPlan plan(faults);
    FaultPlan again(faults);
    constexpr int kDraws = 20'000;
    std::map<int, int> seen;
    for (int i = 0; i < kDraws; ++i) {
        const FaultDecision decision = plan.next();
        const FaultDecision same = again.next();
        EXPECT_EQ(decision.status, same.status);
        EXPECT_EQ(decision.reset, same.reset);
        ++seen[decision.reset ? -1 : decision.status];
    }
    const auto share = [&](int what) { return seen[what] / double{kDraws}; };
    EXPECT_NEAR(share(-1), 0.2, 0.02);
    EXPECT_NEAR(share(500), 0.8 * 0.3, 0.02);
    EXPECT_NEAR(share(429), 0.8 * 0.1, 0.02);
    EXPECT_NEAR(share(0), 0.8 * 0.6, 0.02);
}

TEST(Faults, after_the_count_all_requests_succeed) {
    Faults faults;
    faults.fail = {{500, 1.0}};
    faults.fail_count = 3;
    FaultPlan plan(faults);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(plan.next().any());
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(plan.next().any());
}

TEST(RateLimit, lets_n_requests_into_any_minute_and_says_how_long_to_wait) {
    RateLimit limit(3);
    ManualClock clock;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(limit.seconds_to_wait(clock.steady()), 0U);
        clock.advance(std::chrono::seconds(10));
    }
    EXPECT_EQ(limit.seconds_to_wait(clock.steady()), 30U);
    clock.advance(std::chrono::milliseconds(29'500));
    EXPECT_EQ(limit.seconds_to_wait(clock.steady()), 1U);
    clock.advance(std::chrono::milliseconds(500));
    EXPECT_EQ(limit.seconds_to_wait(clock.steady()), 0U);
    EXPECT_EQ(limit.seconds_to_wait(clock.steady()), 10U);
    RateLimit none(0);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(none.seconds_to_wait(clock.steady()), 0U);
}

}  // namespace
}  // namespace respand::sandbox
