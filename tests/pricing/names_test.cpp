// How a name that was sent finds its price, and never finds another's.
#include <gtest/gtest.h>

#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::found;

class Names : public testing::Test {
  protected:
    const std::shared_ptr<const PriceTable> table_ = test::table_of(test::own(R"(
        "gpt-5.5":            {"provider": "openai", "input_per_million": "5"},
        "gpt-5.5-2025-01-01": {"provider": "openai", "input_per_million": "9"},
        "azure/gpt-5.5":      {"input_per_million": "5.5"},
        "claude-sonnet-4-5":  {"provider": "anthropic", "aliases": ["claude-sonnet-latest"], "input_per_million": "3"},
        "gemini/gemini-pro":  {"aliases": ["vertex_ai/gemini-pro"], "input_per_million": "1"},
        "openrouter/openai/gpt-5.5": {"input_per_million": "6"},
        "replicate/openai/gpt-5.5":  {"input_per_million": "7"},
        "replicate/meta/llama-3-70b-instruct": {"aliases": ["meta/meta-llama-3-70b-instruct"], "input_per_million": "0.65"},
        "acme/private":       {"input_per_million": "2"},
        "house-model":        {"input_per_million": "4"},
        "other.vendor-v1:0":  {"provider": "bedrock", "input_per_million": "8"}
    )"));
};

TEST_F(Names, are_found_as_sent_in_any_case) {
    EXPECT_EQ(found(*table_, "gpt-5.5"), "gpt-5.5 (exact)");
    EXPECT_EQ(found(*table_, "GPT-5.5"), "gpt-5.5 (exact)");
    EXPECT_EQ(found(*table_, "other.vendor-v1:0"), "other.vendor-v1:0 (exact)");
    EXPECT_EQ(found(*table_, "Replicate/Meta/Llama-3-70B-Instruct"),
              "replicate/meta/llama-3-70b-instruct (exact)");
}

TEST_F(Names, are_found_with_the_prefix_of_the_provider_that_the_record_states) {
    EXPECT_EQ(found(*table_, "gpt-5.5", "azure"), "azure/gpt-5.5 (with_provider)");
    EXPECT_EQ(found(*table_, "openai/gpt-5.5", "openrouter"), "openrouter/openai/gpt-5.5 (with_provider)");
    EXPECT_EQ(found(*table_, "gemini-pro", "Google"), "gemini/gemini-pro (with_provider)");
    EXPECT_EQ(found(*table_, "openai/gpt-5.5", "replicate"), "replicate/openai/gpt-5.5 (with_provider)");
}

TEST(NamesOfTwo, are_the_stated_providers_own_where_both_have_one) {
    const auto table = test::table_of(test::own(R"(
        "xai/grok-9": {"input_per_million": "3"}, "xai/grok-4": {"input_per_million": "3"}, "replicate/xai/grok-4": {"input_per_million": "7.2"},
        "azure/gpt": {"input_per_million": "1"}, "bedrock/ours": {"aliases": ["replicate/azure/gpt"], "input_per_million": "2"})"));
    EXPECT_EQ(found(*table, "xai/grok-4"), "xai/grok-4 (exact)");
    EXPECT_EQ(found(*table, "xai/grok-4", "xai"), "xai/grok-4 (exact)");
    EXPECT_EQ(found(*table, "xai/grok-4", "openai"), "xai/grok-4 (exact)") << "the name says whose it is";
    EXPECT_EQ(found(*table, "xai/grok-4", "replicate"), "replicate/xai/grok-4 (with_provider)");
    EXPECT_EQ(found(*table, "xai/grok-9", "replicate"), "none")
        << "what xAI sells is not Replicate's to sell";
    EXPECT_EQ(found(*table, "azure/gpt", "replicate"), "bedrock/ours (alias)") << "an alias that says so";
}

TEST(NamesOfTwo, that_begin_with_an_owner_are_nobodys_but_replicates) {
    const auto table = test::table_of(test::own(R"(
        "replicate/anthropic/claude-3.5": {"aliases": ["anthropic/claude-3.5"], "input_per_million": "3.75"},
        "gemini/pro": {"aliases": ["vertex_ai/pro"], "input_per_million": "1"}, "claude-x": {"provider": "anthropic", "input_per_million": "1"})"));
    EXPECT_EQ(found(*table, "anthropic/claude-3.5"), "replicate/anthropic/claude-3.5 (alias)");
    EXPECT_EQ(found(*table, "anthropic/claude-3.5", "replicate"),
              "replicate/anthropic/claude-3.5 (with_provider)");
    EXPECT_EQ(found(*table, "anthropic/claude-3.5", "anthropic"), "none")
        << "Anthropic itself takes another price";
    EXPECT_EQ(found(*table, "replicate/anthropic/claude-3.5", "anthropic"),
              "replicate/anthropic/claude-3.5 (exact)");
    EXPECT_EQ(found(*table, "vertex_ai/pro", "vertex_ai"), "gemini/pro (alias)")
        << "declared for that provider";
}

TEST_F(Names, are_found_without_the_prefix_of_a_provider_that_is_known) {
    EXPECT_EQ(found(*table_, "openai/gpt-5.5"), "gpt-5.5 (without_provider)");
    EXPECT_EQ(found(*table_, "openai/gpt-5.5", "openai"), "gpt-5.5 (without_provider)");
    EXPECT_EQ(found(*table_, "anthropic/claude-sonnet-4-5"), "claude-sonnet-4-5 (without_provider)");
    EXPECT_EQ(found(*table_, "myhost/house-model", "myhost"), "house-model (without_provider)");
    EXPECT_EQ(found(*table_, "myhost/house-model"), "none") << "nothing says that myhost is a provider";
}

TEST_F(Names, never_find_another_providers_price) {
    EXPECT_EQ(found(*table_, "openai/claude-sonnet-4-5"), "none");
    EXPECT_EQ(found(*table_, "groq/gpt-5.5"), "none");
    EXPECT_EQ(found(*table_, "gpt-5.5", "groq"), "none");
    EXPECT_EQ(found(*table_, "openai/gpt-5.5", "groq"), "none") << "who made it is not who sells it";
    EXPECT_EQ(found(*table_, "meta/meta-llama-3-70b-instruct", "deepinfra"), "none");
    EXPECT_EQ(found(*table_, "llama-3-70b-instruct"), "none");
    EXPECT_EQ(found(*table_, "meta/llama-3-70b-instruct"), "none") << "this table declares no such alias";
}

TEST_F(Names, are_taken_as_sent_when_the_stated_provider_is_nobody_the_table_knows) {
    EXPECT_EQ(found(*table_, "gpt-5.5", "our-gateway"), "gpt-5.5 (exact)");
}

TEST_F(Names, never_match_by_a_part) {
    for (const char* model : {"gpt-5",
                              "gpt-5.5-mini",
                              "my-gpt-5.5",
                              "pt-5.5",
                              "gpt-5.5 ",
                              " gpt-5.5",
                              "gpt-5.5/",
                              "/gpt-5.5",
                              "openai//gpt-5.5",
                              "a/openai/gpt-5.5",
                              "",
                              "/",
                              ":",
                              "-",
                              "replicate/",
                              "replicate/:",
                              "deployments/",
                              "openai/",
                              "-2025-01-01",
                              "@20250101"}) {
        EXPECT_EQ(found(*table_, model), "none") << '"' << model << '"';
    }
}

TEST_F(Names, of_replicate_are_one_model_in_every_spelling) {
    const std::string version = ":fbfb20b472b2f3bdd101412a9f70a0ed4fc0ced78a77ff00970ee7a2383c575d";
    const std::string key = "replicate/meta/llama-3-70b-instruct";
    EXPECT_EQ(found(*table_, key), key + " (exact)");
    EXPECT_EQ(found(*table_, key + version), key + " (replicate_name)");
    EXPECT_EQ(found(*table_, "meta/llama-3-70b-instruct", "replicate"), key + " (with_provider)");
    EXPECT_EQ(found(*table_, "meta/llama-3-70b-instruct:any-version", "replicate"),
              key + " (replicate_name)");
    EXPECT_EQ(found(*table_, "deployments/meta/llama-3-70b-instruct"), key + " (replicate_name)");
    EXPECT_EQ(found(*table_, "replicate/deployments/meta/llama-3-70b-instruct"), key + " (replicate_name)");
    EXPECT_EQ(found(*table_, "meta/meta-llama-3-70b-instruct"), key + " (alias)");
    EXPECT_EQ(found(*table_, "meta/meta-llama-3-70b-instruct", "replicate"), key + " (alias)");
    EXPECT_EQ(found(*table_, "meta/meta-llama-3-70b-instruct" + version), key + " (alias)");
    EXPECT_EQ(found(*table_, "replicate/meta/meta-llama-3-70b-instruct" + version), key + " (alias)");
    EXPECT_EQ(found(*table_, "replicate/acme/private:v2"), "acme/private (replicate_name)");
    EXPECT_EQ(found(*table_, "deployments/acme/private"), "acme/private (replicate_name)");
}

TEST_F(Names, keep_a_suffix_that_is_no_version_of_replicate) {
    EXPECT_EQ(found(*table_, "meta/meta-llama-3-70b-instruct:free"), "none") << "free of charge elsewhere";
    EXPECT_EQ(found(*table_, "openai/gpt-5.5:batch"), "none");
    EXPECT_EQ(found(*table_, "gpt-5.5:abcdef0123"), "none") << "Replicate's names have an owner";
}

TEST_F(Names, are_found_by_a_declared_alias) {
    EXPECT_EQ(found(*table_, "claude-sonnet-latest"), "claude-sonnet-4-5 (alias)");
    EXPECT_EQ(found(*table_, "anthropic/Claude-Sonnet-Latest"), "claude-sonnet-4-5 (alias)");
    EXPECT_EQ(found(*table_, "gemini-pro", "vertex_ai"), "gemini/gemini-pro (alias)");
    EXPECT_EQ(found(*table_, "claude-sonnet-latest", "openai"), "none");
}

TEST_F(Names, are_found_without_one_trailing_date) {
    EXPECT_EQ(found(*table_, "gpt-5.5-20260423"), "gpt-5.5 (without_date)");
    EXPECT_EQ(found(*table_, "openai/gpt-5.5-2026-04-23"), "gpt-5.5 (without_date)");
    EXPECT_EQ(found(*table_, "claude-sonnet-4-5@20250929", "anthropic"), "claude-sonnet-4-5 (without_date)");
    EXPECT_EQ(found(*table_, "claude-sonnet-latest-20250929"), "claude-sonnet-4-5 (without_date)");
    EXPECT_EQ(found(*table_, "gpt-5.5-2025-01-01"), "gpt-5.5-2025-01-01 (exact)") << "a date of its own wins";
    for (const char* model :
         {"gpt-5.5-20261301", "gpt-5.5-20260432", "gpt-5.5-2026-00-10", "gpt-5.5-0423", "gpt-5.5@2026-04-23",
          "gpt-5.5-19991231", "gpt-5.5-20260423-20260423", "gpt-5.520260423"}) {
        EXPECT_EQ(found(*table_, model), "none") << model;
    }
}

TEST_F(Names, of_any_length_are_answered) {
    EXPECT_EQ(found(*table_, std::string(100'000, 'x')), "none");
    EXPECT_EQ(found(*table_, std::string(256, 'x'), std::string(256, 'y')), "none");
    EXPECT_EQ(found(*table_, "gpt-5.5", std::string(100'000, 'y')), "gpt-5.5 (exact)");
}

TEST(KnownNames, of_one_model_of_replicate_find_it_whichever_the_table_states) {
    const auto gateways =
        test::table_of(test::own(R"("replicate/meta/llama-3-70b-instruct": {"input_per_million": "1"})"));
    for (const char* name : {"meta/meta-llama-3-70b-instruct", "replicate/meta/meta-llama-3-70b-instruct",
                             "replicate/meta/llama-3-70b-instruct", "meta/meta-llama-3-70b-instruct:0123abcd",
                             "replicate/deployments/meta/meta-llama-3-70b-instruct"}) {
        EXPECT_NE(found(*gateways, name), "none") << name;
    }
    EXPECT_EQ(found(*gateways, "meta/meta-llama-3-70b-instruct", "deepinfra"), "none");
    EXPECT_EQ(found(*gateways, "meta/llama-3-70b-instruct"), "none") << "others use this name, too";
    const auto replicates =
        test::table_of(test::own(R"("replicate/meta/meta-llama-3-8b": {"input_per_million": "1"})"));
    EXPECT_EQ(found(*replicates, "replicate/meta/llama-3-8b"), "replicate/meta/meta-llama-3-8b (alias)");
    EXPECT_EQ(found(*replicates, "meta/llama-3-8b", "replicate"), "replicate/meta/meta-llama-3-8b (alias)");
}

TEST(KnownNames, give_way_to_what_a_table_states) {
    std::vector<LoadWarning> warnings;
    const auto table = test::table_of(test::own(R"(
        "replicate/meta/llama-3-8b": {"input_per_million": "1"},
        "replicate/meta/meta-llama-3-8b": {"input_per_million": "2"},
        "replicate/meta/llama-3-70b": {"input_per_million": "1"},
        "replicate/acme/other": {"input_per_million": "3", "aliases": ["meta/meta-llama-3-70b"]})"),
                                      &warnings);
    EXPECT_TRUE(warnings.empty());
    EXPECT_EQ(found(*table, "replicate/meta/meta-llama-3-8b"), "replicate/meta/meta-llama-3-8b (exact)");
    EXPECT_EQ(found(*table, "meta/meta-llama-3-70b"), "replicate/acme/other (alias)");
}

class PrefixRules : public testing::Test {
  protected:
    std::vector<LoadWarning> warnings_;
    const std::shared_ptr<const PriceTable> table_ = test::table_of(R"({
        "format": "respand-pricing-1",
        "models": {
            "gpt-5.5": {"provider": "openai", "aliases": ["gpt-latest"], "input_per_million": "5"},
            "claude-sonnet-4-5": {"provider": "anthropic", "input_per_million": "3"},
            "gw/exact": {"input_per_million": "9"}
        },
        "prefix_rules": [
            {"prefix": "GW/", "replace_with": ""},
            {"prefix": "gw/twice/", "replace_with": "gw/"},
            {"prefix": "ft:gpt-5.5", "model": "OpenAI/gpt-5.5"},
            {"prefix": "ft:", "model": "claude-sonnet-4-5"},
            {"prefix": "house-", "replace_with": "openai/"},
            {"prefix": "lost-", "model": "nowhere"}
        ]})",
                                                                    &warnings_);
};

TEST_F(PrefixRules, lead_to_another_name_or_to_a_model) {
    EXPECT_EQ(found(*table_, "gw/gpt-5.5"), "gpt-5.5 (prefix_rule)");
    EXPECT_EQ(found(*table_, "Gw/OpenAI/GPT-5.5-2026-04-23"), "gpt-5.5 (prefix_rule)")
        << "by all the usual rules";
    EXPECT_EQ(found(*table_, "house-gpt-latest"), "gpt-5.5 (prefix_rule)");
    EXPECT_EQ(found(*table_, "ft:gpt-5.5:acme::abc123"), "gpt-5.5 (prefix_rule)");
    EXPECT_EQ(found(*table_, "ft:gpt-5.5:acme::abc123", "azure"), "gpt-5.5 (prefix_rule)")
        << "the operator said which model it is";
}

TEST_F(PrefixRules, come_last_of_all) {
    EXPECT_EQ(found(*table_, "gw/exact"), "gw/exact (exact)");
    EXPECT_EQ(found(*table_, "gpt-5.5"), "gpt-5.5 (exact)");
}

TEST_F(PrefixRules, count_by_the_longest_prefix_alone_and_once) {
    EXPECT_EQ(found(*table_, "ft:gpt-4"), "claude-sonnet-4-5 (prefix_rule)");
    EXPECT_EQ(found(*table_, "gw/twice/gpt-5.5"), "none") << "one rule leads to the name that counts";
    EXPECT_EQ(found(*table_, "gw/twice/exact"), "gw/exact (prefix_rule)");
    EXPECT_EQ(found(*table_, "gw/gw/gpt-5.5"), "none");
    EXPECT_EQ(found(*table_, "gw/"), "none");
    EXPECT_EQ(found(*table_, "my-gw/gpt-5.5"), "none") << "a prefix, not a part";
}

TEST_F(PrefixRules, never_take_another_providers_price) {
    EXPECT_EQ(found(*table_, "gw/gpt-5.5", "groq"), "none");
}

TEST_F(PrefixRules, that_lead_nowhere_are_named_when_the_table_is_read) {
    EXPECT_EQ(found(*table_, "lost-model"), "none");
    ASSERT_EQ(warnings_.size(), 1U);
    EXPECT_EQ(warnings_[0].key, "prefix_rules");
    EXPECT_EQ(warnings_[0].line, 14U);
    EXPECT_NE(warnings_[0].message.find("\"lost-\" leads to the model \"nowhere\""), std::string::npos);
}

TEST_F(PrefixRules, make_no_name_too_long) {
    const auto table = test::table_of(
        R"({"format": "respand-pricing-1", "models": {"m": {"input_per_million": 1}},
            "prefix_rules": [{"prefix": "x", "replace_with": ")" +
        std::string(256, 'y') + R"("}]})");
    EXPECT_EQ(found(*table, "x" + std::string(255, 'z')), "none");
    EXPECT_EQ(found(*table, "x"), "none");
}

}  // namespace
}  // namespace respand::pricing
