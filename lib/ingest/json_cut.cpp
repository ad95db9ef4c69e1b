#include "ingest/json_cut.hpp"

#include <array>
#include <optional>

namespace respand::ingest {
namespace {

using Records = std::vector<std::string_view>;

constexpr std::string_view kSpace = " \t\r\n";

/// Bytes that matter outside of strings, when a value with brackets is passed over.
constexpr std::array<bool, 256> kMarks = [] {
    std::array<bool, 256> marks{};
    for (const char mark : {'"', '{', '}', '[', ']'}) marks.at(static_cast<unsigned char>(mark)) = true;
    return marks;
}();

/// Goes over a JSON text value by value.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    void skip_space() {
        while (at_ < text_.size() && kSpace.find(text_[at_]) != std::string_view::npos) ++at_;
    }
    bool at_end() const { return at_ == text_.size(); }
    /// The byte that comes next; 0 at the end.
    char next() const { return at_end() ? '\0' : text_[at_]; }
    /// Takes `wanted` and the space behind it, when it is what comes next.
    bool take(char wanted) {
        if (next() != wanted) return false;
        ++at_;
        skip_space();
        return true;
    }
    /// Takes a value and the space behind it; empty when there is none, or no end of it.
    std::string_view take_value() {
        const std::size_t begin = at_;
        if (!pass_value()) return {};
        const std::string_view value = text_.substr(begin, at_ - begin);
        skip_space();
        return value;
    }

  private:
    bool pass_value() {
        switch (next()) {
            case '"':
                return pass_string();
            case '{':
            case '[':
                return pass_brackets();
            default: {
                const std::size_t begin = at_;
                at_ = std::min(text_.find_first_of(",]}:\" \t\r\n", at_), text_.size());
                return at_ > begin;
            }
        }
    }

    bool pass_string() {
        for (std::size_t quote = at_ + 1;; ++quote) {
            quote = text_.find('"', quote);
            if (quote == std::string_view::npos) return false;
            std::size_t escapes = 0;
            while (text_[quote - 1 - escapes] == '\\') ++escapes;  // ends at the opening quote
            if (escapes % 2 != 0) continue;
            at_ = quote + 1;
            return true;
        }
    }

    bool pass_brackets() {
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            const char byte = text_[at_];
            if (!kMarks[static_cast<unsigned char>(byte)]) {
                ++at_;
            } else if (byte == '"') {
                if (!pass_string()) return false;
            } else {
                ++at_;
                if (byte == '{' || byte == '[')
                    ++depth;
                else if (--depth == 0)
                    return true;
            }
        }
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// Adds the elements of an array.
std::optional<CutFault> take_array(Scanner& scanner, Records& records) {
    if (!scanner.take('[')) return CutFault::broken;
    if (scanner.take(']')) return std::nullopt;
    for (;;) {
        const std::string_view value = scanner.take_value();
        if (value.empty()) return CutFault::broken;
        if (records.size() == kMaxRecords) return CutFault::too_many;
        records.push_back(value);
        if (scanner.take(']')) return std::nullopt;
        if (!scanner.take(',')) return CutFault::broken;
    }
}

std::optional<CutFault> cut_array(std::string_view body, Records& records) {
    Scanner scanner(body);
    scanner.skip_space();
    if (const auto fault = take_array(scanner, records)) return fault;
    return scanner.at_end() ? std::nullopt : std::optional(CutFault::broken);
}

std::optional<CutFault> cut_logs(std::string_view body, Records& records) {
    Scanner scanner(body);
    scanner.skip_space();
    if (!scanner.take('{')) return scanner.next() == '[' ? CutFault::no_logs : CutFault::broken;
    bool found = false;
    if (!scanner.take('}')) {
        for (;;) {
            if (scanner.next() != '"') return CutFault::broken;
            const bool logs = scanner.take_value() == "\"logs\"";
            if (!scanner.take(':')) return CutFault::broken;
            if (logs) {
                if (scanner.at_end()) return CutFault::broken;
                if (found || scanner.next() != '[') return CutFault::no_logs;
                found = true;
                if (const auto fault = take_array(scanner, records)) return fault;
            } else if (scanner.take_value().empty()) {
                return CutFault::broken;
            }
            if (scanner.take('}')) break;
            if (!scanner.take(',')) return CutFault::broken;
        }
    }
    if (!scanner.at_end()) return CutFault::broken;
    return found ? std::nullopt : std::optional(CutFault::no_logs);
}

std::optional<CutFault> cut_lines(std::string_view body, Records& records) {
    while (!body.empty()) {
        const std::size_t end = std::min(body.find('\n'), body.size());
        const std::string_view line = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (line.find_first_not_of(kSpace) == std::string_view::npos) continue;
        if (records.size() == kMaxRecords) return CutFault::too_many;
        records.push_back(line);
    }
    return std::nullopt;
}

std::optional<CutFault> cut_into(BodyShape shape, std::string_view body, Records& records) {
    const std::size_t first = body.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return CutFault::nothing;
    switch (shape) {
        case BodyShape::logs:
            return cut_logs(body, records);
        case BodyShape::lines:
            return cut_lines(body, records);
        case BodyShape::json:
            if (body[first] == '[') return cut_array(body, records);
            break;
        case BodyShape::record:
            break;
    }
    records.push_back(body);
    return std::nullopt;
}

}  // namespace

std::string_view describe(CutFault fault) {
    switch (fault) {
        case CutFault::nothing:
            return "no record in it: send one JSON object, or several";
        case CutFault::broken:
            return "not valid JSON: where one record ends and the next begins can't be told; nothing was "
                   "taken";
        case CutFault::no_logs:
            return "the bulk call takes an object with one array `logs`: {\"logs\":[…]}; nothing was taken";
        case CutFault::too_many:
            return "more than 1000 records in one request: send them in several; nothing was taken";
    }
    return "";
}

std::expected<Records, CutFault> cut(BodyShape shape, std::string_view body) {
    Records records;
    if (const auto fault = cut_into(shape, body, records)) return std::unexpected(*fault);
    if (records.empty()) return std::unexpected(CutFault::nothing);
    return records;
}

}  // namespace respand::ingest
