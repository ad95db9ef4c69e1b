#include "record/scrub.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "record/padded.hpp"

namespace respand {
namespace {

using Json = nlohmann::ordered_json;
using test::Padded;

constexpr const char* kSecret = "sk-TOPSECRET";

std::string scrubbed(std::string text) {
    std::size_t removed = 0;
    if (has_escaped_quotes(text)) text = with_plain_quotes(text);
    return has_secrets(Padded(text).view()) ? without_secrets(text, removed) : text;
}

TEST(Scrub, EveryListedSecretGoesWhereverItStands) {
    for (const char* key :
         {"customer_credentials", "credential_override", "api_key", "apiKey", "openai_api_key",
          "OPENAI_API_KEY", "x-api-key", "aws_access_key_id", "aws_secret_access_key",
          "vertex_ai_credentials", "private_key", "Authorization", "authorization", "X-Data-Respan-Params",
          "x-data-keywordsai-params", "posthog_integration", "ap\\u0069_key"}) {
        for (const char* value : {R"("sk-TOPSECRET")", R"({"a":["sk-TOPSECRET"],"b":"}"})",
                                  R"([{"credentials":"sk-TOPSECRET"}])"}) {
            const std::string member = std::string("\"") + key + "\":" + value;
            for (const auto& [text, left] : std::vector<std::pair<std::string, std::string>>{
                     {"{\"model\":\"m\"," + member + "}", R"({"model":"m"})"},
                     {"{" + member + ",\"model\":\"m\"}", R"({"model":"m"})"},
                     {"{\"model\":\"m\", " + member + " , \"x\":1}", R"({"model":"m", "x":1})"},
                     {"{\"full_request\":{\"body\":[{" + member + "}]}}",
                      R"({"full_request":{"body":[{}]}})"},
                 })
                EXPECT_EQ(scrubbed(text), left) << text;
        }
    }
}

TEST(Scrub, CredentialsGoFromLoadBalancingAndNowhereElse) {
    EXPECT_EQ(
        scrubbed(R"({"load_balance_group":{"models":[{"model":"a","credentials":{"k":"sk"},"weight":1}]}})"),
        R"({"load_balance_group":{"models":[{"model":"a","weight":1}]}})");
    EXPECT_EQ(scrubbed(R"({"load_balance_models":[{"credentials":"sk"}],"credentials":"kept"})"),
              R"({"load_balance_models":[{}],"credentials":"kept"})");
}

TEST(Scrub, WhatOnlyLooksAlikeStays) {
    for (const char* text : {R"({"model":"m","input":"tell me about the api_key: what is it?"})",
                             R"({"api_keys_used":1,"monkey":"api_key","key":"\"private_key\""})",
                             R"({"a":"authorization","b":"x"})", R"({"note":"he said \"api_key\" , twice"})"})
        EXPECT_EQ(scrubbed(text), text);
}

TEST(Scrub, SecretsInsideJsonStringsGoAtEveryLevel) {
    std::string inner =
        R"({"model":"m","api_key":"sk-TOPSECRET","headers":{"Authorization":"Bearer sk-TOPSECRET","x":"a\\\"b"}})";
    std::string left = R"({"model":"m","headers":{"x":"a\\\"b"}})";
    for (int level = 0; level < 5; ++level) {
        inner = Json{{"body", inner}, {"n", level}}.dump();
        left = Json{{"body", left}, {"n", level}}.dump();
        EXPECT_EQ(scrubbed(inner), left) << "level " << level + 1;
    }
}

TEST(Scrub, PrettyPrintedJsonInsideAStringIsLookedIntoToo) {
    const std::string inner =
        Json::parse(R"({"a":1,"api_key":"sk-TOPSECRET","b":[1,2],"private_key":"sk-TOPSECRET"})").dump(2);
    const std::string out = scrubbed(Json{{"body", inner}}.dump());
    EXPECT_EQ(out.find("TOPSECRET"), std::string::npos);
    EXPECT_EQ(Json::parse(Json::parse(out)["body"].get<std::string>()), Json::parse(R"({"a":1,"b":[1,2]})"));
}

TEST(Scrub, ASecretInAJsonStringThatWasCutOffGoesToo) {
    const std::string inner = R"({"model":"m","messages":[{"api_key":"sk-TOPSEC)";
    const std::string out = scrubbed(Json{{"body", inner}, {"after", "stays"}}.dump());
    EXPECT_EQ(out.find("TOPSEC"), std::string::npos);
    EXPECT_EQ(Json::parse(out)["after"], "stays");
}

TEST(Scrub, QuotesThatAreSpelledAsEscapesHideNothing) {
    for (
        const std::string text :
        {R"({"x":"{\u0022api_key\u0022:\u0022sk-TOPSECRET\u0022,\u0022b\u0022:1}"})",
         R"({"x":"{\u0022api_key\u0022\u0020\u003A\u0020\u0022sk-TOPSECRET\u0022,\"b\":1}"})",
         R"({"x":"{\"y\":\"{\\u0022api_key\\u0022:\\u0022sk-TOPSECRET\\u0022}\",\"b\":1}"})",
         R"({"x":"{\u0022y\u0022:\u0022{\\u0022api_key\\u0022:\\u0022sk-TOPSECRET\\u0022}\u0022,\u0022b\u0022:1}"})"}) {
        const std::string out = scrubbed(text);
        EXPECT_EQ(out.find("TOPSECRET"), std::string::npos) << out;
        EXPECT_EQ(Json::parse(Json::parse(out)["x"].get<std::string>())["b"], 1) << out;
    }
}

TEST(Scrub, NamesInOtherSpellingsAreTheSameNames) {
    for (const char* name :
         {"awsSecretAccessKey", "aws-access-key-id", "awsAccessKeyId", "vertexAiCredentials",
          "posthogIntegration", "api_key ", "API KEY", "xApiKey", "Proxy-Authorization"})
        EXPECT_EQ(scrubbed(std::string(R"({"model":"m",")") + name + R"(":"sk"})"), R"({"model":"m"})")
            << name;
}

// Time and stack must not grow with what a sender nests: each of these took minutes, or the process, in some
// design.
TEST(Scrub, HostileTextIsReadInOnePass) {
    const auto repeated = [](const std::string& piece, int times) {
        std::string text;
        for (int i = 0; i < times; ++i) text += piece;
        return text;
    };
    const int n = 200'000;
    for (const std::string& inner : {
             repeated(R"({\"load_balance_group\":)", n) + "1",
             repeated(R"(\"api_)", n) + R"(\"api_key\":1,)" + repeated(R"(key\":1,)", n),
             repeated(R"({\"credentials\":)", n),
             repeated("\\\\", n) + R"(\"api_key\":)" + repeated("\\\\", n),
         }) {
        const std::string out = scrubbed(R"({"model":"m","x":")" + inner + "\"}");
        EXPECT_TRUE(Json::accept(out));
        EXPECT_FALSE(out.contains(R"(\"api_key\":)"));
    }
}

// The oracle: remove by structure, decoding strings that hold JSON.
void remove_by_structure(Json& value, bool balancing = false) {
    if (value.is_object()) {
        std::vector<std::string> gone;
        for (auto& [key, inner] : value.items()) {
            if (is_secret_name(key) || (balancing && key == "credentials"))
                gone.push_back(key);
            else
                remove_by_structure(inner,
                                    balancing || key == "load_balance_group" || key == "load_balance_models");
        }
        for (const auto& key : gone) value.erase(key);
    } else if (value.is_array()) {
        for (auto& inner : value) remove_by_structure(inner, balancing);
    } else if (value.is_string()) {
        Json inner = Json::parse(value.get<std::string>(), nullptr, false);
        if (inner.is_structured()) {
            remove_by_structure(inner, balancing);
            value = inner.dump();
        }
    }
}

class RandomJson {
  public:
    explicit RandomJson(unsigned seed) : random_(seed) {}

    Json object(int depth) {
        Json out = Json::object();
        for (int i = pick(5); i >= 0; --i) out[key()] = value(depth - 1);
        return out;
    }

  private:
    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    std::string key() {
        constexpr const char* kKeys[] = {"api_key",     "a",    "my-api-key",    "load_balance_group",
                                         "credentials", "text", "Authorization", "c",
                                         "private_key", "d\\e", "f\"g",          ""};
        return kKeys[pick(12)];
    }
    Json value(int depth) {
        switch (depth <= 0 ? pick(5) : pick(9)) {
            case 0:
                return kSecret;
            case 1:
                return pick(100);
            case 2:
                return nullptr;
            case 3:
                return "say \"hi\" \\ {[ \n";
            case 4:
                return "\\";
            case 5:
                return object(depth).dump();
            case 6:
                return object(depth).dump(1);
            case 7:
                return Json::array({value(depth - 1), value(depth - 1)});
            default:
                return object(depth);
        }
    }
    std::mt19937 random_;
};

/// Strings that hold JSON, decoded all the way, so that spelling inside them does not matter.
Json unpacked(Json value) {
    if (value.is_structured())
        for (auto& inner : value) inner = unpacked(inner);
    if (value.is_string()) {
        Json inner = Json::parse(value.get<std::string>(), nullptr, false);
        if (inner.is_structured()) return unpacked(inner);
    }
    return value;
}

TEST(Scrub, SpellingQuotesPlainlyKeepsTheMeaning) {
    std::mt19937 random(3);
    for (unsigned seed = 0; seed < 3'000; ++seed) {
        std::string text = RandomJson(seed).object(4).dump();
        for (std::size_t at = 0; (at = text.find("\\\"", at)) != std::string::npos; at += 2)
            if ((at == 0 || text[at - 1] != '\\') && random() % 2 == 0) text.replace(at, 2, "\\u0022");
        ASSERT_EQ(Json::parse(with_plain_quotes(text)), Json::parse(text)) << text;
    }
}

TEST(Scrub, RemovesExactlyWhatRemovalByStructureRemoves) {
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        const Json record = RandomJson(seed).object(5);
        const std::string text = record.dump();
        Json expected = record;
        remove_by_structure(expected);
        const Json actual = Json::parse(scrubbed(text), nullptr, false);
        ASSERT_FALSE(actual.is_discarded()) << text << "\n" << scrubbed(text);
        ASSERT_EQ(unpacked(actual), unpacked(expected)) << text;
    }
}

}  // namespace
}  // namespace respand
