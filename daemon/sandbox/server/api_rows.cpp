// The rows of a logging call: cut out, checked one by one, entered into the books.
#include "sandbox/server/api.hpp"
#include "sandbox/server/json_text.hpp"
#include "sandbox/server/lines.hpp"
#include "sandbox/server/secrets.hpp"

namespace respand::sandbox {
namespace {

std::string too_large(const std::string& what) {
    return what + " is larger than 20 MB (" + std::to_string(kMaxLogBytes) + " bytes) with all its fields";
}

/// {"field": ["message", …], …}
std::string errors_object(const std::vector<FieldError>& errors) {
    std::string out = "{";
    for (const FieldError& error : errors) {
        if (out.size() > 1) out += ',';
        out += json_string(error.field) + ":[" + json_string(error.message) + "]";
    }
    return out + "}";
}

std::string bulk_answer(std::size_t accepted,
                        const std::vector<std::pair<std::size_t, std::string>>& refused) {
    std::string out = "{\"success_count\":" + std::to_string(accepted) +
                      ",\"error_count\":" + std::to_string(refused.size()) + ",\"errors\":[";
    for (const auto& [index, reason] : refused) {
        if (out.back() == '}') out += ',';
        out += "{\"index\":" + std::to_string(index) + ",\"error\":" + json_string(reason) + "}";
    }
    return out + "]}";
}

HttpAnswer created_one() {
    HttpAnswer answer;
    answer.body = R"({"message":"log successful"})";
    return answer;
}

}  // namespace

HttpAnswer Api::take_create(std::string_view body) {
    const std::string_view log = trimmed(body);
    if (is_array(log))
        return refuse(400, "Expected one log, a JSON object, not an array: use the bulk call for several");
    if (!is_object(log)) return refuse(400, "Expected one log, a JSON object");
    if (log.size() > kMaxLogBytes) return refuse(413, too_large("The log"));
    const std::vector<FieldError> errors = take_row(Call::create, log);
    if (errors.empty()) return created_one();
    HttpAnswer answer = refuse(422, "The log is not valid: " + in_one_line(errors));
    answer.body.pop_back();
    answer.body += ",\"errors\":" + errors_object(errors) + "}";
    return answer;
}

HttpAnswer Api::take_bulk(std::string_view body) {
    const std::string_view document = trimmed(body);
    if (!is_object(document)) return refuse(400, R"(Expected a JSON object: {"logs": [ … ]})");
    const std::string_view logs = find(members(document), "logs");
    if (logs.empty()) return refuse(400, "logs: this field is required");
    if (!is_array(logs)) return refuse(400, "logs: must be an array of logs");
    const std::vector<std::string_view> rows = elements(logs, kMaxBulkRows + 1);
    if (rows.empty()) return refuse(400, "logs: must hold at least one log");
    if (rows.size() > kMaxBulkRows)
        return refuse(400, "logs: must hold at most " + std::to_string(kMaxBulkRows) + " logs");
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].size() > kMaxLogBytes) return refuse(413, too_large("logs[" + std::to_string(i) + "]"));
    return take_rows(rows);
}

HttpAnswer Api::take_rows(const std::vector<std::string_view>& rows) {
    std::vector<std::pair<std::size_t, std::string>> refused;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::vector<FieldError> errors = take_row(Call::bulk, rows[i]);
        if (errors.empty()) continue;
        refused.emplace_back(i, in_one_line(errors));
        if (options_.print) lines_ += refused_row_line(clock_.wall(), "bulk", i, refused.back().second);
    }
    HttpAnswer answer;
    answer.status = refused.size() < rows.size() ? 201 : 400;
    answer.body = bulk_answer(rows.size() - refused.size(), refused);
    if (answer.status == 400) reason_ = "every log was refused";
    return answer;
}

HttpAnswer Api::count_unparsed(Call call, std::string_view body) {
    const std::uint64_t rows = tally_.accept_unparsed(body);
    if (call == Call::create) return created_one();
    HttpAnswer answer;
    answer.status = 201;
    answer.body = bulk_answer(rows, {});
    return answer;
}

std::vector<FieldError> Api::take_row(Call call, std::string_view log) {
    LogCheck check = check_log(log);
    if (check.errors.empty() && faults_.refuses_model(check.facts.model))
        check.errors.push_back({"model", "refused on purpose (a fault of the sandbox)"});
    if (!check.errors.empty()) {
        tally_.refuse_row();
        return std::move(check.errors);
    }
    tally_.accept(log, check.facts.id);
    if (options_.accepted) options_.accepted(log);
    const std::vector<std::string> secrets = find_secrets(log);
    tally_.stats.secrets_seen += secrets.size();
    if (options_.print) {
        lines_ += accepted_line(clock_.wall(), call == Call::create ? "create" : "bulk", check.facts);
        if (options_.show_body) lines_ += body_line(log);
        if (!secrets.empty()) lines_ += secrets_line(clock_.wall(), secrets);
    }
    return {};
}

}  // namespace respand::sandbox
