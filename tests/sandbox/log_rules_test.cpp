#include "sandbox/server/log_rules.hpp"

#include <gmock/gmock.h>

namespace respand::sandbox {
namespace {

constexpr std::string_view kExample = R"({"model": "replicate/meta/llama-3-70b-instruct",
 "prompt_messages": [{"role": "user", "content": "Hello, how are you?"}],
 "completion_message": {"role": "assistant", "content": "Hello from Replicate through Respan."},
 "cost": 0.001, "generation_time": 1.2, "customer_params": {"customer_identifier": "user_123"}})";

/// The fields that a log with this member is refused for.
std::vector<std::string> refused_fields(const std::string& member) {
    std::vector<std::string> out;
    for (const FieldError& error : check_log("{\"model\":\"m\"," + member + "}").errors)
        out.push_back(error.field);
    return out;
}

TEST(LogRules, the_documented_example_passes) {
    const LogCheck check = check_log(kExample);
    EXPECT_TRUE(check.errors.empty()) << in_one_line(check.errors);
    EXPECT_EQ(check.facts.model, "replicate/meta/llama-3-70b-instruct");
    EXPECT_EQ(check.facts.cost, "0.001");
    EXPECT_EQ(check.facts.customer, "user_123");
    EXPECT_EQ(check.facts.tokens_in, "");
}

TEST(LogRules, a_log_needs_a_model) {
    for (const char* log : {"{}", R"({"model":""})", R"({"model":"  "})", R"({"model":null})",
                            R"({"model":3})", R"({"model":["m"]})"}) {
        const LogCheck check = check_log(log);
        ASSERT_EQ(check.errors.size(), 1U) << log;
        EXPECT_EQ(check.errors.front().field, "model") << log;
    }
    EXPECT_EQ(check_log("[1]").errors.size(), 1U);
    EXPECT_EQ(check_log("\"m\"").errors.size(), 1U);
}

TEST(LogRules, documented_fields_of_the_wrong_type_are_refused_by_name) {
    const std::pair<const char*, const char*> bad[] = {
        {R"("cost":"0.1")", "cost"},
        {R"("cost":-0.1)", "cost"},
        {R"("cost":true)", "cost"},
        {R"("prompt_tokens":1.5)", "prompt_tokens"},
        {R"("completion_tokens":-1)", "completion_tokens"},
        {R"("completion_tokens":1e30)", "completion_tokens"},
        {R"("usage":[])", "usage"},
        {R"("usage":{"prompt_tokens":"18"})", "usage.prompt_tokens"},
        {R"("usage":{"prompt_tokens_details":{"cached_tokens":-1}})",
         "usage.prompt_tokens_details.cached_tokens"},
        {R"("timestamp":1732273064)", "timestamp"},
        {R"("timestamp":"yesterday")", "timestamp"},
        {R"("start_time":"2026-13-01T00:00:00Z")", "start_time"},
        {R"("generation_time":-1)", "generation_time"},
        {R"("latency":"1.2s")", "latency"},
        {R"("customer_identifier":7)", "customer_identifier"},
        {R"("customer_params":"user_123")", "customer_params"},
        {R"("customer_params":{"customer_identifier":7})", "customer_params.customer_identifier"},
        {R"("customer_params":{"email":[]})", "customer_params.email"},
        {R"("log_type":"chatter")", "log_type"},
        {R"("log_type":1)", "log_type"},
        {R"("metadata":"x")", "metadata"},
        {R"("metadata":[])", "metadata"},
        {R"("full_request":"{}")", "full_request"},
        {R"("prompt_messages":{})", "prompt_messages"},
        {R"("completion_message":"hi")", "completion_message"},
    };
    for (const auto& [member, field] : bad)
        EXPECT_THAT(refused_fields(member), testing::ElementsAre(field)) << member;
}

TEST(LogRules, what_is_right_null_or_undocumented_passes) {
    for (const char* good :
         {R"("cost":0)", R"("cost":1e-7)", R"("cost":null)", R"("usage":null)", R"("usage":{"cost":{"x":1}})",
          R"("usage":{"input_tokens":0,"prompt_tokens_details":{"cached_tokens":4}})",
          R"("timestamp":"2026-11-22T10:57:44.123456Z")", R"("timestamp":"2026-11-22 10:57:44+01:00")",
          R"("log_type":"guardrail")", R"("metadata":{"_x":[1]})", R"("temperature":"warm")",
          R"("input":3,"output":[])"})
        EXPECT_TRUE(refused_fields(good).empty()) << good;
}

TEST(LogRules, identifiers_end_at_254_characters_not_bytes) {
    std::string longest;
    for (std::size_t i = 0; i < kMaxIdentifier; ++i) longest += "é";
    for (const char* field :
         {"customer_identifier", "thread_identifier", "group_identifier", "custom_identifier"}) {
        const std::string start = "\"" + std::string(field) + "\":\"" + longest;
        EXPECT_TRUE(refused_fields(start + "\"").empty()) << field;
        EXPECT_THAT(refused_fields(start + "x\""), testing::ElementsAre(field));
    }
}

TEST(LogRules, tokens_are_found_in_usage_and_flat) {
    const auto facts = [](const char* log) { return check_log(log).facts; };
    EXPECT_EQ(facts(R"({"model":"m","usage":{"prompt_tokens":18,"completion_tokens":502}})").tokens_in, "18");
    EXPECT_EQ(facts(R"({"model":"m","usage":{"input_tokens":18,"output_tokens":502}})").tokens_out, "502");
    EXPECT_EQ(facts(R"({"model":"m","prompt_tokens":7,"usage":null})").tokens_in, "7");
    EXPECT_EQ(facts(R"({"model":"m","customer_identifier":"c","custom_identifier":"i"})").customer, "c");
    EXPECT_EQ(facts(R"({"model":"m","cost":0.0013922})").cost, "0.0013922");
}

TEST(LogRules, all_faults_of_a_log_are_told_and_none_tells_a_value) {
    const LogCheck check = check_log(R"({"model":"","cost":"hush","metadata":"hush"})");
    EXPECT_EQ(check.errors.size(), 3U);
    EXPECT_THAT(in_one_line(check.errors), testing::Not(testing::HasSubstr("hush")));
    EXPECT_THAT(in_one_line(check.errors), testing::HasSubstr("model: must not be empty; cost: "));
}

}  // namespace
}  // namespace respand::sandbox
