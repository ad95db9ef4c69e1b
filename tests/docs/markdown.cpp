#include "markdown.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

#include "support/process.hpp"

namespace respand::docs {
namespace {

std::string trimmed(std::string_view text, std::string_view what) {
    const std::size_t first = text.find_first_not_of(what);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(what) - first + 1));
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

/// "| a | b |" → a, b. A bar behind a backslash belongs to its cell.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::string cell;
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] == '|' && line[i - 1] != '\\') {
            cells.push_back(trimmed(cell, " "));
            cell.clear();
        } else {
            cell += line[i];
        }
    }
    return cells;
}

}  // namespace

const std::string& readme() {
    static const std::string text = test::read_file(RESPAND_SOURCE_DIR "/README.md");
    return text;
}

std::string between(std::string_view text, const std::string& name) {
    const std::string open = "<!-- " + name + " -->\n", close = "<!-- /" + name + " -->\n";
    const std::size_t begin = text.find(open);
    if (begin == std::string_view::npos) return {};
    const std::size_t end = text.find(close, begin);
    if (end == std::string_view::npos) return {};
    return trimmed(text.substr(begin + open.size(), end - begin - open.size()), "\n");
}

std::vector<std::vector<std::string>> table_rows(std::string_view text) {
    std::vector<std::vector<std::string>> rows;
    bool below_ruler = false;
    for (const std::string& line : lines_of(text)) {
        if (!line.starts_with('|')) {
            below_ruler = false;
        } else if (line.starts_with("|--") || line.starts_with("| --")) {
            below_ruler = true;
        } else if (below_ruler) {
            rows.push_back(cells_of(line));
        }
    }
    return rows;
}

std::vector<std::string> code_blocks(std::string_view text, std::string_view language) {
    std::vector<std::string> blocks;
    std::string block;
    enum class Inside { nothing, wanted, other } inside = Inside::nothing;
    for (const std::string& line : lines_of(text)) {
        if (!line.starts_with("```")) {
            if (inside == Inside::wanted) block += line + "\n";
        } else if (inside == Inside::nothing) {
            inside = line.substr(3) == language ? Inside::wanted : Inside::other;
            block.clear();
        } else {
            if (inside == Inside::wanted) blocks.push_back(block);
            inside = Inside::nothing;
        }
    }
    return blocks;
}

std::vector<std::string> all_matches(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
        found.push_back((*match)[1].str());
    return found;
}

std::string anchor(std::string_view heading) {
    std::string text;
    for (const char c : heading) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_') text += static_cast<char>(std::tolower(byte));
        if (c == ' ') text += '-';
    }
    return text;
}

}  // namespace respand::docs
