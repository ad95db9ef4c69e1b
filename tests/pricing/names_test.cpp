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

}  // namespace
}  // namespace respand::pricing
