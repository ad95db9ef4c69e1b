#include "sandbox/server/json_text.hpp"

#include <gmock/gmock.h>

namespace respand::sandbox {
namespace {

TEST(JsonText, accepts_what_is_json_and_tells_where_the_rest_goes_wrong) {
    for (const char* good :
         {"{}", "[]", " {\"a\": [1, -2.5e3, true, null, \"\\u00e9\\ud83d\\ude00\"]} \n", "3"})
        EXPECT_FALSE(json_fault(good)) << good;
    for (const char* bad : {"", "  ", "{", "{'a':1}", "{\"a\":1,}", "[1 2]", "{\"a\":NaN}", "\"\\ud800\"",
                            "{\"a\":\"\xff\"}", "{} {}", "{\"a\":01}", "\"line\nbreak\"", "\xEF\xBB\xBF{}"})
        EXPECT_TRUE(json_fault(bad)) << bad;
    EXPECT_THAT(*json_fault("{\"a\":1,}"), testing::HasSubstr("byte 8"));
    EXPECT_THAT(*json_fault("{\"a\":1e999}"), testing::HasSubstr("too large"));
}

TEST(JsonText, a_fault_never_quotes_the_text) {
    EXPECT_THAT(*json_fault("{\"api_key\": \"sk-123"), testing::Not(testing::HasSubstr("sk-123")));
}

TEST(JsonText, survives_any_depth) {
    constexpr std::size_t kDepth = 1'000'000;
    const std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
    EXPECT_FALSE(json_fault(deep));
    EXPECT_EQ(elements(deep, 10).size(), 1U);
}

TEST(JsonText, cuts_an_object_into_the_text_of_its_values) {
    const auto list = members(R"( { "a" : 0.10 , "b\n":{"x":"}\"]"},"c":[1,[2]] ,"d":"s","a": null} )");
    ASSERT_EQ(list.size(), 5U);
    EXPECT_EQ(list[0].value, "0.10");
    EXPECT_EQ(list[1].key, "b\n");
    EXPECT_EQ(list[1].value, R"({"x":"}\"]"})");
    EXPECT_EQ(find(list, "c"), "[1,[2]]");
    EXPECT_EQ(find(list, "a"), "null") << "the last one counts";
    EXPECT_EQ(find(list, "none"), "");
    EXPECT_TRUE(members("[1]").empty());
    EXPECT_TRUE(members("{}").empty());
}

TEST(JsonText, cuts_an_array_into_its_elements_up_to_a_limit) {
    EXPECT_THAT(elements(R"([ {"a":","} , "x,]" ,3 ])", 10),
                testing::ElementsAre(R"({"a":","})", R"("x,]")", "3"));
    EXPECT_THAT(elements("[1,2,3]", 2), testing::ElementsAre("1", "2"));
    EXPECT_TRUE(elements("[ ]", 10).empty());
}

TEST(JsonText, knows_amounts_and_counts_by_their_text) {
    for (const char* amount : {"0", "0.001", "1e-7", "12", "1e-400", "-0.0"})
        EXPECT_TRUE(is_amount(amount)) << amount;
    for (const char* amount : {"-1", "\"1\"", "null", "true", "", "-1e-400"})
        EXPECT_FALSE(is_amount(amount)) << amount;
    for (const char* count : {"0", "18", "999999999999999999"}) EXPECT_TRUE(is_count(count)) << count;
    for (const char* count : {"-1", "1.0", "1e3", "\"5\"", "99999999999999999999"})
        EXPECT_FALSE(is_count(count)) << count;
}

TEST(JsonText, decodes_strings_and_counts_their_characters) {
    EXPECT_EQ(string_of(R"("caf\u00e9 \"x\"")"), "café \"x\"");
    EXPECT_EQ(string_of("3"), "");
    EXPECT_EQ(characters("café"), 4U);
    EXPECT_EQ(json_string("a\"\n"), R"("a\"\n")");
}

}  // namespace
}  // namespace respand::sandbox
