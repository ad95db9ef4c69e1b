#include "sandbox/server/secrets.hpp"

#include <gmock/gmock.h>

#include "sandbox/server/json_text.hpp"

namespace respand::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Secrets, every_listed_key_is_seen_wherever_it_stands) {
    for (const char* key : {"customer_credentials", "credential_override", "api_key", "apiKey",
                            "openai_api_key", "aws_access_key_id", "aws_secret_access_key",
                            "vertex_ai_credentials", "private_key", "Authorization", "authorization",
                            "X-Data-Respan-Params", "X-Data-Keywordsai-Params", "posthog_integration"}) {
        const std::string member = "{\"" + std::string(key) + "\":\"v\"}";
        EXPECT_THAT(find_secrets(member), ElementsAre(key));
        EXPECT_THAT(find_secrets("{\"a\":[1,{\"b\":" + member + "}]}"),
                    ElementsAre("a[].b." + std::string(key)));
        EXPECT_THAT(find_secrets("{\"full_request\":" + json_string(" " + member) + "}"),
                    ElementsAre("full_request." + std::string(key)))
            << "inside a JSON string";
    }
}

TEST(Secrets, credentials_are_secret_below_a_load_balancer_only) {
    EXPECT_THAT(find_secrets(R"({"load_balance_group":{"models":[{"model":"m","credentials":{"k":"v"}}]}})"),
                ElementsAre("load_balance_group.models[].credentials"));
    EXPECT_THAT(find_secrets(R"({"load_balance_models":[{"credentials":"v"}]})"),
                ElementsAre("load_balance_models[].credentials"));
    EXPECT_THAT(find_secrets(R"({"credentials":"v"})"), IsEmpty());
}

TEST(Secrets, customer_params_hold_nothing_but_the_customer) {
    EXPECT_THAT(
        find_secrets(
            R"({"customer_params":{"customer_identifier":"c","name":"n","email":"e","metadata":{"budget":1}}})"),
        IsEmpty());
    EXPECT_THAT(find_secrets(R"({"customer_params":{"customer_identifier":"c","period_budget":10}})"),
                ElementsAre("customer_params.period_budget"));
}

TEST(Secrets, an_object_of_secrets_is_named_once_and_neighbours_are_still_seen) {
    EXPECT_THAT(find_secrets(R"({"customer_credentials":{"openai":{"api_key":"v"}},"x":{"api_key":"w"}})"),
                ElementsAre("customer_credentials", "x.api_key"));
}

TEST(Secrets, an_escaped_key_is_still_the_key) {
    EXPECT_THAT(find_secrets(R"({"api\u005fkey":"v"})"), ElementsAre("api_key"));
    EXPECT_THAT(find_secrets(R"({"a":"\u007b\"api_key\":\"v\"}"})"), ElementsAre("a.api_key"));
}

TEST(Secrets, nothing_is_seen_where_nothing_is) {
    for (const char* clean :
         {R"({"model":"m","api_key":null,"x":{"Authorization":""}})", R"({"a":"api_key"})",
          R"({"a":"{\"api_key\": broken"})", R"({"max_tokens":3,"keys":["api_key","private_key"]})"})
        EXPECT_THAT(find_secrets(clean), IsEmpty()) << clean;
}

TEST(Secrets, names_are_bounded_and_depth_is_no_danger) {
    std::string many = "{\"a\":[";
    for (int i = 0; i < 100; ++i) many += "{\"api_key\":\"v\"},";
    EXPECT_EQ(find_secrets(many + "1]}").size(), kMaxSecretsNamed + 1);
    constexpr std::size_t kDepth = 100'000;
    EXPECT_THAT(find_secrets(std::string(kDepth, '[') + std::string(kDepth, ']')), IsEmpty());
}

}  // namespace
}  // namespace respand::sandbox
