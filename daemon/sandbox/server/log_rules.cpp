#include "sandbox/server/log_rules.hpp"

#include <algorithm>
#include <array>

#include "base/rfc3339.hpp"
#include "sandbox/server/json_text.hpp"

namespace respand::sandbox {
namespace {

enum class Shape {
    amount,      // a number, 0 or more
    count,       // a whole number, 0 or more
    time,        // ISO 8601
    identifier,  // a string of at most kMaxIdentifier characters
    span_name,   // a string of at most kMaxSpanName characters
    string,
    object,
    array,
    log_type,
    usage,            // an object of token counts
    customer_params,  // an object with an identifier
};

struct Rule {
    std::string_view field;
    Shape shape;
};

// The fields whose type the documentation states. Everything else passes as it is.
constexpr Rule kRules[] = {
    {"cost", Shape::amount},
    {"prompt_unit_price", Shape::amount},
    {"completion_unit_price", Shape::amount},
    {"latency", Shape::amount},
    {"generation_time", Shape::amount},
    {"time_to_first_token", Shape::amount},
    {"ttft", Shape::amount},
    {"tokens_per_second", Shape::amount},
    {"prompt_tokens", Shape::count},
    {"completion_tokens", Shape::count},
    {"usage", Shape::usage},
    {"timestamp", Shape::time},
    {"start_time", Shape::time},
    {"customer_identifier", Shape::identifier},
    {"thread_identifier", Shape::identifier},
    {"group_identifier", Shape::identifier},
    {"custom_identifier", Shape::identifier},
    {"customer_params", Shape::customer_params},
    {"log_type", Shape::log_type},
    {"metadata", Shape::object},
    {"properties", Shape::object},
    {"full_request", Shape::object},
    {"full_response", Shape::object},
    {"respan_params", Shape::object},
    {"keywordsai_params", Shape::object},
    {"prompt_messages", Shape::array},
    {"messages", Shape::array},
    {"completion_message", Shape::object},
    {"trace_unique_id", Shape::string},
    {"span_name", Shape::span_name},
    {"span_parent_id", Shape::string},
    {"span_workflow_name", Shape::string},
};

constexpr std::array<std::string_view, 11> kLogTypes{"chat",   "completion",    "response", "embedding",
                                                     "speech", "transcription", "workflow", "agent",
                                                     "task",   "tool",          "guardrail"};

constexpr std::array<std::string_view, 7> kUsageCounts{
    "prompt_tokens", "completion_tokens",           "total_tokens",           "input_tokens",
    "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"};

bool is_absent(std::string_view value) { return value.empty() || is_null(value); }

bool is_time(std::string_view value) {
    return is_string(value) && parse_rfc3339(string_of(value)).has_value();
}

bool is_short_string(std::string_view value, std::size_t limit) {
    return is_string(value) && characters(string_of(value)) <= limit;
}

/// What is wrong with a value of a plain shape; empty: nothing.
std::string_view fault(std::string_view value, Shape shape) {
    switch (shape) {
        case Shape::amount:
            return is_amount(value) ? "" : "must be a number, 0 or more";
        case Shape::count:
            return is_count(value) ? "" : "must be a whole number, 0 or more";
        case Shape::time:
            return is_time(value) ? "" : "must be an ISO 8601 time, such as 2026-11-22T10:57:44.123456Z";
        case Shape::identifier:
            return is_short_string(value, kMaxIdentifier) ? "" : "must be a string of at most 254 characters";
        case Shape::span_name:
            return is_short_string(value, kMaxSpanName) ? "" : "must be a string of at most 255 characters";
        case Shape::string:
            return is_string(value) ? "" : "must be a string";
        case Shape::object:
        case Shape::usage:
        case Shape::customer_params:
            return is_object(value) ? "" : "must be an object";
        case Shape::array:
            return is_array(value) ? "" : "must be an array";
        case Shape::log_type:
            return is_string(value) && std::ranges::find(kLogTypes, string_of(value)) != kLogTypes.end()
                       ? ""
                       : "must be one of chat, completion, response, embedding, speech, transcription, "
                         "workflow, "
                         "agent, task, tool, guardrail";
    }
    return "";
}

/// Collects the faults of one log.
class Checker {
  public:
    /// True when the value is there and right.
    bool check(const std::string& field, std::string_view value, Shape shape) {
        if (is_absent(value)) return false;
        const std::string_view message = fault(value, shape);
        if (!message.empty()) errors.push_back({field, std::string(message)});
        return message.empty();
    }

    void check_usage(const std::vector<Member>& usage) {
        for (const std::string_view field : kUsageCounts)
            check("usage." + std::string(field), find(usage, field), Shape::count);
        for (const Member& member : usage) {
            if (!member.key.ends_with("_tokens_details")) continue;
            if (!check("usage." + member.key, member.value, Shape::object)) continue;
            for (const Member& detail : members(member.value))
                if (detail.key.ends_with("_tokens"))
                    check("usage." + member.key + "." + detail.key, detail.value, Shape::count);
        }
    }

    void check_customer(const std::vector<Member>& customer) {
        check("customer_params.customer_identifier", find(customer, "customer_identifier"),
              Shape::identifier);
        check("customer_params.name", find(customer, "name"), Shape::string);
        check("customer_params.email", find(customer, "email"), Shape::string);
        check("customer_params.metadata", find(customer, "metadata"), Shape::object);
    }

    std::vector<FieldError> errors;
};

std::string first_of(std::initializer_list<std::string_view> values) {
    for (const std::string_view value : values)
        if (!is_absent(value)) return is_string(value) ? string_of(value) : std::string(value);
    return {};
}

LogFacts facts_of(const std::vector<Member>& log, const std::vector<Member>& usage,
                  const std::vector<Member>& customer) {
    LogFacts facts;
    facts.model = string_of(find(log, "model"));
    facts.tokens_in = first_of({find(usage, "prompt_tokens"), find(usage, "input_tokens"),
                                find(log, "prompt_tokens"), find(log, "input_tokens")});
    facts.tokens_out = first_of({find(usage, "completion_tokens"), find(usage, "output_tokens"),
                                 find(log, "completion_tokens"), find(log, "output_tokens")});
    facts.cost = first_of({find(log, "cost")});
    facts.customer = first_of({find(customer, "customer_identifier"), find(log, "customer_identifier")});
    facts.id = string_of(find(log, "custom_identifier"));
    return facts;
}

}  // namespace

LogCheck check_log(std::string_view log) {
    if (!is_object(log)) return {{}, {{"log", "a log must be a JSON object"}}};
    const std::vector<Member> fields = members(log);
    const std::vector<Member> usage = members(find(fields, "usage"));
    const std::vector<Member> customer = members(find(fields, "customer_params"));

    Checker checker;
    const std::string_view model = find(fields, "model");
    if (is_absent(model))
        checker.errors.push_back({"model", "this field is required"});
    else if (!is_string(model))
        checker.errors.push_back({"model", "must be a string"});
    else if (trimmed(string_of(model)).empty())
        checker.errors.push_back({"model", "must not be empty"});
    for (const Rule& rule : kRules)
        checker.check(std::string(rule.field), find(fields, rule.field), rule.shape);
    checker.check_usage(usage);
    checker.check_customer(customer);
    return {facts_of(fields, usage, customer), std::move(checker.errors)};
}

std::string in_one_line(const std::vector<FieldError>& errors) {
    std::string out;
    for (const FieldError& error : errors) {
        if (!out.empty()) out += "; ";
        out += error.field + ": " + error.message;
    }
    return out;
}

}  // namespace respand::sandbox
