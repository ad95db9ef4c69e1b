#include "upload/answer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "upload/batch_source.hpp"
#include "upload/retry_hint.hpp"
#include "upload/text.hpp"

namespace respand::upload {
namespace {

using nlohmann::json;

const json* member(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> read_count(const json& object, const char* key) {
    const json* value = member(object, key);
    if (value == nullptr || !value->is_number_unsigned()) return {};
    return value->get<std::uint64_t>();
}

std::string read_text(const json& object, const char* key) {
    const json* value = member(object, key);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

/// `detail`, `message`, `error` or `error.message`. Never serialises other shapes: they may be nested so
/// deeply that the writer's recursion would end the process.
std::string read_detail(const json& object) {
    for (const char* key : {"detail", "message", "error"}) {
        if (std::string text = read_text(object, key); !text.empty()) return text;
    }
    const json* error = member(object, "error");
    return error != nullptr && error->is_object() ? read_text(*error, "message") : std::string();
}

std::optional<double> read_retry_after(const json& object) {
    const json* value = member(object, "retry_after");
    if (value == nullptr) return {};
    if (value->is_number()) return value->get<double>();
    if (value->is_string()) return parse_number(value->get_ref<const std::string&>());
    return {};
}

void read_rows(const json& errors, std::size_t records, Answer& answer) {
    for (const json& entry : errors) {
        const auto index = entry.is_object() ? read_count(entry, "index") : std::nullopt;
        if (!index || *index >= records) {
            ++answer.ignored_rows;
            continue;
        }
        std::string message = read_text(entry, "error");
        if (message.empty()) message = read_detail(entry);
        answer.refused.push_back(
            {static_cast<std::uint32_t>(*index), one_line(message, kMaxAnswerBytes - 4)});
    }
    const auto by_index = [](const RefusedRow& a, const RefusedRow& b) {
        return std::tie(a.index, b.message) < std::tie(b.index, a.message);  // of repeated ones, a text first
    };
    const auto same_index = [](const RefusedRow& a, const RefusedRow& b) { return a.index == b.index; };
    std::sort(answer.refused.begin(), answer.refused.end(), by_index);
    const auto repeated = std::unique(answer.refused.begin(), answer.refused.end(), same_index);
    answer.ignored_rows += static_cast<std::size_t>(answer.refused.end() - repeated);
    answer.refused.erase(repeated, answer.refused.end());
}

}  // namespace

Answer read_answer(std::string_view body, std::size_t records) {
    Answer answer;
    const json object = json::parse(body, nullptr, false);
    if (!object.is_object()) return answer;
    answer.is_json = true;
    answer.detail = read_detail(object);
    answer.retry_after = read_retry_after(object);
    answer.success_count = read_count(object, "success_count");
    answer.error_count = read_count(object, "error_count");
    if (const json* errors = member(object, "errors"); errors != nullptr && errors->is_array())
        read_rows(*errors, records, answer);
    return answer;
}

}  // namespace respand::upload
