// Columns of text for people to read and for grep to search: one line a row, padded with blanks.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace respand {

class TextTable {
  public:
    struct Column {
        std::string heading;
        bool right = false;  ///< numbers end under each other
    };
    explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// Cells in the order of the columns; what is missing at the end is empty.
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::size_t rows() const { return rows_.size(); }
    /// Headings and rows, each with a newline; no blanks at the end of a line.
    std::string text() const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace respand
