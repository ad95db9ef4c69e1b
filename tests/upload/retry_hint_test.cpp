#include <gtest/gtest.h>

#include <optional>

#include "upload/classify.hpp"
#include "upload/retry_hint.hpp"

namespace respand::upload {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Sun, 06 Nov 1994 08:49:37 GMT: the example of RFC 9110.
constexpr WallTime kThen{seconds{784'111'777}};
using Wait = std::optional<milliseconds>;

TEST(AnHttpDate, IsReadInAllThreeSpellings) {
    for (const char* text :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
        EXPECT_EQ(parse_http_date(text), kThen) << text;
    for (const char* text :
         {"", "soon", "Sun, 06 Nov 1994 08:49:37 GMT+1", "06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT"})
        EXPECT_FALSE(parse_http_date(text)) << text;
}

struct Hint {
    std::optional<std::string> retry_after = {}, millis = {}, reset = {}, date = {};
    std::optional<double> body = {};
    Wait wait(WallTime now = kThen) const {
        Reply reply;
        reply.retry_after = retry_after;
        reply.retry_after_ms = millis;
        reply.rate_limit_reset = reset;
        reply.date = date;
        return asked_wait(reply, body, now);
    }
};

TEST(TheServersWait, IsReadFromWhereverItStands) {
    EXPECT_EQ((Hint{}.wait()), Wait{});
    EXPECT_EQ((Hint{.retry_after = "7"}.wait()), Wait{seconds(7)});
    EXPECT_EQ((Hint{.retry_after = " 1.5 "}.wait()), Wait{milliseconds(1'500)});
    EXPECT_EQ((Hint{.retry_after = "Sun, 06 Nov 1994 08:50:07 GMT"}.wait()), Wait{seconds(30)});
    EXPECT_EQ((Hint{.millis = "250"}.wait()), Wait{milliseconds(250)});
    EXPECT_EQ((Hint{.body = 12.0}.wait()), Wait{seconds(12)});
    EXPECT_EQ((Hint{.reset = "9"}.wait()), Wait{seconds(9)});
    EXPECT_EQ((Hint{.reset = "1790000011"}.wait(WallTime{seconds{1'790'000'000}})), Wait{seconds(11)});
    EXPECT_EQ((Hint{.reset = "1790000011000"}.wait(WallTime{seconds{1'790'000'000}})), Wait{seconds(11)});
}

TEST(TheServersWait, IsTheLongestOfWhatItSaysAndTheResetOnlyWhenItSaysNothingElse) {
    EXPECT_EQ((Hint{.retry_after = "2", .millis = "2500", .body = 1.0}.wait()), Wait{milliseconds(2'500)});
    EXPECT_EQ((Hint{.retry_after = "2", .reset = "50"}.wait()), Wait{seconds(2)});
}

TEST(ADateToWaitFor, IsMeasuredByTheServersOwnClock) {
    const Hint hint{.retry_after = "Sun, 06 Nov 1994 08:50:07 GMT", .date = "Sun, 06 Nov 1994 08:50:02 GMT"};
    EXPECT_EQ(hint.wait(kThen - std::chrono::hours(5)), Wait{seconds(5)});
}

TEST(TheServersWait, IsNeverNegativeNorEndless) {
    EXPECT_EQ((Hint{.retry_after = "Sat, 05 Nov 1994 08:49:37 GMT"}.wait()), Wait{seconds(0)});
    EXPECT_EQ((Hint{.retry_after = "86400"}.wait()), Wait{kLongestAskedWait});
    EXPECT_EQ((Hint{.retry_after = "99999999999999999999999"}.wait()), Wait{kLongestAskedWait});
    EXPECT_EQ((Hint{.body = 1e300}.wait()), Wait{kLongestAskedWait});
}

TEST(GarbageAsAWait, IsIgnored) {
    for (const char* text : {"", "-5", "abc", "5s", "nan", "inf", "1e3x", "5 6", "0x10"}) {
        EXPECT_EQ((Hint{.retry_after = text}.wait()), Wait{}) << text;
        EXPECT_EQ((Hint{.millis = text}.wait()), Wait{}) << text;
        EXPECT_EQ((Hint{.reset = text}.wait()), Wait{}) << text;
    }
    EXPECT_EQ((Hint{.body = -1.0}.wait()), Wait{});
}

TEST(AVerdict, CarriesTheWaitOfTheJsonBody) {
    const auto wait = [](std::string body) {
        Reply reply;
        reply.status = 429;
        reply.body = std::move(body);
        return classify(reply, {.url = "u", .records = 1, .endpoint = Endpoint::bulk, .now = kThen}).wait;
    };
    EXPECT_EQ(wait(R"({"detail":"slow down","retry_after":17})"), Wait{seconds(17)});
    EXPECT_EQ(wait(R"({"retry_after":"2.5"})"), Wait{milliseconds(2'500)});
    EXPECT_EQ(wait(R"({"retry_after":null})"), Wait{});
    EXPECT_EQ(wait(R"({"retry_after":1e999})"), Wait{});
    EXPECT_EQ(wait("retry_after: 5"), Wait{});
}

}  // namespace
}  // namespace respand::upload
