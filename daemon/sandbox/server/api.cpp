#include "sandbox/server/api.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "sandbox/server/json_text.hpp"
#include "sandbox/server/lines.hpp"

namespace respand::sandbox {
namespace {

constexpr std::size_t kDefaultLogs = 100;  // of GET /logs without a limit
constexpr unsigned kFaultRetryAfter = 1;   // seconds in the body of an injected 429, when nothing else is set

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view query_of(std::string_view target) {
    const auto mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

/// A whole number from "name=123" among the parameters of a query.
std::optional<std::uint64_t> parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view item = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
        if (!item.starts_with(name) || item.size() <= name.size() || item[name.size()] != '=') continue;
        const std::string_view value = item.substr(name.size() + 1);
        std::uint64_t number = 0;
        const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error == std::errc{} && rest == value.data() + value.size()) return number;
    }
    return std::nullopt;
}

/// The key of "Bearer KEY"; empty when there is none.
std::string_view bearer_key(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    if (!same_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
    return trimmed(authorization.substr(kScheme.size()));
}

bool is_json_type(std::string_view content_type) {
    return same_ignoring_case(trimmed(content_type.substr(0, content_type.find(';'))), "application/json");
}

HttpAnswer plain_answer(int status, const std::string& detail) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = "{\"detail\":" + json_string(detail) + "}";
    return answer;
}

HttpAnswer method_not_allowed(std::string_view method, std::string allowed) {
    HttpAnswer answer =
        plain_answer(405, "Method \"" + std::string(method) + "\" not allowed: use " + allowed);
    answer.headers.emplace_back("Allow", std::move(allowed));
    return answer;
}

HttpAnswer found(std::string body) {
    HttpAnswer answer;
    answer.body = std::move(body);
    return answer;
}

}  // namespace

Api::Api(Options options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      create_path_(options_.prefix + "/request-logs/create/"),
      bulk_path_(options_.prefix + "/request-logs/bulk/"),
      faults_(options_.faults),
      bulk_limit_(options_.bulk_rate) {}

HttpAnswer Api::handle(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    const std::string_view path = path_of(request.target);
    if (path == "/stats" || path == "/logs" || path == "/faults")
        return control_call(path, query_of(request.target), request);

    tally_.stats.bytes += request.body.size();
    HttpAnswer answer;
    if (path == create_path_) {
        answer = logging_call(Call::create, request);
    } else if (path == bulk_path_) {
        answer = logging_call(Call::bulk, request);
    } else {
        std::string hint = "the calls are POST " + create_path_ + " and POST " + bulk_path_;
        const std::string slashed = std::string(path) + "/";
        if (slashed == create_path_ || slashed == bulk_path_)
            hint = "the trailing slash is missing, use " + slashed;
        answer = refuse(404, "Not found: " + hint);
    }
    finish(answer, request.method, request.target);
    return answer;
}

HttpAnswer Api::body_too_large(std::string_view method, std::string_view target) {
    const std::lock_guard lock(mutex_);
    HttpAnswer answer = refuse(413, "The body is larger than " + std::to_string(options_.max_body) +
                                        " bytes: send fewer logs in one request");
    finish(answer, method, target);
    return answer;
}

HttpAnswer Api::malformed(std::string_view reason) {
    const std::lock_guard lock(mutex_);
    ++tally_.stats.malformed_requests;
    return plain_answer(400, "This is not HTTP: " + std::string(reason));
}

void Api::connection_opened() {
    const std::lock_guard lock(mutex_);
    ++tally_.stats.connections;
    ++tally_.stats.open_connections;
}

void Api::connection_closed() {
    const std::lock_guard lock(mutex_);
    --tally_.stats.open_connections;
}

Stats Api::stats() const {
    const std::lock_guard lock(mutex_);
    return tally_.snapshot();
}

std::vector<std::string> Api::logs() const {
    const std::lock_guard lock(mutex_);
    return tally_.logs().all();
}

void Api::set_faults(Faults faults) {
    const std::lock_guard lock(mutex_);
    faults_ = FaultPlan(std::move(faults));
}

HttpAnswer Api::logging_call(Call call, const HttpRequest& request) {
    if (request.method != "POST") {
        reason_ = "use POST";
        return method_not_allowed(request.method, "POST");
    }
    const FaultDecision fault = faults_.next();
    HttpAnswer answer = fault.any() ? injected_fault(call, request, fault) : check_and_take(call, request);
    answer.delay = faults_.faults().latency;
    return answer;
}

HttpAnswer Api::injected_fault(Call call, const HttpRequest& request, const FaultDecision& fault) {
    const Faults& faults = faults_.faults();
    if (faults.ambiguous) check_and_take(call, request);
    if (fault.reset) {
        HttpAnswer answer;
        answer.reset = true;
        reason_ = "connection reset on purpose";
        return answer;
    }
    ++tally_.stats.requests_failed_on_purpose;
    std::optional<unsigned> wait = faults.retry_after;
    if (fault.status == 429 && !wait) wait = kFaultRetryAfter;  // documented to be there

    HttpAnswer answer = refuse(fault.status, "Failed on purpose (a fault of the sandbox)");
    answer.body.pop_back();
    if (fault.status == 422) answer.body += R"(,"errors":{"model":["failed on purpose"]})";
    if (wait) answer.body += ",\"retry_after\":" + std::to_string(*wait);
    answer.body += '}';
    if (faults.retry_after) answer.headers.emplace_back("Retry-After", std::to_string(*faults.retry_after));
    if (faults.fail_body) {
        answer.body = *faults.fail_body;
        answer.content_type =
            is_object(trimmed(answer.body)) ? "application/json" : "text/html; charset=utf-8";
    }
    return answer;
}

HttpAnswer Api::check_and_take(Call call, const HttpRequest& request) {
    const std::string_view key = bearer_key(request.authorization);
    if (key.empty() || (!options_.key.empty() && key != options_.key)) {
        HttpAnswer answer = refuse(
            401, key.empty() ? "No API key: send the header 'Authorization: Bearer KEY'" : "Invalid API key");
        answer.headers.emplace_back("WWW-Authenticate", "Bearer");
        return answer;
    }
    if (call == Call::bulk) {
        if (const unsigned wait = bulk_limit_.seconds_to_wait(clock_.steady()); wait > 0) {
            HttpAnswer answer =
                refuse(429, "More than " + std::to_string(options_.bulk_rate) +
                                " bulk requests in a minute: try again in " + std::to_string(wait) + " s");
            answer.body.pop_back();
            answer.body += ",\"retry_after\":" + std::to_string(wait) + "}";
            answer.headers.emplace_back("Retry-After", std::to_string(wait));
            return answer;
        }
    }
    if (!is_json_type(request.content_type))
        return refuse(415, "Unsupported media type: send 'Content-Type: application/json'");
    if (!request.content_encoding.empty() && !same_ignoring_case(request.content_encoding, "identity"))
        return refuse(415, "Unsupported content encoding: compressed bodies are not documented");
    if (options_.count_only) return count_unparsed(call, request.body);
    if (const auto fault = json_fault(request.body)) return refuse(400, "JSON parse error: " + *fault);
    return call == Call::create ? take_create(request.body) : take_bulk(request.body);
}

HttpAnswer Api::control_call(std::string_view path, std::string_view query, const HttpRequest& request) {
    if (path == "/faults") return fault_control(request);
    if (request.method != "GET") return method_not_allowed(request.method, "GET");
    if (path == "/stats") return found(to_json(tally_.snapshot(), parameter(query, "expect")));
    return found("{\"logs\":" + tally_.logs().json(parameter(query, "limit").value_or(kDefaultLogs)) + "}\n");
}

HttpAnswer Api::fault_control(const HttpRequest& request) {
    if (request.method == "POST") {
        auto faults = parse_faults(request.body);
        if (!faults) return plain_answer(400, faults.error().message);
        faults_ = FaultPlan(std::move(*faults));
    } else if (request.method != "GET") {
        return method_not_allowed(request.method, "GET, POST");
    }
    return found(to_json(faults_.faults()));
}

HttpAnswer Api::refuse(int status, const std::string& detail) {
    reason_ = detail;
    return plain_answer(status, detail);
}

void Api::finish(const HttpAnswer& answer, std::string_view method, std::string_view target) {
    ++tally_.stats.requests;
    if (answer.reset)
        ++tally_.stats.requests_reset;
    else
        ++tally_.stats.requests_by_status[answer.status];
    if (options_.print) {
        if (!reason_.empty())
            lines_ += refused_line(clock_.wall(), method, target, answer.reset ? 0 : answer.status, reason_);
        if (!lines_.empty()) options_.print(lines_);
    }
    lines_.clear();
    reason_.clear();
}

}  // namespace respand::sandbox
