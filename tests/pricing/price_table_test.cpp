// Reading price files and merging them.
#include "pricing/price_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using test::cost;
using test::facts_of;
using test::found;
using test::own;
using test::write_file;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

std::string error_of(const std::string& json) {
    const auto table = PriceTable::parse(json, "test.json", nullptr);
    return table ? "loaded" : table.error().message;
}

constexpr TokenUsage kOneOfEach{.input_text = 1, .output_text = 1};

TEST(PriceFile, that_is_no_json_is_refused_with_line_column_and_key) {
    EXPECT_THAT(
        error_of(
            "{\n  \"format\": \"respand-pricing-1\",\n  \"models\": {\"m\": {\"input_per_million\": 1,}}}"),
        AllOf(HasSubstr("test.json:3:43"), HasSubstr("models → m → input_per_million"),
              HasSubstr("not valid JSON")));
    EXPECT_THAT(error_of(""), HasSubstr("test.json:1:1: not valid JSON"));
    EXPECT_THAT(error_of(own(R"("m": {"input_per_million": NaN})")), HasSubstr("not valid JSON"));
    EXPECT_THAT(error_of(own("\"\xff\": {}")), HasSubstr("not valid JSON"));
    EXPECT_THAT(error_of(own(R"("m": {"input_per_million": 1e999})")), HasSubstr("number overflow"));
    EXPECT_THAT(error_of(own(R"("m": {"input_per_million": 1})") + "x"), HasSubstr("not valid JSON"));
    EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("nested deeper than 32"));
    EXPECT_THAT(error_of(R"({"models":)" + std::string(100'000, '[')), HasSubstr("under key models"));
}

TEST(PriceFile, that_holds_nothing_usable_is_refused) {
    EXPECT_THAT(error_of("{}"), HasSubstr("not a price table"));
    EXPECT_THAT(error_of("[1, 2]"), HasSubstr("not a price table"));
    EXPECT_THAT(error_of(R"({"a": {"b": 1}})"), HasSubstr("not a price table"));
    EXPECT_THAT(error_of(own("")), HasSubstr("no model with a usable price"));
    EXPECT_THAT(error_of(own(R"("m": {"input_per_million": "x"})")),
                AllOf(HasSubstr("key \"m\""), HasSubstr("is \"x\"")));
    EXPECT_THAT(error_of(R"({"format": "respand-pricing-2", "models": {}})"),
                HasSubstr("key \"format\" is \"respand-pricing-2\""));
    EXPECT_THAT(error_of(R"({"format": 1})"), HasSubstr("key \"format\" is 1"));
    EXPECT_THAT(error_of(R"({"format": "respand-pricing-1"})"), HasSubstr("key \"models\" is missing"));
    EXPECT_THAT(error_of(R"({"format": "respand-pricing-1", "models": []})"),
                HasSubstr("key \"models\" is a list"));
    EXPECT_THAT(error_of(R"({"format": "respand-pricing-1", "models": {}, "version": 1})"),
                HasSubstr("key \"version\""));
    EXPECT_THAT(error_of(R"({"sample_spec": {"input_cost_per_token": 0}})"),
                HasSubstr("no model with a usable price"));
}

class TableFiles : public testing::Test {
  protected:
    TableFiles() {
        write_file(settings_.table, base_);
        std::filesystem::create_directory(settings_.overlays);
    }
    void overlay(const std::string& name, const std::string& text) {
        write_file(settings_.overlays + "/" + name, text);
    }
    std::shared_ptr<const PriceTable> load() {
        warnings_.clear();
        auto table = PriceTable::load(settings_, &warnings_);
        EXPECT_TRUE(table) << (table ? "" : table.error().message);
        return table ? *table : nullptr;
    }
    std::string load_error() {
        const auto table = PriceTable::load(settings_, &warnings_);
        return table ? "loaded" : table.error().message;
    }

    const std::string base_ = own(
        R"("m": {"provider": "openai", "aliases": ["short"], "input_per_million": 1, "output_per_million": 2},
                                     "n": {"input_per_million": 5})");
    respand::test::TempDir dir_;
    PricingSettings settings_{dir_.file("base.json"), dir_.file("pricing.d")};
    std::vector<LoadWarning> warnings_;
};

TEST_F(TableFiles, without_overlays_are_the_base) {
    EXPECT_EQ(load()->size(), 2U);
    settings_.overlays = dir_.file("missing");
    EXPECT_EQ(load()->size(), 2U);
    settings_.overlays = "";
    EXPECT_EQ(load()->size(), 2U);
    EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(TableFiles, later_overlays_win_per_model_in_name_order) {
    overlay("20-b.json", own(R"("m": {"input_per_million": 30, "output_per_million": 30})"));
    overlay(
        "10-a.json",
        own(R"("M": {"input_per_million": 20, "output_per_million": 20}, "new": {"input_per_million": 7})"));
    overlay("99-ignored.json.bak", "not JSON");
    overlay(".99-hidden.json", "not JSON");
    const auto table = load();
    EXPECT_EQ(table->size(), 3U);
    EXPECT_EQ(cost(*table, facts_of("m", kOneOfEach)), "0.00006");
    EXPECT_EQ(cost(*table, facts_of("openai/m", kOneOfEach)), "0.00006") << "the provider stays known";
    EXPECT_EQ(cost(*table, facts_of("short", kOneOfEach)), "0.00006") << "the aliases stay";
    EXPECT_EQ(cost(*table, facts_of("new", {.input_text = 1})), "0.000007");
    EXPECT_EQ(cost(*table, facts_of("n", {.input_text = 1})), "0.000005");
    EXPECT_EQ(table->find("m", "")->entry->origin, settings_.overlays + "/20-b.json");
    EXPECT_EQ(table->version(), "2026-10-31");
    EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(TableFiles, an_overlay_replaces_a_models_prices_as_a_whole) {
    overlay("a.json", own(R"("m": {"input_per_million": 20})"));
    EXPECT_EQ(cost(*load(), facts_of("m", kOneOfEach)), "no_rate");
}

TEST_F(TableFiles, an_overlay_may_name_the_model_by_any_of_its_names) {
    for (const char* spelling : {"m", "openai/m", "short", "SHORT"}) {
        overlay("a.json",
                own("\"" + std::string(spelling) +
                    R"(": {"input_per_million": 20, "output_per_million": 20, "aliases": ["ours"]})"));
        const auto table = load();
        EXPECT_EQ(table->size(), 2U) << spelling;
        EXPECT_EQ(cost(*table, facts_of("m", kOneOfEach)), "0.00004") << spelling;
        EXPECT_EQ(cost(*table, facts_of("short", kOneOfEach)), "0.00004") << spelling;
        EXPECT_EQ(cost(*table, facts_of("ours", kOneOfEach)), "0.00004") << spelling;
        EXPECT_THAT(warnings_, IsEmpty()) << spelling << ": " << warnings_.front().message;
    }
    overlay("a.json", own(R"("azure/m": {"input_per_million": 20, "output_per_million": 20})"));
    EXPECT_EQ(cost(*load(), facts_of("m", kOneOfEach)), "0.000003") << "another provider's is another model";
}

TEST_F(TableFiles, an_overlay_may_add_aliases_alone) {
    overlay("a.json", own(R"("openai/m": {"aliases": ["our-deployment"]}, "ghost": {"aliases": ["x"]})"));
    const auto table = load();
    EXPECT_EQ(cost(*table, facts_of("our-deployment", kOneOfEach)), "0.000003");
    ASSERT_EQ(warnings_.size(), 1U);
    EXPECT_EQ(warnings_[0].key, "ghost");
    EXPECT_EQ(warnings_[0].file, settings_.overlays + "/a.json");
}

TEST_F(TableFiles, an_overlay_may_say_nothing) {
    overlay("a.json", own(""));
    EXPECT_EQ(load()->size(), 2U);
}

TEST_F(TableFiles, a_broken_overlay_is_an_error_of_the_whole_load) {
    overlay("a.json", own(R"("m": {"input_per_million": 20})"));
    overlay("b.json", "{\n\"format\": \"respand-pricing-1\", \"models\": {]");
    EXPECT_THAT(load_error(),
                AllOf(HasSubstr(settings_.overlays + "/b.json:2:"), HasSubstr("not valid JSON")));
    overlay("b.json", own(R"("q": {"input_per_million": "?"})"));
    EXPECT_THAT(load_error(), HasSubstr("b.json: holds no model with a usable price"));
    overlay("b.json", "");
    EXPECT_THAT(load_error(), HasSubstr("b.json:1:1"));
    std::filesystem::remove(settings_.overlays + "/b.json");
    std::filesystem::create_symlink("nowhere", settings_.overlays + "/b.json");
    EXPECT_THAT(load_error(), AllOf(HasSubstr("b.json"), HasSubstr("No such file")));
    std::filesystem::remove(settings_.overlays + "/b.json");
    std::filesystem::create_directory(settings_.overlays + "/b.json");
    EXPECT_THAT(load_error(), HasSubstr("no regular file"));
}

TEST_F(TableFiles, that_are_not_there_are_named) {
    settings_.table = dir_.file("missing.json");
    const auto table = PriceTable::load(settings_, nullptr);
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().kind, ErrorKind::no_input);
    EXPECT_THAT(table.error().message, AllOf(HasSubstr("missing.json"), HasSubstr("No such file")));
    settings_.table = dir_.file("base.json");
    settings_.overlays = dir_.file("base.json");
    EXPECT_THAT(load_error(), HasSubstr("overlays can't be read: Not a directory"));
}

TEST_F(TableFiles, give_the_table_an_id_by_their_content) {
    const std::string id = load()->id();
    EXPECT_THAT(id, testing::MatchesRegex("sha256:[0-9a-f]+"));
    EXPECT_EQ(id.size(), std::string_view("sha256:").size() + 16);
    EXPECT_EQ(load()->id(), id);
    overlay("a.json", own(R"("m": {"input_per_million": 20})"));
    const std::string with_overlay = load()->id();
    EXPECT_NE(with_overlay, id);
    overlay("a.json", own(R"("m": {"input_per_million": 21})"));
    EXPECT_NE(load()->id(), with_overlay);
}

TEST_F(TableFiles, that_have_not_changed_leave_the_table_in_force) {
    overlay("a.json", own(R"("m": {"input_per_million": 20})"));
    const auto in_force = load();
    const auto next = [&] { return PriceTable::load(settings_, nullptr, in_force).value(); };
    EXPECT_EQ(next(), in_force);
    overlay("a.json", own(R"("m": {"input_per_million": 21})"));
    EXPECT_EQ(cost(*next(), facts_of("m", {.input_text = 1})), "0.000021");
    overlay("a.json", own(R"("m": {"input_per_million": 20})"));
    EXPECT_EQ(next(), in_force);
    std::filesystem::rename(settings_.overlays + "/a.json", settings_.overlays + "/b.json");
    EXPECT_EQ(next()->find("m", "")->entry->origin, settings_.overlays + "/b.json") << "told by its new name";
    std::filesystem::remove(settings_.overlays + "/b.json");
    EXPECT_EQ(cost(*next(), facts_of("m", {.input_text = 1})), "0.000001");
}

TEST_F(TableFiles, of_litellm_serve_as_base_and_take_overlays) {
    write_file(settings_.table,
               R"({"gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 1e-06}})");
    overlay("a.json", own(R"("openai/gpt-x": {"input_per_million": 9}, "house": {"input_per_million": 1})"));
    const auto table = load();
    EXPECT_EQ(table->size(), 2U);
    EXPECT_EQ(cost(*table, facts_of("gpt-x", {.input_text = 1})), "0.000009");
}

TEST(PricingSettings, need_a_table) {
    EXPECT_TRUE(PricingSettings{}.validate());
    EXPECT_TRUE((PricingSettings{"t.json", ""}.validate()));
    const Status missing = PricingSettings{"", "d"}.validate();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::config);
    EXPECT_THAT(missing.error().message, HasSubstr("pricing.table"));
}

}  // namespace
}  // namespace respand::pricing
