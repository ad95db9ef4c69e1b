#include "record/shed.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace respand {
namespace {

TEST(Shed, TakesOutWhatWasSaidAndKeepsWhatItCost) {
    EXPECT_EQ(
        without_content(
            R"({"model":"m","input":[{"role":"user","content":"secret"}], "output" : "x","cost":1,)"
            R"("usage":{"prompt_tokens":1,"output":2},"custom_identifier":"i","metadata":{"input":"stays"}})"),
        R"({"model":"m","cost":1,"usage":{"prompt_tokens":1,"output":2},"custom_identifier":"i","metadata":{"input":"stays"}})");
}

TEST(Shed, ARecordWithoutContentStaysAsItIs) {
    constexpr std::string_view kPlain = R"({ "model" : "m" , "latency":1.50 })";
    EXPECT_EQ(without_content(kPlain), kPlain);
}

TEST(Shed, NamesCountHoweverTheyAreSpelled) {
    EXPECT_EQ(without_content(R"({"\u0069nput":"said","model":"m"})"), R"({"model":"m"})");
    EXPECT_EQ(without_content(R"({"model":"m","inputs":"other"})"), R"({"model":"m","inputs":"other"})");
}

TEST(Shed, EveryContentMemberGoesAndTheRestIsUntouchedWhereverTheyStand) {
    for (const char* name : {"input", "output", "prompt", "prompt_messages", "messages", "completion_message",
                             "full_request", "full_response", "tools", "variables", "tool_calls"}) {
        EXPECT_TRUE(is_content_name(name));
        for (const char* value : {"null", "\"a \\\" b\"", "{\"a\":[1,{}]}", "[]", "1e9"}) {
            const std::string member = std::string("\"") + name + "\":" + value;
            for (const std::string& text :
                 {"{" + member + ",\"model\":\"m\"}", "{\"model\":\"m\"," + member + "}",
                  "{\"a\":1," + member + ",\"model\":\"m\"}"}) {
                const auto left = nlohmann::json::parse(without_content(text));
                EXPECT_FALSE(left.contains(name)) << text;
                EXPECT_EQ(left["model"], "m") << text;
            }
        }
    }
    for (const char* kept :
         {"model", "usage", "cost", "timestamp", "start_time", "latency", "customer_identifier", "metadata",
          "properties", "status_code", "error_message", "metrics", "status", "record_id"})
        EXPECT_FALSE(is_content_name(kept)) << kept;
}

}  // namespace
}  // namespace respand
