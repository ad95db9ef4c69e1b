// The README against what the programs themselves say with --help.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "markdown.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace respand::docs {
namespace {

using testing::Ge;
using testing::SizeIs;

/// `subcommand`: "price explain", say.
std::string help(const std::string& program, const std::string& subcommand = {}) {
    const test::TempDir dir;
    std::vector<std::string> command{RESPAND_BIN_DIR "/" + program};
    for (const std::string& word : all_matches(subcommand, "([a-z-]+)")) command.push_back(word);
    command.emplace_back("--help");
    const test::Finished finished = test::run(command, dir.file("help"));
    EXPECT_EQ(finished.code, 0) << program << " " << subcommand << "\n" << finished.output;
    return finished.output;
}

/// "status", "price list" …: all that can be run, those of a group with the group's name.
std::vector<std::string> subcommands(const std::string& group = {}) {
    const std::string text = help("respanctl", group);
    const std::size_t at = text.find("Subcommands:");
    if (at == std::string::npos) return {group};
    const std::string list = text.substr(at);
    std::vector<std::string> found;
    for (const std::string& name : all_matches(list.substr(0, list.find("\n\n")), R"(\n  ([a-z][a-z-]*) )"))
        for (std::string& command : subcommands(group.empty() ? name : group + " " + name))
            found.push_back(std::move(command));
    return found;
}

/// Long options that a help text declares, without --help and --version.
std::set<std::string> options(const std::string& text) {
    std::set<std::string> found;
    for (const std::string& option : all_matches(text, R"(\n  (?:-\w,)?(--[a-z][a-z0-9-]*))"))
        if (option != "--help" && option != "--version") found.insert(option);
    return found;
}

/// program → options, subcommands' included.
std::map<std::string, std::set<std::string>> all_options() {
    std::map<std::string, std::set<std::string>> all;
    for (const char* program : {"respand", "respanctl", "respan-sandbox"})
        all[program] = options(help(program));
    for (const std::string& subcommand : subcommands())
        all["respanctl"].merge(options(help("respanctl", subcommand)));
    return all;
}

/// "64" → "wrong command line", as far as `pattern` can tell number and text apart.
std::map<std::string, std::string> exit_codes(std::string text, const std::string& separator) {
    text = text.substr(text.find("Exit codes (sysexits.h):") + 24);
    std::map<std::string, std::string> codes;
    for (const std::string& entry : all_matches(text, "(\\d+ [\\s\\S]*?)(?:" + separator + "|\\s*$)"))
        codes[entry.substr(0, entry.find(' '))] = entry.substr(entry.find(' ') + 1);
    return codes;
}

std::map<std::string, std::string> exit_codes_in_readme(std::size_t column) {
    std::map<std::string, std::string> codes;
    for (const auto& row : table_rows(between(readme(), "exit-codes")))
        if (row.at(column) != "–") codes[row.at(0)] = row.at(column);
    return codes;
}

TEST(Help, EveryOptionOfRespandAndRespanctlIsInTheReadme) {
    auto all = all_options();
    EXPECT_THAT(all["respand"], SizeIs(Ge(3U)));
    EXPECT_THAT(all["respanctl"], SizeIs(Ge(10U)));
    for (const char* program : {"respand", "respanctl"})
        for (const std::string& option : all[program])
            EXPECT_TRUE(readme().contains("`" + option)) << program << " " << option;
}

TEST(Help, EverySubcommandIsInTheReadme) {
    EXPECT_THAT(subcommands(), SizeIs(Ge(4U)));
    for (const std::string& subcommand : subcommands())
        EXPECT_TRUE(readme().contains("`respanctl " + subcommand)) << subcommand;
}

/// What stands behind the program's name in the commands of a block, without pipes and redirections.
std::vector<std::string> arguments(const std::string& block, const std::string& program) {
    return all_matches(block, R"((?:^|[\n|]|\w) ?)" + program + R"(( [^\n|&<>]*))");
}

TEST(Help, CommandsOfTheReadmeUseOnlyOptionsThatAreThere) {
    for (const auto& [program, known] : all_options()) {
        std::set<std::string> used;
        for (const std::string& block : code_blocks(readme(), "sh"))
            for (const std::string& line : arguments(block, program))
                for (const std::string& option : all_matches(line, R"( (--[a-z][a-z0-9-]*))"))
                    used.insert(option);
        EXPECT_THAT(known, testing::IsSupersetOf(used)) << program;
    }
}

TEST(Help, ExitCodesOfRespandAreThoseOfTheReadme) {
    const auto codes = exit_codes(help("respand"), R"(  +(?=\d)|\n +(?=\d))");
    EXPECT_THAT(codes, SizeIs(Ge(10U)));
    EXPECT_EQ(exit_codes_in_readme(1), codes);
}

TEST(Help, ExitCodesOfRespanctlAreThoseOfTheReadme) {
    const auto codes = exit_codes(help("respanctl"), R"(,\s+(?=\d))");
    EXPECT_THAT(codes, SizeIs(Ge(6U)));
    EXPECT_EQ(exit_codes_in_readme(2), codes);
}

}  // namespace
}  // namespace respand::docs
