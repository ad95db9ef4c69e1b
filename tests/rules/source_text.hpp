// The source tree as the rule checks see it.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace respand::rules {

/// A broken rule: where, and what to do instead.
struct Breach {
    std::string where;  ///< "lib/spool/spool.cpp:12"
    std::string what;
};

/// gtest prints it.
inline std::ostream& operator<<(std::ostream& out, const Breach& breach) {
    return out << breach.where << ": " << breach.what;
}

struct SourceFile {
    std::string path;  ///< from the root of the tree: "lib/spool/spool.cpp"
    std::string text;
};

/// Every .hpp and .cpp below a folder of the source tree, sorted by path.
std::vector<SourceFile> sources(const std::string& folder);

/// The text with comments, string and character literals blanked out, line for line and column for column.
/// Include lines keep their path.
std::string code_only(std::string_view text);

/// The line a byte stands in, from 1.
std::size_t line_number(std::string_view text, std::size_t at);

/// The lines of a text, without their ends.
std::vector<std::string> lines(std::string_view text);

}  // namespace respand::rules
