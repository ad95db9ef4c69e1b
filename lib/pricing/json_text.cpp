#include "pricing/json_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

namespace respand::pricing {
namespace {

using nlohmann::json;

/// Most bytes of the parser's own words that go into a message: it quotes what it read last.
constexpr std::size_t kMaxDetailBytes = 200;

/// Walks over the text and counts the lines that it has left behind.
class CountingIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, std::size_t* lines) : at_(at), lines_(lines) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        if (*at_++ == '\n') ++*lines_;
        return *this;
    }
    CountingIterator operator++(int) {
        const CountingIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

  private:
    const char* at_;
    std::size_t* lines_;
};

/// Builds the tree; the names of the functions are the parser's.
class TreeBuilder {
  public:
    /// `lines` counts the lines that were read; must outlive the parsing.
    explicit TreeBuilder(const std::size_t& lines) : lines_(lines) {}

    bool null() { return add(JsonText::Kind::null, {}); }
    bool boolean(bool value) { return add(JsonText::Kind::boolean, value ? "true" : "false"); }
    bool number_integer(json::number_integer_t value) {
        return add(JsonText::Kind::number, std::to_string(value));
    }
    bool number_unsigned(json::number_unsigned_t value) {
        return add(JsonText::Kind::number, std::to_string(value));
    }
    bool number_float(json::number_float_t, const std::string& raw) {
        return add(JsonText::Kind::number, raw);
    }
    bool string(std::string& value) { return add(JsonText::Kind::string, std::move(value)); }
    bool binary(json::binary_t&) { return false; }  // JSON text has none
    bool start_object(std::size_t) { return open(JsonText::Kind::object); }
    bool start_array(std::size_t) { return open(JsonText::Kind::array); }
    bool key(std::string& name) {
        key_ = std::move(name);
        key_line_ = lines_ + 1;
        return true;
    }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool parse_error(std::size_t position, const std::string&, const json::exception& error) {
        position_ = position;
        detail_ = error.what();
        return false;
    }

    JsonText& root() { return root_; }
    bool too_deep() const { return too_deep_; }
    std::size_t position() const { return position_; }
    const std::string& detail() const { return detail_; }

    /// Where parsing stands: "models → claude-x → input_per_million".
    std::string path() const {
        std::string path;
        for (const std::string& name : names_ | std::views::drop(1)) {
            if (!name.empty()) path += name + " → ";
        }
        path += key_;
        return path.ends_with(" → ") ? path.substr(0, path.size() - std::string_view(" → ").size()) : path;
    }

  private:
    JsonText* place(JsonText value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        JsonText& parent = *open_.back();
        const bool member = parent.kind == JsonText::Kind::object;
        if (member) value.line = key_line_;
        std::string name = member ? key_ : std::string{};
        parent.members.push_back({std::move(name), std::move(value)});
        return &parent.members.back().value;
    }
    bool add(JsonText::Kind kind, std::string text) {
        place({kind, std::move(text), {}, lines_ + 1});
        return true;
    }
    bool open(JsonText::Kind kind) {
        if (open_.size() >= kMaxPriceFileDepth) {
            too_deep_ = true;
            return false;
        }
        // A parent's members don't move while a child is open: only the innermost value grows.
        JsonText* opened = place({kind, {}, {}, lines_ + 1});
        names_.push_back(std::exchange(key_, {}));
        open_.push_back(opened);
        return true;
    }
    bool close() {
        open_.pop_back();
        names_.pop_back();
        key_.clear();
        return true;
    }

    JsonText root_;
    std::vector<JsonText*> open_;
    std::vector<std::string> names_;  ///< the key under which each open value stands
    std::string key_;
    std::size_t key_line_ = 1;
    const std::size_t& lines_;
    bool too_deep_ = false;
    std::size_t position_ = 0;
    std::string detail_;
};

/// The parser's message without its number and its own idea of the place.
std::string plain_detail(std::string_view what) {
    const std::size_t bracket = what.find("] ");
    if (bracket != std::string_view::npos) what.remove_prefix(bracket + 2);
    const std::size_t column = what.find("column ");
    if (column != std::string_view::npos) {
        const std::size_t colon = what.find(": ", column);
        if (colon != std::string_view::npos) what.remove_prefix(colon + 2);
    }
    return std::string(what.substr(0, kMaxDetailBytes));
}

/// "file:line:column" of the byte before `position` (the parser counts the byte it stopped at).
std::string place_of(std::string_view text, std::size_t position, const std::string& file) {
    const std::string_view before = text.substr(0, position > 0 ? std::min(position - 1, text.size()) : 0);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace

const JsonText* JsonText::find(std::string_view name) const {
    for (const auto& [key, value] : std::views::reverse(members)) {
        if (key == name) return &value;
    }
    return nullptr;
}

Result<JsonText> parse_json_text(std::string_view json_text, const std::string& file) {
    std::size_t lines = 0;
    TreeBuilder builder(lines);
    const char* begin = json_text.data();
    if (json::sax_parse(CountingIterator(begin, &lines), CountingIterator(begin + json_text.size(), &lines),
                        &builder)) {
        return std::move(builder.root());
    }
    const std::string key = builder.path();
    const std::string under = key.empty() ? "" : " (under key " + key + ")";
    if (builder.too_deep()) {
        return fail(ErrorKind::data, file + ": nested deeper than " + std::to_string(kMaxPriceFileDepth) +
                                         " levels" + under + "; this is no price file");
    }
    return fail(ErrorKind::data, place_of(json_text, builder.position(), file) + ": not valid JSON" + under +
                                     ": " + plain_detail(builder.detail()));
}

}  // namespace respand::pricing
