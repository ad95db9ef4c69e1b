// The little of Markdown that the tests of the documentation need.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace respand::docs {

/// README.md at the root of the source tree.
const std::string& readme();

/// What stands between the lines `<!-- name -->` and `<!-- /name -->`, without empty lines around it. Empty
/// when the markers are missing.
std::string between(std::string_view text, const std::string& name);

/// The cells of the rows of a table, without head and ruler, each trimmed.
std::vector<std::vector<std::string>> table_rows(std::string_view text);

/// The contents of the fenced code blocks of this language ("c", "toml", "sh").
std::vector<std::string> code_blocks(std::string_view text, std::string_view language);

/// All matches of the first group of `pattern` (ECMAScript).
std::vector<std::string> all_matches(const std::string& text, const std::string& pattern);

/// The anchor that a heading gets: lower case, blanks as '-', other punctuation dropped.
std::string anchor(std::string_view heading);

}  // namespace respand::docs
