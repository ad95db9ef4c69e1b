#include "sandbox/server/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace respand::sandbox {
namespace {

using Json = nlohmann::json;

/// Takes every event and keeps only the fault.
struct Validator final : nlohmann::json_sax<Json> {
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&, const Json::exception& e) override {
        constexpr int kNumberOverflow = 406;
        fault =
            (e.id == kNumberOverflow ? "a number is too large, near byte " : "not valid JSON near byte ") +
            std::to_string(position);
        return false;
    }
    std::optional<std::string> fault;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Walks over valid JSON from left to right.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    /// The next character that is no blank, 0 at the end.
    char peek() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    void step() { ++at_; }

    /// The text of the value that starts here.
    std::string_view value() {
        const char first = peek();
        const std::size_t start = at_;
        if (first == '"')
            skip_string();
        else if (first == '{' || first == '[')
            skip_container();
        else
            skip_scalar();
        return text_.substr(start, at_ - start);
    }

  private:
    void skip_string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
            if (text_[at_] == '\\') ++at_;
        at_ = std::min(at_ + 1, text_.size());
    }
    void skip_container() {
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                skip_string();
                continue;
            }
            ++at_;
            if (c == '{' || c == '[') ++depth;
            if ((c == '}' || c == ']') && --depth == 0) return;
        }
    }
    void skip_scalar() {
        while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ',' && text_[at_] != ']' &&
               text_[at_] != '}')
            ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string> json_fault(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) return "starts with a byte order mark, which JSON forbids";
    if (trimmed(text).empty()) return "the body is empty";
    Validator validator;
    if (Json::sax_parse(text.begin(), text.end(), &validator)) return std::nullopt;
    return validator.fault.value_or("not valid JSON");
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<Member> members(std::string_view object) {
    std::vector<Member> out;
    Cursor cursor(object);
    if (cursor.peek() != '{') return out;
    cursor.step();
    while (cursor.peek() == '"') {
        std::string key = string_of(cursor.value());
        if (cursor.peek() != ':') break;
        cursor.step();
        out.push_back({std::move(key), cursor.value()});
        if (cursor.peek() != ',') break;
        cursor.step();
    }
    return out;
}

std::vector<std::string_view> elements(std::string_view array, std::size_t limit) {
    std::vector<std::string_view> out;
    Cursor cursor(array);
    if (cursor.peek() != '[') return out;
    cursor.step();
    while (out.size() < limit && cursor.peek() != ']' && cursor.peek() != '\0') {
        out.push_back(cursor.value());
        if (cursor.peek() != ',') break;
        cursor.step();
    }
    return out;
}

std::string_view find(const std::vector<Member>& list, std::string_view key) {
    const auto last = std::find_if(list.rbegin(), list.rend(), [&](const Member& m) { return m.key == key; });
    return last == list.rend() ? std::string_view{} : last->value;
}

bool is_number(std::string_view value) {
    return !value.empty() && (value.front() == '-' || (value.front() >= '0' && value.front() <= '9'));
}

bool is_amount(std::string_view value) {
    if (!is_number(value)) return false;
    double number = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    // A number too small for a double is still a number of 0 or more; too large ones did not pass
    // json_fault().
    if (error == std::errc::result_out_of_range) return value.front() != '-';
    return error == std::errc{} && end == value.data() + value.size() && number >= 0;
}

bool is_count(std::string_view value) {
    return !value.empty() && value.size() <= std::numeric_limits<std::int64_t>::digits10 &&
           std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

std::string string_of(std::string_view value) {
    if (!is_string(value) || value.size() < 2) return {};
    if (value.find('\\') == std::string_view::npos) return std::string(value.substr(1, value.size() - 2));
    const Json decoded = Json::parse(value.begin(), value.end(), nullptr, false);
    return decoded.is_string() ? decoded.get<std::string>() : std::string{};
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string json_string(std::string_view text) {
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace respand::sandbox
