#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/rfc3339.hpp"
#include "record/compose.hpp"
#include "record/padded.hpp"
#include "record/record_parser.hpp"

namespace respand {
namespace {

using test::Padded;

constexpr const char* kVendorExample =
    R"({"model": "replicate/meta/llama-3-70b-instruct",
 "prompt_messages": [{"role": "user", "content": "Hello, how are you?"}],
 "completion_message": {"role": "assistant", "content": "Hello from Replicate through Respan."},
 "cost": 0.001, "generation_time": 1.2, "customer_params": {"customer_identifier": "user_123"}})";

/// Outcome of one parse, with everything copied out of the parser.
struct Outcome {
    std::optional<RejectReason> refused;
    std::string text, model, provider_cost;
    RecordFacts facts;
    std::uint32_t secrets_removed = 0;
};

Outcome parse(const std::string& text) {
    RecordParser parser;
    const Padded padded(text);
    const auto record = parser.parse(padded.view());
    if (!record) return {record.error(), {}, {}, {}, {}, 0};
    return {{},
            std::string(record->text),
            std::string(record->facts.model),
            std::string(record->facts.provider_cost),
            record->facts,
            record->secrets_removed};
}

std::string nested(std::size_t levels) {
    std::string text = R"({"model":"m","deep":)";
    for (std::size_t i = 1; i < levels; ++i) text += '[';
    for (std::size_t i = 1; i < levels; ++i) text += ']';
    return text + "}";
}

TEST(RecordParser, TheVendorsExamplePassesUntouched) {
    const Outcome outcome = parse(kVendorExample);
    ASSERT_FALSE(outcome.refused);
    EXPECT_EQ(outcome.text, kVendorExample);
    EXPECT_EQ(outcome.model, "replicate/meta/llama-3-70b-instruct");
    EXPECT_TRUE(outcome.facts.has_cost);
    EXPECT_FALSE(outcome.facts.has_timestamp);
    EXPECT_FALSE(outcome.facts.has_custom_identifier);
}

TEST(RecordParser, WhatIsNoRecordIsRefusedWithItsReason) {
    const std::vector<std::pair<std::string, RejectReason>> cases{
        {"", RejectReason::empty},
        {" \n\t ", RejectReason::empty},
        {"hello", RejectReason::not_json},
        {R"({"model":"m")", RejectReason::not_json},
        {R"({"model":"m",})", RejectReason::not_json},
        {R"({"model":"m"}{"model":"n"})", RejectReason::not_json},
        {R"({"model":"m","x":NaN})", RejectReason::not_json},
        {R"({"model":"m","x":01})", RejectReason::not_json},
        {R"({"model":"m","x":123456789012345678901234567890.})", RejectReason::not_json},
        {R"({"model":"m","x":"\ud800"})", RejectReason::not_json},
        {R"({"model":"m","x":"\udc00\ud800"})", RejectReason::not_json},
        {R"({"model":"m","x":"\q"})", RejectReason::not_json},
        {"{\"model\":\"m\",\"x\":\"\n\"}", RejectReason::not_json},
        {std::string("{\"model\":\"m\"}\0", 14), RejectReason::not_json},
        {"{\"model\":\"m\",\"x\":\"\xff\"}", RejectReason::not_utf8},
        {"{\"model\":\"m\",\"x\":\"\xed\xa0\x80\"}", RejectReason::not_utf8},
        {R"([{"model":"m"}])", RejectReason::not_object},
        {"42", RejectReason::not_object},
        {"{}", RejectReason::no_model},
        {R"({"model":""})", RejectReason::no_model},
        {R"({"model":7})", RejectReason::no_model},
        {R"({"model":null})", RejectReason::no_model},
        {R"({"model":"a","model":"b"})", RejectReason::duplicate_key},
        {R"({"model":"a","mo\u0064el":"b"})", RejectReason::duplicate_key},
        {R"({"model":"a","cost":1,"cost":2})", RejectReason::duplicate_key},
        {nested(65), RejectReason::too_deep},
        {nested(1000), RejectReason::too_deep},
    };
    for (const auto& [text, reason] : cases) {
        const Outcome outcome = parse(text);
        ASSERT_TRUE(outcome.refused) << text;
        EXPECT_EQ(name(*outcome.refused), name(reason)) << text;
    }
}

TEST(RecordParser, NestingIsTakenToItsLimit) { EXPECT_FALSE(parse(nested(64)).refused); }

TEST(RecordParser, SizeIsTakenToItsLimitAndNoFurther) {
    std::string text = R"({"model":"m","input":")";
    text.append(kMaxRecordBytes - text.size() - 2, 'x');
    text += "\"}";
    ASSERT_EQ(text.size(), kMaxRecordBytes);
    EXPECT_FALSE(parse(text).refused);
    text.insert(text.size() - 2, "x");
    EXPECT_EQ(parse(text).refused, RejectReason::too_large);
}

TEST(RecordParser, NumbersBeyondMachineTypesPassThroughUntouched) {
    for (const char* number :
         {"123456789012345678901234567890", "-123456789012345678901234567890", "1e400", "-1E+999",
          "0.1234567890123456789012345678901234567890", "18446744073709551616"}) {
        const std::string text =
            std::string(R"({"model":"m","seed":)") + number + R"(,"s":"-1e999 \" 1e999"})";
        const Outcome outcome = parse(text);
        ASSERT_FALSE(outcome.refused) << number;
        EXPECT_EQ(outcome.text, text);
    }
}

TEST(RecordParser, WhiteSpaceAroundTheRecordGoesAndInsideItStays) {
    EXPECT_EQ(parse(" \r\n{ \"model\" : \"m\" }\n").text, "{ \"model\" : \"m\" }");
}

TEST(RecordParser, AFieldThatIsNullOrEmptyMakesRoomForTheOneThatIsAdded) {
    const Outcome outcome =
        parse(R"({"cost":null,"model":"m", "timestamp": null ,"custom_identifier":"","c\u006fst2":null})");
    ASSERT_FALSE(outcome.refused);
    EXPECT_EQ(outcome.text, R"({"model":"m", "c\u006fst2":null})");
    EXPECT_FALSE(outcome.facts.has_cost);
    EXPECT_EQ(parse(R"({"model":"m","co\u0073t":null})").text, R"({"model":"m"})");
    const Outcome empty_cost = parse(R"({"model":"m","cost":""})");
    EXPECT_EQ(empty_cost.text, R"({"model":"m"})");
    EXPECT_FALSE(empty_cost.facts.has_cost);
}

TEST(RecordParser, ACostThatIsNoAmountMakesRoomForTheOneThatIsComputed) {
    for (const char* cost : {R"("abc")", R"("1 USD")", R"("$1")", R"("NaN")", R"("inf")", R"("-")",
                             R"("1,5")", R"("0x1p3")", "true", "{}", "[0.5]", R"(" ")", R"("1.")", R"("007")",
                             "-1", R"("-1")", "1E400", R"("1E400")", R"("0\u002e5")"}) {
        const Outcome outcome = parse(R"({"model":"m","cost":)" + std::string(cost) + R"(,"x":1})");
        ASSERT_FALSE(outcome.refused) << cost;
        EXPECT_EQ(outcome.text, R"({"model":"m","x":1})") << cost;
        EXPECT_FALSE(outcome.facts.has_cost) << cost;
    }
    for (const char* cost : {"0", "1e-6", "0.30000000000000001", "12345678901234567890"}) {
        const std::string record = R"({"model":"m","cost":)" + std::string(cost) + "}";
        const Outcome outcome = parse(record);
        EXPECT_EQ(outcome.text, record) << "what the app says it cost is the app's word";
        EXPECT_TRUE(outcome.facts.has_cost) << cost;
    }
}

TEST(RecordParser, WhatTheServerTakesInOneFormAloneIsPutIntoIt) {
    const Outcome outcome = parse(
        R"({"timestamp":1767225600.25, "model":"m","cost" : "1e-6","start_time":1767225599000,"x":{"timestamp":5,"cost":"5"}})");
    EXPECT_EQ(
        outcome.text,
        R"({"timestamp":"2026-01-01T00:00:00.250000Z", "model":"m","cost" : 1e-6,"start_time":"2025-12-31T23:59:59.000000Z","x":{"timestamp":5,"cost":"5"}})");
    EXPECT_TRUE(outcome.facts.has_cost);
    EXPECT_TRUE(outcome.facts.has_timestamp);
    EXPECT_EQ(outcome.facts.time, parse_rfc3339("2026-01-01T00:00:00.25Z"));
    const std::string unreadable = R"({"model":"m","timestamp":1767225600000000000})";
    EXPECT_EQ(parse(unreadable).text, unreadable) << "the server says what is wrong with it";
}

TEST(RecordParser, OnlyIdentityIsForwardedFromCustomerParams) {
    const Outcome outcome = parse(
        R"({"model":"m","customer_params":{"period_budget":5,"customer_identifier":"u","name":"n","email":"e","rate_limit":1,"metadata":{"a":1}},"x":1})");
    EXPECT_EQ(
        outcome.text,
        R"({"model":"m","customer_params":{"customer_identifier":"u","name":"n","email":"e","metadata":{"a":1}},"x":1})");
}

TEST(RecordParser, TheTimeThatCountsIsTimestampThenStartTime) {
    const auto at = [](const char* members) {
        return parse(std::string(R"({"model":"m",)") + members + "}").facts.time;
    };
    EXPECT_EQ(at(R"("timestamp":"1970-01-01T00:00:01Z","start_time":"1970-01-01T00:00:00Z")"),
              WallTime{std::chrono::seconds{1}});
    EXPECT_EQ(at(R"("start_time":"1970-01-01T00:00:02Z")"), WallTime{std::chrono::seconds{2}});
    EXPECT_FALSE(at(R"("timestamp":"yesterday")"));
    EXPECT_EQ(at(R"("timestamp":"1970-01-01T00:00:01")"), WallTime{std::chrono::seconds{1}})
        << "without an offset it is UTC";
}

TEST(RecordParser, ATimeThatIsANumberIsSecondsMillisecondsOrMicroseconds) {
    const auto at = [](const char* number) {
        return parse(R"({"model":"m","timestamp":)" + std::string(number) + "}").facts.time;
    };
    const WallTime new_year = *parse_rfc3339("2026-01-01T00:00:00Z");
    EXPECT_EQ(at("1767225600"), new_year);
    EXPECT_EQ(at("1767225600.25"), new_year + std::chrono::milliseconds{250});
    EXPECT_EQ(at("1767225600000"), new_year);
    EXPECT_EQ(at("1767225600000000"), new_year);
    EXPECT_EQ(at("0"), WallTime{});
    EXPECT_FALSE(at("-1")) << "no call was made then";
    EXPECT_FALSE(at("1767225600000000000")) << "nanoseconds are nobody's habit";
    EXPECT_FALSE(at("1e300"));
    EXPECT_FALSE(at("true"));
}

TEST(RecordParser, TheProvidersOwnCostIsReadAsText) {
    EXPECT_EQ(parse(R"({"model":"m","usage":{"cost":1.50e-5}})").provider_cost, "1.50e-5");
    EXPECT_EQ(
        parse(R"({"model":"m","usage":{"cost":{"x":1,"total_cost":0.30000000000000001}}})").provider_cost,
        "0.30000000000000001");
    EXPECT_EQ(parse(R"({"model":"m","usage":{"cost":"0.0030"}})").provider_cost, "0.0030");
    EXPECT_EQ(parse(R"({"model":"m","usage":{"cost":{"total_cost":"1e-6"}}})").provider_cost, "1e-6");
    for (const char* none : {R"("")", R"("3 USD")", "true", "[3]", R"({"total_cost":true})", R"({"total":3})",
                             R"("01.5")", "-1"})
        EXPECT_EQ(parse(R"({"model":"m","usage":{"cost":)" + std::string(none) + "}}").provider_cost, "")
            << none;
    EXPECT_EQ(parse(R"({"model":"m","cost":1,"usage":{"cost":2}})").provider_cost, "");
}

TEST(RecordParser, OneParserServesRecordsOfAllSizesInTurn) {
    RecordParser parser;
    for (const std::size_t size : {10UL, 5'000'000UL, 10UL, 300'000UL, 10UL}) {
        const std::string model = "m" + std::to_string(size);
        const Padded text(R"({"model":")" + model + R"(","api_key":"k","input":")" + std::string(size, 'x') +
                          "\"}");
        const auto record = parser.parse(text.view());
        ASSERT_TRUE(record);
        EXPECT_EQ(record->facts.model, model);
        EXPECT_EQ(record->secrets_removed, 1U);
    }
}

TEST(RecordParser, TheFaultOfARefusedTextIsLocated) {
    EXPECT_EQ(json_fault_offset(R"({"a":1})"), std::nullopt);
    const auto offset = json_fault_offset(R"({"a":1,})");
    ASSERT_TRUE(offset);
    EXPECT_EQ(*offset, 8U);
}

TEST(Compose, AddedFieldsStandBeforeTheLastBraceAndTheRestIsUntouched) {
    std::string out = "x";
    append_record(out, "{\"model\":\"m\" }", {"2026-01-01T00:00:00.000000Z", "id", "0.5"});
    EXPECT_EQ(out,
              "x{\"model\":\"m\" "
              ",\"timestamp\":\"2026-01-01T00:00:00.000000Z\",\"custom_identifier\":\"id\",\"cost\":0.5}");
    out.clear();
    append_record(out, "{\"model\":\"m\"}", {});
    EXPECT_EQ(out, "{\"model\":\"m\"}");
}

TEST(Parser, WhatCutsBringTogetherInBrokenTextIsLookedAtAgain) {
    const Padded text(
        R"({"model": "m", "input": "{\"\"api_key\":+ \"sk\"UU\"api_key\":UU]Uvapi_key\":: \"-----\"(]}"})");
    RecordParser parser;
    const auto once = parser.parse(text.view());
    ASSERT_TRUE(once);
    const Padded cleaned{std::string(once->text)};
    RecordParser other;
    const auto again = other.parse(cleaned.view());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->secrets_removed, 0U);
    EXPECT_EQ(again->text, once->text);
}

TEST(Parser, ANameThatHoldsHalfASecretCostsTheNameAndNotTheRecord) {
    const Padded text(
        R"({"mod\u0065l":"m","\"api_key\":ap\u0069_key":"sk","input":"kept","c\u006fst":null})");
    RecordParser parser;
    const auto parsed = parser.parse(text.view());
    ASSERT_TRUE(parsed);
    EXPECT_GT(parsed->secrets_removed, 0U);
    const auto json = nlohmann::json::parse(parsed->text);
    EXPECT_EQ(json["model"], "m");
    EXPECT_EQ(json["input"], "kept");
    EXPECT_EQ(parsed->text.find("api_key"), std::string_view::npos) << parsed->text;
}

}  // namespace
}  // namespace respand
