#include "sandbox/server/lines.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace respand::sandbox {
namespace {

// Columns that most rows share, so that lines below each other read as a table.
constexpr std::size_t kModelWidth = 35;
constexpr std::size_t kTokensWidth = 16;
constexpr std::size_t kCostWidth = 14;
constexpr std::size_t kCustomerWidth = 8;
constexpr std::size_t kMaxShown = 120;   // bytes of one column
constexpr std::size_t kMaxReason = 500;  // bytes of a reason

std::string clock_time(WallTime now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%H:%M:%S ", &local);
    return text.data();
}

/// Safe for a terminal: no control characters (C0, DEL, and C1 in UTF-8), at most `limit` bytes, cut between
/// characters.
std::string shown(std::string_view text, std::size_t limit = kMaxShown) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool starts_character = (byte & 0xC0U) != 0x80U;
        if (starts_character && out.size() >= limit) return out + "…";
        const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (c1) ++i;
        out += (byte < 0x20 || byte == 0x7F || c1) ? '?' : text[i];
    }
    return out;
}

std::string column(std::string text, std::size_t width) {
    if (text.empty()) text = "-";
    // Counts characters, not bytes: names may hold any script.
    const auto used = static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    if (used < width) text.append(width - used, ' ');
    return text + "  ";
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : shown(text); }

/// "create " or "bulk   ".
std::string call_column(std::string_view call) {
    constexpr std::size_t kCallWidth = 7;
    std::string text(call);
    text.resize(std::max(text.size(), kCallWidth), ' ');
    return text;
}

}  // namespace

std::string accepted_line(WallTime now, std::string_view call, const LogFacts& facts) {
    const bool tokens = !facts.tokens_in.empty() || !facts.tokens_out.empty();
    return clock_time(now) + call_column(call) + column(shown(facts.model), kModelWidth) +
           column(tokens ? or_dash(facts.tokens_in) + " in / " + or_dash(facts.tokens_out) + " out" : "",
                  kTokensWidth) +
           column("cost " + or_dash(facts.cost), kCostWidth) + column(shown(facts.customer), kCustomerWidth) +
           "id " + or_dash(facts.id) + "\n";
}

std::string refused_row_line(WallTime now, std::string_view call, std::size_t index,
                             std::string_view reason) {
    return clock_time(now) + call_column(call) + "REFUSED row " + std::to_string(index) + ": " +
           shown(reason, kMaxReason) + "\n";
}

std::string refused_line(WallTime now, std::string_view method, std::string_view target, int status,
                         std::string_view reason) {
    const std::string answer = status == 0 ? "RESET" : "REFUSED with " + std::to_string(status);
    return clock_time(now) + answer + "  " + shown(method) + " " + shown(target) + ": " +
           shown(reason, kMaxReason) + "\n";
}

std::string secrets_line(WallTime now, const std::vector<std::string>& keys) {
    std::string names;
    for (const std::string& key : keys) {
        if (!names.empty()) names += ", ";
        names += shown(key);
    }
    return clock_time(now) + "WARNING: a secret reached the server in the log above: " + names + "\n";
}

std::string body_line(std::string_view log) { return "         " + shown(log, log.size()) + "\n"; }

}  // namespace respand::sandbox
