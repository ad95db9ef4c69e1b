#include "control/router.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace respand::control {
namespace {

std::string dump(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::optional<char> hex_byte(std::string_view digits) {
    unsigned value = 0;
    const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || fault != std::errc{} || stop != digits.data() + 2) return {};
    return static_cast<char>(value);
}

/// application/x-www-form-urlencoded: %41 and + for a blank.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const auto byte = hex_byte(text.substr(i + 1, 2));
        if (!byte) return {};
        out += *byte;
        i += 2;
    }
    return out;
}

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
        case ErrorKind::data:
            return 400;
        case ErrorKind::no_input:
            return 404;
        case ErrorKind::unavailable:
        case ErrorKind::temporary:
            return 503;
        default:
            return 500;
    }
}

}  // namespace

std::optional<std::string> Request::parameter(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::nullopt : std::optional(found->second);
}

Result<std::uint64_t> Request::number(const std::string& name, std::uint64_t otherwise,
                                      std::uint64_t most) const {
    const auto text = parameter(name);
    if (!text) return otherwise;
    std::uint64_t value = 0;
    const char* end = text->data() + text->size();
    const auto [stop, fault] = std::from_chars(text->data(), end, value);
    if (fault != std::errc{} || stop != end || value > most)
        return fail(ErrorKind::usage, "parameter " + name + " is '" + *text +
                                          "', expected a whole number up to " + std::to_string(most));
    return value;
}

Result<Request> take_apart(const Question& question) {
    Request request{question.method, question.target, {}, question.body};
    const std::size_t mark = question.target.find('?');
    if (mark == std::string::npos) return request;
    request.path.resize(mark);
    std::string_view rest = std::string_view(question.target).substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = decoded(pair.substr(0, equals));
        const auto value = decoded(pair.substr(std::min(pair.size(), equals + 1)));
        if (!name || !value)
            return fail(ErrorKind::usage,
                        "'" + std::string(pair) + "' is no parameter: after % stand two hex digits");
        request.parameters[*name] = *value;
    }
    return request;
}

Response failure(const Error& error) {
    return {.status = status_of(error.kind), .body = dump({{"error", error.message}})};
}

void Router::add(std::string method, std::string path, std::string what, Route route) {
    entries_.push_back({std::move(method), std::move(path), std::move(what), std::move(route)});
}

Handler Router::handler() && {
    return [entries = std::move(entries_)](const Question& question, Answer answer) {
        const auto request = take_apart(question);
        if (!request) return answer(failure(request.error()));
        bool path_known = false;
        for (const Entry& entry : entries) {
            if (entry.path != request->path) continue;
            if (entry.method == request->method) return entry.route(*request, std::move(answer));
            path_known = true;
        }
        nlohmann::ordered_json calls = nlohmann::ordered_json::object();
        for (const Entry& entry : entries) calls[entry.method + " " + entry.path] = entry.what;
        if (request->path == "/" && request->method == "GET")
            return answer({.body = dump({{"calls", calls}})});
        const std::string fault = path_known ? request->method + " is not understood for " + request->path
                                             : "there is no " + request->path;
        answer({.status = path_known ? 405 : 404, .body = dump({{"error", fault}, {"calls", calls}})});
    };
}

}  // namespace respand::control
