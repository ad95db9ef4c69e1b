// The source tree, held to the rules of the house.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

#include "coroutine_rule.hpp"
#include "include_rule.hpp"

namespace respand::rules {
namespace {

using testing::IsEmpty;

const std::filesystem::path kRoot = RESPAND_SOURCE_DIR;

/// Lines. Longer files are about two things.
constexpr std::size_t kMaxFileLines = 400;
/// Lines of the daemon's main.cpp: what is more belongs where it can be tested.
constexpr std::size_t kMaxMainLines = 60;

/// Files that may be longer than kMaxFileLines, each with the reason. A table is read, not followed.
const std::set<std::string> kLongFiles{};

std::vector<SourceFile> own_code() {
    std::vector<SourceFile> files = sources("lib");
    std::ranges::move(sources("daemon"), std::back_inserter(files));
    return files;
}

TEST(Tree, IsWhereTheRulesLookForIt) {
    EXPECT_FALSE(sources("lib").empty());
    EXPECT_FALSE(sources("daemon").empty());
    EXPECT_FALSE(sources("tests").empty());
}

TEST(Tree, RoomsIncludeOnlyWhatTheTableAllows) {
    std::vector<Breach> breaches;
    for (const SourceFile& file : sources("lib"))
        std::ranges::move(check_includes(file), std::back_inserter(breaches));
    std::ranges::move(check_private_headers(sources("lib")), std::back_inserter(breaches));
    EXPECT_THAT(breaches, IsEmpty());
}

TEST(Tree, AwaitsOnlyInFormsThatEveryCompilerGetsRight) {
    std::vector<Breach> breaches;
    for (const char* folder : {"lib", "daemon", "tests", "bench", "fuzz"})
        for (const SourceFile& file : sources(folder))
            std::ranges::move(check_coroutines(file), std::back_inserter(breaches));
    EXPECT_THAT(breaches, IsEmpty());
}

TEST(Tree, HasNoFileThatIsTooLongToBeAboutOneThing) {
    std::vector<Breach> breaches;
    for (const SourceFile& file : own_code())
        if (const std::size_t count = lines(file.text).size();
            count > kMaxFileLines && !kLongFiles.contains(file.path))
            breaches.push_back({file.path, std::to_string(count) + " lines, at most " +
                                               std::to_string(kMaxFileLines) +
                                               "; find the two things it is about"});
    EXPECT_THAT(breaches, IsEmpty());
}

TEST(Tree, ExcusesNoFileThatHasBecomeShort) {
    for (const SourceFile& file : own_code())
        EXPECT_TRUE(!kLongFiles.contains(file.path) || lines(file.text).size() > kMaxFileLines) << file.path;
    for (const std::string& path : kLongFiles) EXPECT_TRUE(std::filesystem::exists(kRoot / path)) << path;
}

TEST(Tree, EveryRoomSaysWhatItPromises) {
    std::vector<Breach> breaches;
    for (const auto& entry : std::filesystem::directory_iterator(kRoot / "lib")) {
        if (!entry.is_directory()) continue;
        const auto readme = entry.path() / "README.md";
        std::error_code missing;
        if (std::filesystem::file_size(readme, missing) < 200 || missing)
            breaches.push_back(
                {"lib/" + entry.path().filename().string(), "needs a README.md with its promises"});
    }
    EXPECT_THAT(breaches, IsEmpty());
}

TEST(Tree, MainOnlyStartsAndEnds) {
    bool found = false;
    for (const SourceFile& file : sources("daemon/respand")) {
        if (!file.path.ends_with("/main.cpp")) continue;
        found = true;
        EXPECT_LE(lines(file.text).size(), kMaxMainLines);
    }
    EXPECT_TRUE(found) << "daemon/respand/main.cpp is not there";
}

TEST(Tests, NeitherSleepNorAreSwitchedOff) {
    // Sleeping for a fixed time is too long on a fast machine and too short on a busy one.
    static const std::regex kForbidden(
        R"(\b(sleep_for|sleep_until|usleep|nanosleep|GTEST_SKIP|DISABLED_\w+)\b|\bsleep\s*\()");
    std::vector<Breach> breaches;
    for (const SourceFile& file : sources("tests")) {
        if (file.path.starts_with("tests/bench/")) continue;  // a program that measures, no test
        const std::vector<std::string> code = lines(code_only(file.text));
        for (std::size_t i = 0; i < code.size(); ++i)
            if (std::smatch match; std::regex_search(code[i], match, kForbidden))
                breaches.push_back({file.path + ":" + std::to_string(i + 1),
                                    "'" + match.str() +
                                        "': wait for what must happen (support/eventually.hpp), test what "
                                        "can be tested everywhere"});
    }
    EXPECT_THAT(breaches, IsEmpty());
}

}  // namespace
}  // namespace respand::rules
