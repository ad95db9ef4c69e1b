#include "control/exposition.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace respand::control {
namespace {

/// The shortest text that reads back as the same number.
std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

/// The JSON writer knows how to replace broken UTF-8; quotes and escapes of its own are taken off again.
std::string valid_utf8(std::string_view text) {
    const auto replace = nlohmann::json::error_handler_t::replace;
    return nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, replace)).get<std::string>();
}

}  // namespace

std::string escaped_label(std::string_view value) {
    std::string out;
    for (const char c : valid_utf8(value)) {
        if (c == '\\' || c == '"')
            out.append(1, '\\').append(1, c);
        else if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::line(std::string_view suffix, const Labels& labels, std::string_view value) {
    text_.append(name_).append(suffix);
    if (!labels.empty()) {
        char before = '{';
        for (const auto& [name, text] : labels) {
            text_.append(1, before).append(name).append("=\"").append(escaped_label(text)).append("\"");
            before = ',';
        }
        text_ += '}';
    }
    text_.append(" ").append(value).append("\n");
}

void Exposition::sample(double value, const Labels& labels) { line("", labels, number(value)); }

void Exposition::sample(std::uint64_t value, const Labels& labels) {
    line("", labels, std::to_string(value));
}

void Exposition::histogram(const Histogram& histogram, const Labels& labels) {
    std::uint64_t below = 0;
    Labels with_bound = labels;
    with_bound.emplace_back("le", "");
    for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
        below += histogram.bucket(i);
        with_bound.back().second = number(histogram.bounds()[i]);
        line("_bucket", with_bound, std::to_string(below));
    }
    with_bound.back().second = "+Inf";
    line("_bucket", with_bound, std::to_string(histogram.count()));
    line("_sum", labels, number(histogram.sum()));
    line("_count", labels, std::to_string(histogram.count()));
}

}  // namespace respand::control
