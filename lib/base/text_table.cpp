#include "base/text_table.hpp"

#include <algorithm>

namespace respand {
namespace {

constexpr std::size_t kGap = 2;

/// Characters of UTF-8; wide ones count as one.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

}  // namespace

std::string TextTable::text() const {
    std::vector<std::vector<std::string>> lines{{}};
    for (const Column& column : columns_) lines.front().push_back(column.heading);
    lines.insert(lines.end(), rows_.begin(), rows_.end());
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (auto& line : lines) {
        line.resize(columns_.size());
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
    }
    std::string out;
    for (const auto& line : lines) {
        std::string row;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string padding(widths[i] - width_of(line[i]), ' ');
            row += (i == 0 ? "" : std::string(kGap, ' ')) + (columns_[i].right ? padding : "") + line[i] +
                   (columns_[i].right ? "" : padding);
        }
        row.erase(row.find_last_not_of(' ') + 1);
        out += row + "\n";
    }
    return out;
}

}  // namespace respand
