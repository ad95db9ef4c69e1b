// conf/pricing.schema.json says what the loader takes: both judge the same files, and agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "json_schema.hpp"
#include "support/temp_dir.hpp"
#include "table_helper.hpp"

namespace respand::pricing {
namespace {

using nlohmann::json;

const test::JsonSchema& schema() {
    static const test::JsonSchema schema(
        json::parse(std::ifstream(RESPAND_SOURCE_DIR "/conf/pricing.schema.json")));
    return schema;
}

/// What the loader has to say of an overlay over a table that knows the model "m" and the hardware "gpu-t4";
/// empty: nothing.
std::string complaint(const std::string& overlay) {
    const respand::test::TempDir dir;
    const PricingSettings settings{dir.file("base.json"), dir.file("overlays")};
    std::filesystem::create_directory(settings.overlays);
    test::write_file(settings.table,
                     R"({"format": "respand-pricing-1", "models": {"m": {"input_per_million": 1}},
                         "hardware": {"gpu-t4": {"per_second": "0.000225"}}})");
    test::write_file(settings.overlays + "/overlay.json", overlay);
    std::vector<LoadWarning> warnings;
    const auto table = PriceTable::load(settings, &warnings);
    if (!table) return table.error().message;
    return warnings.empty() ? "" : warnings.front().key + ": " + warnings.front().message;
}

std::string with_model(const std::string& members) { return test::own(R"("x": {)" + members + "}"); }
std::string with_tier(const std::string& tier) {
    return with_model(R"("input_per_million": 1, "context_tiers": [)" + tier + "]");
}
std::string with_hours(const std::string& hours) {
    return with_model(R"("input_per_million": 1, "hours": [)" + hours + "]");
}
std::string with_section(const std::string& section) {
    return R"({"format": "respand-pricing-1", )" + section + "}";
}

const std::vector<std::string> kGood = {
    test::own(""),
    with_model(R"("input_per_million": 1)"),
    with_model(
        R"("input_per_million": "1.5e-2", "output_per_million": 0, "comment": "why", "provider": "p", "aliases": ["y", "z"])"),
    with_model(
        R"("input_per_million": 0.1, "cache_read_per_million": 1e-3, "cache_write_per_million": "1", "cache_write_1h_per_million": "1",
        "input_audio_per_million": "1", "input_image_per_million": "1", "input_video_per_million": "1", "cache_read_audio_per_million": "1",
        "cache_read_image_per_million": "1", "cache_read_video_per_million": "1", "output_per_million": "1", "reasoning_per_million": "1",
        "output_audio_per_million": "1", "output_image_per_million": "1", "output_video_per_million": "1", "citation_per_million": "1")"),
    with_model(
        R"("run_per_second": 1, "per_image": 1, "per_image_in": 1, "characters_in_per_million": 1, "characters_out_per_million": 1,
        "per_page": 1, "per_audio_second_in": 1, "per_audio_second_out": 1, "per_video_second_in": 1, "per_video_second_out": 1,
        "per_search": 1, "per_request": 1)"),
    with_model(R"("per_search": {"low": 1, "medium": "2", "high": 3})"),
    with_model(R"("input_per_million": 1, "holds_up_to_input_tokens": 200000)"),
    with_tier(R"({"above_input_tokens": 200000, "input_per_million": 2, "comment": "c"})"),
    with_tier(
        R"({"from_input_tokens": 1, "per_search": {"low": 1, "medium": 2, "high": 3}}, {"above_input_tokens": 9007199254740992, "input_per_million": 2})"),
    with_model(R"("context_tiers": [{"above_input_tokens": 5, "input_per_million": 2}])"),
    with_model(
        R"("flex": {"input_per_million": 1}, "priority": {"input_per_million": 1, "context_tiers": [{"above_input_tokens": 5, "input_per_million": 2}], "comment": "c"},
        "batch": {"context_tiers": [{"above_input_tokens": 5, "input_per_million": 2}]})"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01")"),
    with_model(
        R"("input_per_million": 1, "from": "2026-05-01T12:30:00.5+02:00", "earlier": [{"input_per_million": 2}])"),
    with_model(
        R"("input_per_million": 1, "from": "2026-05-01", "earlier": [{"from": "2026-04-01", "flex": {"per_image": 1}, "holds_up_to_input_tokens": 5,
        "comment": 1}, {"input_per_million": 2, "context_tiers": [{"above_input_tokens": 5, "input_per_million": 2}]}])"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01", "until": "2026-06-01", "mixed_output": true,
        "earlier": [{"input_per_million": 2, "until": "2026-04-01T00:00:00Z"}])"),
    with_hours(
        R"({"utc": ["01:00-04:00", "06:00-10:00"], "days": ["mon", "sun"], "not_on": ["2026-10-01"], "input_per_million": 2, "comment": "c"})"),
    with_hours(
        R"({"utc": ["23:59-24:00"], "flex": {"input_per_million": 2}, "holds_up_to_input_tokens": 5}, {"utc": ["00:00-24:00"], "per_search": {"low": 1, "medium": 2, "high": 3}})"),
    with_hours(
        R"({"utc": ["01:00-04:00"], "context_tiers": [{"above_input_tokens": 5, "input_per_million": 2}]})"),
    with_model(
        R"("input_per_million": 1, "from": "2026-05-01", "earlier": [{"input_per_million": 2, "hours": [{"utc": ["01:00-02:00"], "input_per_million": 3}]}])"),
    with_model(R"("hardware": "gpu-t4")"),
    with_model(R"("hardware": "gpu-t4", "from": "2026-05-01", "bill_failed": true)"),
    with_model(R"("per_image": 1, "bill_failed": true)"),
    test::own(R"("m": {"aliases": ["other"]})"),
    test::own(R"("m": {"aliases": ["other"], "provider": "p", "comment": {}})"),
    with_section(
        R"("hardware": {"gpu-x": {"per_second": 1}, "gpu-y": [{"per_second": "1", "from": "2026-01-01", "comment": 1}, {"per_second": 2}]}, "version": "v")"),
    with_section(
        R"("prefix_rules": [{"prefix": "p", "model": "m"}, {"prefix": "q", "replace_with": "", "comment": 1}], "comment": [1], "$schema": "s")"),
    with_section(R"("prefix_rules": [])"),
};

const std::vector<std::string> kBad = {
    "[]",
    "{}",
    R"({"format": "respand-pricing-2", "models": {}})",
    R"({"format": 1, "models": {}})",
    R"({"models": {}})",
    R"({"format": "respand-pricing-1"})",
    with_section(R"("models": [])"),
    with_section(R"("models": {}, "version": 1)"),
    with_section(R"("models": {}, "modells": {})"),
    with_section(R"("hardware": [])"),
    with_section(R"("prefix_rules": {})"),
    test::own(R"("": {"input_per_million": 1})"),
    test::own(R"("x": 5)"),
    test::own("\"" + std::string(257, 'x') + R"(": {"input_per_million": 1})"),
    with_model(""),
    with_model(R"("input_per_million": -1)"),
    with_model(R"("input_per_million": "-1")"),
    with_model(R"("input_per_million": "1 ")"),
    with_model(R"("input_per_million": ".5")"),
    with_model(R"("input_per_million": "")"),
    with_model(R"("input_per_million": null)"),
    with_model(R"("input_per_million": [1])"),
    with_model(R"("input_per_million": true)"),
    with_model(R"("input_per_milion": 1, "output_per_million": 1)"),
    with_model(R"("low": 1, "output_per_million": 1)"),
    with_model(R"("provider": 5, "input_per_million": 1)"),
    with_model(R"("provider": "", "input_per_million": 1)"),
    with_model(R"("provider": "p")"),
    with_model(R"("aliases": "y", "input_per_million": 1)"),
    with_model(R"("aliases": [""], "input_per_million": 1)"),
    with_model(R"("aliases": [5], "input_per_million": 1)"),
    test::own(R"("m": {"aliases": []})"),
    test::own(R"("m": {"aliases": ["other"], "from": "2026-05-01"})"),
    test::own(R"("m": {"aliases": ["other"], "holds_up_to_input_tokens": 5})"),
    test::own(R"("m": {"aliases": ["other"], "bill_failed": true})"),
    test::own(R"("m": {"aliases": ["other"], "until": "2026-05-01"})"),
    test::own(R"("m": {"aliases": ["other"], "mixed_output": true})"),
    with_model(R"("input_per_million": 1, "until": "never")"),
    with_model(R"("input_per_million": 1, "mixed_output": 1)"),
    with_section(R"("hardware": {"gpu": {"per_second": 1, "until": 5}})"),
    with_model(R"("holds_up_to_input_tokens": 5)"),
    with_model(R"("hours": [{"utc": ["01:00-02:00"], "input_per_million": 3}])"),
    with_model(R"("input_per_million": 1, "hours": [])"),
    with_model(R"("input_per_million": 1, "hours": {"utc": ["01:00-02:00"], "input_per_million": 3})"),
    with_model(
        R"("input_per_million": 1, "from": "2026-05-01", "earlier": [{"hours": [{"utc": ["01:00-02:00"], "input_per_million": 3}]}])"),
    test::own(R"("m": {"aliases": ["other"], "hours": [{"utc": ["01:00-02:00"], "input_per_million": 3}]})"),
    with_hours("5"),
    with_hours(R"({"input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"]})"),
    with_hours(R"({"utc": ["01:00-02:00"], "comment": "no price"})"),
    with_hours(R"({"utc": "01:00-02:00", "input_per_million": 3})"),
    with_hours(R"({"utc": [], "input_per_million": 3})"),
    with_hours(R"({"utc": ["1:00-2:00"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-24:01"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:60-02:00"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00Z"], "input_per_million": 3})"),
    with_hours(R"({"utc": [5], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "days": [], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "days": ["monday"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "days": ["mon", "mon"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "days": "mon", "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "not_on": ["2026-10-01T00:00:00Z"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "not_on": ["2026-10-01", "2026-10-01"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "not_on": [5], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-02:00"], "from": "2026-10-01", "input_per_million": 3})"),
    with_hours(
        R"({"utc": ["01:00-02:00"], "hours": [{"utc": ["01:00-02:00"], "input_per_million": 3}], "input_per_million": 3})"),
    with_model(R"("input_per_million": 1, "holds_up_to_input_tokens": 0)"),
    with_model(R"("input_per_million": 1, "holds_up_to_input_tokens": 1.5)"),
    with_model(R"("input_per_million": 1, "holds_up_to_input_tokens": "5")"),
    with_model(R"("input_per_million": 1, "holds_up_to_input_tokens": 9007199254740993)"),
    with_model(R"("per_search": {})"),
    with_model(R"("per_search": {"low": 1, "medium": 2})"),
    with_model(R"("per_search": {"low": 1, "medium": 2, "high": "x"})"),
    with_model(R"("per_search": {"low": 1, "medium": 2, "high": 3, "top": 4})"),
    with_model(R"("per_search": {"low": 1, "medium": 2, "high": 3, "input_per_million": 4})"),
    with_model(R"("per_page": {"low": 1, "medium": 2, "high": 3})"),
    with_tier(""),
    with_tier("5"),
    with_tier(R"({"input_per_million": 2})"),
    with_tier(R"({"above_input_tokens": 5})"),
    with_tier(R"({"above_input_tokens": 5, "comment": "c"})"),
    with_tier(R"({"above_input_tokens": 0, "input_per_million": 2})"),
    with_tier(R"({"above_input_tokens": "5", "input_per_million": 2})"),
    with_tier(R"({"above_input_tokens": 5, "from_input_tokens": 5, "input_per_million": 2})"),
    with_tier(R"({"above_input_tokens": 5, "input_per_million": 2, "flex": {"input_per_million": 2}})"),
    with_tier(R"({"above_input_tokens": 5, "input_per_million": "x"})"),
    with_model(R"("context_tiers": {"above_input_tokens": 5, "input_per_million": 2})"),
    with_model(R"("flex": {})"),
    with_model(R"("flex": {"comment": 1})"),
    with_model(R"("flex": [])"),
    with_model(R"("flex": {"input_per_million": "x"})"),
    with_model(R"("flex": {"input_per_million": 1, "from": "2026-01-01"})"),
    with_model(R"("input_per_million": 1, "turbo": {"input_per_million": 1})"),
    with_model(R"("input_per_million": 1, "from": "May 2026")"),
    with_model(R"("input_per_million": 1, "from": "2026-05")"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01T12:30:00")"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01 12:30:00Z")"),
    with_model(R"("input_per_million": 1, "from": "2026-13-01")"),
    with_model(R"("input_per_million": 1, "from": "2026-05-32")"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01T24:00:00Z")"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01T12:60:00Z")"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01T12:30:00+25:00")"),
    with_model(R"("input_per_million": 1, "from": 20260501)"),
    with_model(R"("from": "2026-05-01")"),
    with_model(R"("input_per_million": 1, "earlier": [{"input_per_million": 2}])"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01", "earlier": [])"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01", "earlier": {})"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01", "earlier": [5])"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01", "earlier": [{"from": "2026-01-01"}])"),
    with_model(
        R"("input_per_million": 1, "from": "2026-05-01", "earlier": [{"input_per_million": 2, "aliases": ["y"]}])"),
    with_model(R"("from": "2026-05-01", "earlier": [{"input_per_million": 2}])"),
    with_model(R"("hardware": 5)"),
    with_model(R"("hardware": "")"),
    with_model(R"("per_image": 1, "bill_failed": "yes")"),
    with_section(R"("hardware": {"": {"per_second": 1}})"),
    with_section(R"("hardware": {"gpu": {}})"),
    with_section(R"("hardware": {"gpu": 1})"),
    with_section(R"("hardware": {"gpu": []})"),
    with_section(R"("hardware": {"gpu": [1]})"),
    with_section(R"("hardware": {"gpu": {"per_second": "fast"}})"),
    with_section(R"("hardware": {"gpu": {"per_second": 1, "per_hour": 1}})"),
    with_section(R"("hardware": {"gpu": {"per_second": 1, "from": "now"}})"),
    with_section(R"("prefix_rules": [5])"),
    with_section(R"("prefix_rules": [{}])"),
    with_section(R"("prefix_rules": [{"prefix": "p"}])"),
    with_section(R"("prefix_rules": [{"model": "m"}])"),
    with_section(R"("prefix_rules": [{"prefix": "", "model": "m"}])"),
    with_section(R"("prefix_rules": [{"prefix": "p", "model": ""}])"),
    with_section(R"("prefix_rules": [{"prefix": "p", "model": "m", "replace_with": "x"}])"),
    with_section(R"("prefix_rules": [{"prefix": "p", "replace_with": 5}])"),
    with_section(R"("prefix_rules": [{"prefix": "p", "model": "m", "regex": true}])"),
};

/// Faults that a schema can't see: they lie between two values, or in the text of one.
const std::vector<std::string> kBadForTheLoaderAlone = {
    with_model(R"("input_per_million": 1, "input_per_million": 2)"),
    with_model(R"("input_per_million": "0.0000000000000000001")"),
    with_model(R"("input_per_million": 1e40)"),
    with_model(R"("input_per_million": 1, "from": "2026-02-30")"),
    with_model(
        R"("input_per_million": 1, "from": "2026-05-01", "earlier": [{"from": "2026-06-01", "input_per_million": 2}])"),
    with_model(
        R"("input_per_million": 1, "from": "2026-05-01", "earlier": [{"input_per_million": 2}, {"input_per_million": 3}])"),
    with_tier(
        R"({"above_input_tokens": 5, "input_per_million": 2}, {"from_input_tokens": 6, "input_per_million": 3})"),
    with_model(R"("input_per_million": 1, "from": "2026-05-01", "until": "2026-05-01")"),
    with_hours(R"({"utc": ["04:00-04:00"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["22:00-02:00"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-04:00", "03:59-05:00"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-04:00"], "not_on": ["2026-02-30"], "input_per_million": 3})"),
    with_hours(R"({"utc": ["01:00-04:00"], "utc": ["05:00-06:00"], "input_per_million": 3})"),
    with_model(
        R"("input_per_million": 1, "hours": [{"utc": ["01:00-02:00"], "input_per_million": 3}], "hours": [{"utc": ["03:00-04:00"], "input_per_million": 3}])"),
    with_model(R"("input_per_million": 1, "from": "2026-01-01", "from": "2026-05-01")"),
    with_model(R"("input_per_million": 1, "holds_up_to_input_tokens": 5, "holds_up_to_input_tokens": 6)"),
    with_model(R"("input_per_million": 1, "provider": "p", "provider": "q")"),
    with_tier(R"({"above_input_tokens": 5, "per_image": 2, "per_image": 3})"),
    with_model(R"("input_per_million": 1, "flex": {"per_image": 1, "per_image": 2})"),
    with_section(R"("hardware": {"gpu": {"per_second": 1, "per_second": 2}})"),
    with_section(R"("prefix_rules": [{"prefix": "p", "prefix": "q", "replace_with": ""}])"),
    with_model(R"("hardware": "gpu-of-nobody")"),
    test::own(R"("nobody": {"aliases": ["x"]})"),
    test::own(R"("x": {"input_per_million": 1}, "X": {"input_per_million": 2})"),
    with_section(R"("prefix_rules": [{"prefix": "p", "model": "nobody"}])"),
    with_section(R"("hardware": {"gpu": [{"per_second": 1}, {"per_second": 2}]})"),
};

TEST(Schema, and_loader_take_the_same_tables) {
    for (const std::string& text : kGood) {
        EXPECT_EQ(complaint(text), "") << text;
        EXPECT_TRUE(schema().accepts(json::parse(text))) << text;
    }
}

TEST(Schema, and_loader_complain_of_the_same_tables) {
    for (const std::string& text : kBad) {
        EXPECT_NE(complaint(text), "") << text;
        EXPECT_FALSE(schema().accepts(json::parse(text))) << text;
    }
}

TEST(Schema, leaves_to_the_loader_what_it_can_not_see) {
    for (const std::string& text : kBadForTheLoaderAlone) {
        EXPECT_NE(complaint(text), "") << text;
        EXPECT_TRUE(schema().accepts(json::parse(text))) << text;
    }
}

TEST(Schema, takes_the_table_that_comes_with_respand) {
    EXPECT_TRUE(schema().accepts(json::parse(std::ifstream(RESPAND_SOURCE_DIR "/conf/pricing.json"))));
}

TEST(Schema, names_every_price) {
    const json file = json::parse(std::ifstream(RESPAND_SOURCE_DIR "/conf/pricing.schema.json"));
    std::set<std::string> stated;
    for (const json& name : file.at(json::json_pointer("/$defs/price_name/enum"))) stated.insert(name);
    std::set<std::string> known;
    for (const MeterInfo& meter : all_meters()) {
        const bool context = meter.meter == Meter::search_low || meter.meter == Meter::search_medium ||
                             meter.meter == Meter::search_high;
        if (!context) known.insert(std::string(meter.key));
    }
    EXPECT_EQ(stated, known);
}

}  // namespace
}  // namespace respand::pricing
