#include "record/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

namespace respand {
namespace {

constexpr bool is_white_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// One past the string whose opening quote is at `pos`.
std::size_t skip_string(std::string_view text, std::size_t pos) {
    for (++pos; pos < text.size(); ++pos) {
        if (text[pos] == '\\') {
            ++pos;
        } else if (text[pos] == '"') {
            return pos + 1;
        }
    }
    return text.size();
}

/// The number at `pos` ends where? Only when it follows JSON's grammar to the letter.
std::optional<std::size_t> number_end(std::string_view text, std::size_t pos) {
    auto digits = [&] {
        const std::size_t start = pos;
        while (pos < text.size() && is_digit(text[pos])) ++pos;
        return pos - start;
    };
    if (pos < text.size() && text[pos] == '-') ++pos;
    const bool leading_zero = pos < text.size() && text[pos] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (leading_zero && whole > 1)) return {};
    if (pos < text.size() && text[pos] == '.') {
        ++pos;
        if (digits() == 0) return {};
    }
    if (pos < text.size() && (text[pos] == 'e' || text[pos] == 'E')) {
        ++pos;
        if (pos < text.size() && (text[pos] == '+' || text[pos] == '-')) ++pos;
        if (digits() == 0) return {};
    }
    return pos;
}

/// Integers of up to 18 digits always fit; anything else that is short and has no exponent fits as well.
bool may_be_huge(std::string_view number) {
    constexpr std::size_t kAlwaysFits = 18;
    return number.size() > kAlwaysFits || number.find_first_of("eE") != std::string_view::npos;
}

}  // namespace

bool has_key(const MemberSpan& member, std::string_view name) {
    if (member.raw_key.find('\\') == std::string_view::npos) return member.raw_key == name;
    const auto key = nlohmann::json::parse('"' + std::string(member.raw_key) + '"', nullptr, false);
    return key.is_string() && key.get_ref<const std::string&>() == name;
}

std::size_t skip_white_space(std::string_view text, std::size_t pos) {
    while (pos < text.size() && is_white_space(text[pos])) ++pos;
    return pos;
}

std::size_t skip_value(std::string_view text, std::size_t pos) {
    if (pos >= text.size()) return text.size();
    if (text[pos] == '"') return skip_string(text, pos);
    if (text[pos] != '{' && text[pos] != '[')
        return std::min(text.find_first_of(",]} \n\r\t", pos), text.size());
    std::size_t depth = 0;
    while (pos < text.size()) {
        const char c = text[pos];
        if (c == '"') {
            pos = skip_string(text, pos);
            continue;
        }
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && --depth == 0) return pos + 1;
        ++pos;
    }
    return text.size();
}

void for_each_member(std::string_view text, std::size_t pos,
                     const std::function<void(const MemberSpan&)>& visit) {
    pos = skip_white_space(text, pos + 1);
    while (pos < text.size() && text[pos] == '"') {
        MemberSpan member;
        member.key_begin = pos;
        const std::size_t key_end = skip_string(text, pos);
        member.raw_key = text.substr(pos + 1, key_end - pos - 2);
        member.value_begin = skip_white_space(text, skip_white_space(text, key_end) + 1);  // over the colon
        member.value_end = skip_value(text, member.value_begin);
        visit(member);
        pos = skip_white_space(text, member.value_end);
        if (pos >= text.size() || text[pos] != ',') return;
        pos = skip_white_space(text, pos + 1);
    }
}

std::string_view last_member(std::string_view text, std::size_t pos, std::string_view name) {
    std::string_view found;
    for_each_member(text, pos, [&](const MemberSpan& member) {
        if (has_key(member, name))
            found = text.substr(member.value_begin, member.value_end - member.value_begin);
    });
    return found;
}

bool is_amount_text(std::string_view text) {
    if (text.empty() || !is_digit(text.front()) || number_end(text, 0) != text.size()) return false;
    double value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc{} && end == text.data() + text.size();
}

std::string with_values(std::string_view text, std::size_t pos,
                        const std::function<std::optional<std::string>(const MemberSpan&)>& with) {
    std::string out;
    std::size_t copied = 0;
    for_each_member(text, pos, [&](const MemberSpan& member) {
        const std::optional<std::string> value = with(member);
        if (!value) return;
        out.append(text.substr(copied, member.value_begin - copied)).append(*value);
        copied = member.value_end;
    });
    return out.append(text.substr(copied));
}

std::string indented(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    const auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
    for (std::size_t pos = skip_white_space(json, 0); pos < json.size(); pos = skip_white_space(json, pos)) {
        const char c = json[pos];
        if (c == '"') {
            const std::size_t end = skip_string(json, pos);
            out += json.substr(pos, end - pos);
            pos = end;
            continue;
        }
        ++pos;
        if (c == '{' || c == '[') {
            out += c;
            const std::size_t next = skip_white_space(json, pos);
            if (next < json.size() && (json[next] == '}' || json[next] == ']')) {
                out += json[next];
                pos = next + 1;
            } else {
                ++depth;
                new_line();
            }
        } else if (c == '}' || c == ']') {
            if (depth > 0) --depth;
            new_line();
            out += c;
        } else {
            out += c;
            if (c == ',') new_line();
            if (c == ':') out += ' ';
        }
    }
    return out;
}

std::size_t cut_member(std::string& out, std::string_view text, std::size_t to) {
    const std::size_t next = skip_white_space(text, to);
    if (next < text.size() && text[next] == ',') return skip_white_space(text, next + 1);
    std::size_t end = out.size();
    while (end > 0 && is_white_space(out[end - 1])) --end;
    if (end > 0 && out[end - 1] == ',') out.resize(end - 1);
    return to;
}

std::string without_members(std::string_view text, std::size_t pos,
                            const std::function<bool(const MemberSpan&)>& drop) {
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0;
    for_each_member(text, pos, [&](const MemberSpan& member) {
        if (!drop(member)) return;
        out.append(text.substr(copied, member.key_begin - copied));
        copied = cut_member(out, text, member.value_end);
    });
    out.append(text.substr(copied));
    return out;
}

std::optional<std::string> with_huge_numbers_masked(std::string_view text) {
    std::optional<std::string> masked;
    for (std::size_t pos = 0; pos < text.size();) {
        if (text[pos] == '"') {
            pos = skip_string(text, pos);
        } else if (is_digit(text[pos]) || text[pos] == '-') {
            const auto end = number_end(text, pos);
            if (end && may_be_huge(text.substr(pos, *end - pos))) {
                if (!masked) masked.emplace(text);
                std::memset(masked->data() + pos, ' ', *end - pos);
                std::memcpy(masked->data() + pos, "-1", 2);
            }
            pos = end.value_or(pos + 1);
        } else {
            ++pos;
        }
    }
    return masked;
}

}  // namespace respand
