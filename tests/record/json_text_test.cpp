// Text of JSON that is read and laid out without being written anew.
#include "record/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace respand {
namespace {

TEST(JsonText, IndentingKeepsEveryNumberAndTextToTheLetter) {
    EXPECT_EQ(
        indented(R"({"cost":0.00008,"n":12345678901234567890123,"m":1.10,"e":1E-07,"s":"a, {\"b\": [\\]}",)"
                 R"("a":[1,[],{}],"o":{"x":null}})"),
        R"({
  "cost": 0.00008,
  "n": 12345678901234567890123,
  "m": 1.10,
  "e": 1E-07,
  "s": "a, {\"b\": [\\]}",
  "a": [
    1,
    [],
    {}
  ],
  "o": {
    "x": null
  }
})");
    EXPECT_EQ(indented(" [ ] "), "[]");
    EXPECT_EQ(indented("7"), "7");
}

TEST(JsonText, IndentingTwiceChangesNothing) {
    const std::string once = indented(R"({"a":[1,2,{"b":"c"}],"d":{}})");
    EXPECT_EQ(indented(once), once);
    EXPECT_EQ(nlohmann::json::parse(once), nlohmann::json::parse(R"({"a":[1,2,{"b":"c"}],"d":{}})"));
}

TEST(JsonText, TheLastMemberOfANameCountsHoweverItIsSpelled) {
    const std::string_view text = R"({"cost":1,"x":{"cost":2},"\u0063ost": 0.00008 })";
    EXPECT_EQ(last_member(text, 0, "cost"), "0.00008");
    EXPECT_EQ(last_member(text, 0, "model"), "");
}

}  // namespace
}  // namespace respand
