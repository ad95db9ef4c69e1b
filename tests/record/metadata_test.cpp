// What is spliced into a record's metadata, and what of it stays.
#include "record/metadata.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "record/compose.hpp"
#include "record/record.hpp"

namespace respand {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMembers = R"("respand_cost_source":"table","respand_price_key":"k")";
const Json kOurs{{"respand_cost_source", "table"}, {"respand_price_key", "k"}};

std::string annotated(std::string_view text, std::string_view members = kMembers) {
    std::string out;
    append_record(out, text, {.custom_identifier = "id", .cost = "0.5", .metadata = members});
    return out;
}

TEST(Metadata, IsMadeWhereThereIsNone) {
    EXPECT_EQ(annotated(R"({"model":"m"})"),
              R"({"model":"m","metadata":{"respand_cost_source":"table","respand_price_key":"k"},)"
              R"("custom_identifier":"id","cost":0.5})");
}

TEST(Metadata, OfTheRecordIsKeptAsItIsSpelledBesideOurs) {
    EXPECT_EQ(annotated(R"({"metadata" : { "b":1e2, "a":"x" } ,"model":"m"})"),
              R"({"metadata" : {"respand_cost_source":"table","respand_price_key":"k", "b":1e2, "a":"x" } ,)"
              R"("model":"m","custom_identifier":"id","cost":0.5})");
}

TEST(Metadata, ThatIsNullOrEmptyIsFilled) {
    for (const char* value : {"null", "{}", "{ }", "{\n}"}) {
        const Json json =
            Json::parse(annotated(R"({"model":"m","metadata":)" + std::string(value) + R"(,"z":1})"));
        EXPECT_EQ(json["metadata"], kOurs) << value;
        EXPECT_EQ(json["z"], 1) << value;
    }
}

TEST(Metadata, OfAnotherTypeIsLeftAlone) {
    for (const char* value : {"\"text\"", "[1]", "7", "true"}) {
        const std::string text = R"({"model":"m","metadata":)" + std::string(value) + "}";
        const std::string out = annotated(text);
        EXPECT_TRUE(out.starts_with(text.substr(0, text.size() - 1) + ",\"custom_identifier\"")) << out;
        EXPECT_TRUE(Json::accept(out)) << out;
    }
}

TEST(Metadata, OurNamesCanNotBeForgedHoweverTheyAreSpelled) {
    const Json json = Json::parse(annotated(
        R"({"model":"m","metadata":{"a":1,"respand_price_key":"forged","respand_price\u005ftable":"forged",)"
        R"("respand_price_rule":{"deep":"forged"},"respand_team":"theirs"}})"));
    Json expected = kOurs;
    expected["a"] = 1;
    expected["respand_team"] = "theirs";
    EXPECT_EQ(json["metadata"], expected);
}

TEST(Metadata, ThatHeldOnlyForgedMembersIsOursAlone) {
    EXPECT_EQ(annotated(R"({"model":"m","metadata":{"respand_price_key":"forged"}})"),
              R"({"model":"m","metadata":{"respand_cost_source":"table","respand_price_key":"k"},)"
              R"("custom_identifier":"id","cost":0.5})");
}

TEST(Metadata, OfANameSpelledWithEscapesIsFound) {
    const std::string out = annotated(R"({"model":"m","meta\u0064ata":{"a":1}})");
    EXPECT_EQ(Json::parse(out)["metadata"].size(), 3U) << out;
    EXPECT_EQ(out.find("\"metadata\""), std::string::npos) << out;
}

TEST(Metadata, DeeperInTheRecordIsSomebodyElses) {
    const Json json = Json::parse(
        annotated(R"({"model":"m","customer_params":{"metadata":{"a":1}},"input":"\"metadata\":{}"})"));
    EXPECT_EQ(json["customer_params"]["metadata"], Json({{"a", 1}}));
    EXPECT_EQ(json["metadata"], kOurs);
}

TEST(Metadata, ThatStandsTwiceGetsOursInTheLastAndForgedOnesGoFromAll) {
    const std::string out =
        annotated(R"({"metadata":{"respand_price_key":"forged","a":1},"model":"m","metadata":{"b":2}})");
    EXPECT_TRUE(out.starts_with(R"({"metadata":{"a":1},"model":"m","metadata":{"respand_cost_source")"))
        << out;
    EXPECT_EQ(out.find("forged"), std::string::npos);
    EXPECT_EQ(Json::parse(out)["metadata"]["b"], 2);
}

TEST(Metadata, WithoutAnnotationARecordsOwnStaysAsItCame) {
    constexpr std::string_view kText = R"({"model":"m","metadata":{"respand_price_key":"theirs"}})";
    std::string out;
    append_record(out, kText, {});
    EXPECT_EQ(out, kText);
}

TEST(TextMember, IsEscapedAndCutToWholeCharacters) {
    std::string out;
    append_text_member(out, "a", "q\"b\\c\x01z", 64);
    EXPECT_EQ(out, R"("a":"q\"b\\c\u0001z")");
    append_text_member(out, "b", "äöü", 5);
    EXPECT_EQ(out.substr(out.find(',')), R"(,"b":"äö")");
    std::string tight;
    append_text_member(tight, "c", "ab\x01", 7);
    EXPECT_EQ(tight, R"("c":"ab")") << "an escape that does not fit is not cut in half";
}

}  // namespace
}  // namespace respand
