#include "coroutine_rule.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace respand::rules {
namespace {

constexpr std::string_view kAwait = "co_await";

bool is_identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view trim(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\n");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

/// Does the word `word` begin at `at`?
bool is_word(std::string_view code, std::size_t at, std::string_view word) {
    const std::size_t end = at + word.size();
    return code.substr(at).starts_with(word) && (at == 0 || !is_identifier(code[at - 1])) &&
           (end >= code.size() || !is_identifier(code[end]));
}

/// Where the bracket that opens at `open` closes; npos when it does not.
std::size_t closing(std::string_view code, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at < code.size(); ++at) {
        if (code[at] == '(' || code[at] == '[' || code[at] == '{') ++depth;
        if ((code[at] == ')' || code[at] == ']' || code[at] == '}') && --depth == 0) return at;
    }
    return std::string_view::npos;
}

struct Statement {
    std::string_view before;   ///< from its begin to the co_await
    std::string_view operand;  ///< behind the co_await, to its end
    bool enclosed = false;     ///< in parentheses or square brackets: an argument or a condition
    bool ended = false;        ///< with a semicolon
};

Statement statement_around(std::string_view code, std::size_t await) {
    Statement statement;
    std::size_t begin = await;
    for (int depth = 0; begin > 0; --begin) {
        const char c = code[begin - 1];
        if (depth == 0 && (c == ';' || c == '{' || c == '}')) break;
        if (c == ')' || c == ']' || c == '}') ++depth;
        if (c == '(' || c == '[' || c == '{') --depth;
        if (depth < 0) {
            statement.enclosed = true;
            break;
        }
    }
    std::size_t end = await + kAwait.size();
    for (int depth = 0; end < code.size(); ++end) {
        const char c = code[end];
        if (depth == 0 && (c == ';' || c == ')' || c == ']' || c == '}' || c == ',')) break;
        if (c == '(' || c == '[' || c == '{') ++depth;
        if (c == ')' || c == ']' || c == '}') --depth;
    }
    statement.ended = end < code.size() && code[end] == ';';
    statement.before = trim(code.substr(begin, await - begin));
    const std::size_t after = await + kAwait.size();
    statement.operand = trim(code.substr(after, end - after));
    return statement;
}

/// Takes "else", "if (…)", "for (…)", "case X:" and the like away from the front: what follows them is a
/// statement of its own.
std::string_view without_control(std::string_view text) {
    constexpr std::array<std::string_view, 4> kWithParentheses{"if", "for", "while", "switch"};
    constexpr std::array<std::string_view, 2> kAlone{"else", "do"};
    constexpr std::array<std::string_view, 4> kLabels{"case", "default", "public", "private"};
    for (bool again = true; again;) {
        again = false;
        text = trim(text);
        for (const auto word : kAlone)
            if (is_word(text, 0, word)) {
                text = trim(text.substr(word.size()));
                again = true;
            }
        for (const auto word : kWithParentheses) {
            if (!is_word(text, 0, word)) continue;
            const std::size_t open = text.find('(');
            const std::size_t close = open == std::string_view::npos ? open : closing(text, open);
            if (close == std::string_view::npos) continue;
            text = text.substr(close + 1);
            again = true;
        }
        for (const auto word : kLabels) {
            if (!is_word(text, 0, word)) continue;
            std::size_t colon = text.find(':');
            while (colon != std::string_view::npos && colon + 1 < text.size() && text[colon + 1] == ':')
                colon = text.find(':', colon + 2);
            if (colon == std::string_view::npos) continue;
            text = text.substr(colon + 1);
            again = true;
        }
    }
    return text;
}

std::optional<std::string> wrong_front(std::string_view before) {
    const std::string_view front = without_control(before);
    if (front.empty() || front == "co_return") return std::nullopt;
    if (front.find('?') != std::string_view::npos) return "it stands in a ?: expression";
    if (front.find('{') != std::string_view::npos) return "there are braces in the same expression";
    const bool assigns =
        front.ends_with('=') && front.size() > 1 &&
        std::string_view("=!<>+-*/%&|^").find(front[front.size() - 2]) == std::string_view::npos;
    const bool once = std::ranges::count(front, '=') == 1;
    if (!assigns || !once)
        return "it is not the whole right side of an assignment, initialisation or co_return";
    return std::nullopt;
}

/// A '[' behind a name, a call or another index is an index; elsewhere it opens a lambda.
bool holds_lambda(std::string_view operand) {
    for (std::size_t at = operand.find('['); at != std::string_view::npos; at = operand.find('[', at + 1)) {
        const std::string_view front = trim(operand.substr(0, at));
        const char last = front.empty() ? '(' : front.back();
        if (!is_identifier(last) && last != ')' && last != ']') return true;
    }
    return false;
}

/// Outside all brackets only names, `::`, `.`, `->` and template arguments.
bool is_plain(std::string_view operand) {
    int depth = 0;
    for (std::size_t at = 0; at < operand.size(); ++at) {
        const char c = operand[at];
        if (c == '(' || c == '[') ++depth;
        if (c == ')' || c == ']') --depth;
        if (depth > 0) continue;
        if (std::string_view("=+/%^|!~").find(c) != std::string_view::npos) return false;
        if (c == '-' && !operand.substr(at).starts_with("->")) return false;
    }
    return true;
}

std::optional<std::string> wrong_operand(std::string_view operand) {
    if (operand.empty()) return "nothing is awaited";
    if (holds_lambda(operand)) return "there is a lambda in the same expression";
    if (operand.find('{') != std::string_view::npos) return "there are braces in the same expression";
    if (operand.find('?') != std::string_view::npos) return "there is a ?: in the same expression";
    if (operand.find("&&") != std::string_view::npos || operand.find("||") != std::string_view::npos)
        return "there is a && or || in the same expression";
    if (!is_plain(operand)) return "its operand is not a named variable or a plain call";
    return std::nullopt;
}

std::optional<std::string> wrong(const Statement& statement) {
    if (statement.enclosed) return "it stands inside a condition or an argument";
    if (auto front = wrong_front(statement.before)) return front;
    if (auto operand = wrong_operand(statement.operand)) return operand;
    if (!statement.ended) return "it is not a whole statement";
    return std::nullopt;
}

}  // namespace

std::vector<Breach> check_coroutines(const SourceFile& file) {
    std::vector<Breach> breaches;
    const std::string code = code_only(file.text);
    for (std::size_t at = code.find(kAwait); at != std::string::npos; at = code.find(kAwait, at + 1)) {
        if (!is_word(code, at, kAwait)) continue;
        if (const auto what = wrong(statement_around(code, at)))
            breaches.push_back(
                {file.path + ":" + std::to_string(line_number(code, at)),
                 "co_await: " + *what + "; put its result into a variable on a line of its own"});
    }
    return breaches;
}

}  // namespace respand::rules
