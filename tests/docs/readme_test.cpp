// What the README says of the configuration, the records and the source tree is what the code says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "config/config.hpp"
#include "markdown.hpp"
#include "pricing/price_table.hpp"
#include "pricing/pricing.hpp"
#include "record/record.hpp"
#include "record/scrub.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace respand::docs {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string without_ticks(std::string text) {
    std::erase(text, '`');
    return text;
}

/// A cell's text without its mark-up: code ticks, and the backslash that lets a bar stand in a cell.
std::string plain(std::string cell) {
    for (std::size_t at = 0; (at = cell.find("\\|", at)) != std::string::npos;) cell.erase(at, 1);
    return without_ticks(std::move(cell));
}

TEST(Readme, HoldsTheConfigurationReferenceOfThisVersion) {
    std::string expected = config::config_reference();
    while (expected.ends_with('\n')) expected.pop_back();
    EXPECT_EQ(between(readme(), "configuration"), expected)
        << "put the expected text between the markers `configuration` of README.md";
}

TEST(Readme, NamesEveryReasonForARefusalWithItsSentence) {
    std::vector<std::vector<std::string>> expected;
    for (std::size_t i = 0; i < kRejectReasons; ++i) {
        const auto reason = static_cast<RejectReason>(i);
        expected.push_back({std::string(name(reason)), without_ticks(std::string(describe(reason)))});
    }
    auto rows = table_rows(between(readme(), "refusals"));
    for (auto& row : rows)
        for (auto& cell : row) cell = plain(cell);
    EXPECT_EQ(rows, expected);
}

TEST(Readme, ListsOnlySecretsThatAreRemoved) {
    const auto names = all_matches(between(readme(), "secrets"), "`([^`]+)`");
    EXPECT_THAT(names, SizeIs(testing::Ge(12U)));
    for (const std::string& name : names) EXPECT_TRUE(is_secret_name(name)) << name;
}

TEST(Readme, NamesEveryReasonForNoCost) {
    std::vector<std::string> named;
    for (const auto& row : table_rows(between(readme(), "no-cost")))
        named.push_back(without_ticks(row.at(0)));
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < pricing::kUnknownReasons; ++i)
        expected.emplace_back(pricing::name(static_cast<pricing::UnknownReason>(i)));
    EXPECT_EQ(named, expected);
}

TEST(Readme, ShowsThePriceTableAsItIs) {
    const auto table = pricing::PriceTable::load({RESPAND_SOURCE_DIR "/conf/pricing.json", ""}, nullptr);
    ASSERT_TRUE(table) << table.error().message;
    const std::string size = std::to_string((*table)->size());
    const std::string status = size + " models of " + (*table)->version() + "  (" + (*table)->id() + ")";
    const auto statuses = all_matches(readme(), "(\\d+ models of .*)");
    EXPECT_THAT(statuses, Not(IsEmpty()));
    EXPECT_THAT(statuses, testing::Each(status));
    EXPECT_THAT(all_matches(readme(), "(\\d+) models priced"), testing::Each(size));
    EXPECT_THAT(all_matches(readme(), "is ready: (\\d+) prices"), testing::Each(size));
    EXPECT_THAT(all_matches(readme(), "table     (sha256:\\w+, version .*)"),
                testing::Each((*table)->id() + ", version " + (*table)->version()));
}

TEST(Readme, LinksOnlyToFilesThatAreThere) {
    const auto links = all_matches(readme(), R"(\]\(([^)#\s]+))");
    EXPECT_THAT(links, Not(IsEmpty()));
    for (const std::string& link : links)
        if (link.find("://") == std::string::npos) {
            EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(RESPAND_SOURCE_DIR) / link)) << link;
        }
}

TEST(Readme, LinksOnlyToHeadingsThatAreThere) {
    std::set<std::string> anchors;
    for (const std::string& heading : all_matches(readme(), R"((?:^|\n)#+ ([^\n]+))"))
        anchors.insert(anchor(heading));
    for (const std::string& link : all_matches(readme(), R"(\]\(#([^)]+)\))"))
        EXPECT_THAT(anchors, Contains(link));
}

TEST(Readme, ShowsConfigurationsThatAreAccepted) {
    const auto files = all_matches(readme(), R"(<<'TOML'\n([\s\S]*?)\nTOML\n)");
    EXPECT_THAT(files, Not(IsEmpty()));
    for (const std::string& file : files) {
        const auto config = config::parse_config(file, "README.md");
        EXPECT_TRUE(config) << file << (config ? "" : config.error().message);
    }
}

TEST(Readme, ShowsPriceOverlaysThatAreUnderstood) {
    const auto files = code_blocks(readme(), "json");
    ASSERT_THAT(files, SizeIs(1));
    const test::TempDir overlays;
    test::write_file(overlays.file("own.json"), files.front());
    std::vector<pricing::LoadWarning> warnings;
    pricing::PricingSettings settings;
    settings.table = RESPAND_SOURCE_DIR "/conf/pricing.json";
    settings.overlays = overlays.path();
    const auto table = pricing::PriceTable::load(settings, &warnings);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_THAT(warnings, IsEmpty());
}

TEST(Changelog, HasASectionForThisVersion) {
    const std::string text = test::read_file(RESPAND_SOURCE_DIR "/CHANGELOG.md");
    const std::string build = test::read_file(RESPAND_SOURCE_DIR "/CMakeLists.txt");
    const auto version = all_matches(build, R"(project\(respand VERSION ([0-9.]+))");
    ASSERT_THAT(version, SizeIs(1));
    EXPECT_THAT(all_matches(text, R"(\n## \[?([0-9.]+))"), Contains(version.front()));
}

}  // namespace
}  // namespace respand::docs
