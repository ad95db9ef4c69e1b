#include "ingest/http_rules.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace respand::ingest {
namespace {

using std::chrono::seconds;

/// What a sender is asked to wait: for room, or for the next commit.
constexpr seconds kWaitForRoom{5}, kWaitForCommit{1};

std::unexpected<HttpAnswer> refuse(int status, std::string_view detail, std::string_view allow = {}) {
    HttpAnswer answer = refusal(status, detail);
    answer.allow = allow;
    return std::unexpected(std::move(answer));
}

HttpAnswer try_later(std::string_view detail, seconds wait) {
    HttpAnswer answer = refusal(503, detail);
    answer.retry_after = wait;
    return answer;
}

/// Texts of our own and names of reasons: printable, but for the quotes.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

bool equal(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// "application/json" of "application/json; charset=utf-8".
std::string_view media_type(std::string_view content_type) {
    content_type = content_type.substr(0, content_type.find(';'));
    while (content_type.ends_with(' ')) content_type.remove_suffix(1);
    return content_type;
}

/// The path of a target, without the slash at its end.
std::string_view path_of(std::string_view target) {
    target = target.substr(0, target.find_first_of("?#"));
    if (target.size() > 1 && target.ends_with('/')) target.remove_suffix(1);
    return target;
}

struct Route {
    std::string_view path;
    HttpCall call;
    BodyShape shape;
};
constexpr std::array kRoutes{
    Route{"/v1/records", HttpCall::records, BodyShape::json},
    Route{"/api/request-logs/create", HttpCall::create, BodyShape::record},
    Route{"/api/request-logs", HttpCall::create, BodyShape::record},
    Route{"/api/request-logs/bulk", HttpCall::bulk, BodyShape::logs},
    Route{"/healthz", HttpCall::health, BodyShape::record},
};

/// The type of the body, which a web page can't choose freely without asking first.
std::expected<BodyShape, HttpAnswer> shape_of(const Route& route, std::string_view content_type) {
    const std::string_view type = media_type(content_type);
    if (equal(type, "application/json")) return route.shape;
    const bool lines = equal(type, "application/x-ndjson") || equal(type, "application/jsonl") ||
                       equal(type, "application/x-jsonlines");
    if (route.call != HttpCall::records) return refuse(415, "send Content-Type: application/json");
    if (lines) return BodyShape::lines;
    return refuse(415,
                  "send Content-Type: application/json (one record or an array of them), or "
                  "application/x-ndjson (one record a line)");
}

}  // namespace

std::expected<HttpPlan, HttpAnswer> plan(const HttpHead& head, std::size_t max_body) {
    const auto route = std::ranges::find(kRoutes, path_of(head.target), &Route::path);
    if (route == kRoutes.end())
        return refuse(404,
                      "no such path: POST to /v1/records, /api/request-logs/create/ or "
                      "/api/request-logs/bulk/");
    if (head.has_origin) return refuse(403, "requests of web pages (with an Origin header) are not taken");
    if (route->call == HttpCall::health) {
        if (head.method != "GET" && head.method != "HEAD")
            return refuse(405, "only GET and HEAD", "GET, HEAD");
        if (head.has_body()) return refuse(400, "this takes no body");
        return HttpPlan{route->call};
    }
    if (head.method != "POST") return refuse(405, "only POST", "POST");
    const auto shape = shape_of(*route, head.content_type);
    if (!shape) return std::unexpected(shape.error());
    if (!head.content_encoding.empty() && !equal(head.content_encoding, "identity"))
        return refuse(415, "compressed bodies are not taken: send it without Content-Encoding");
    if (head.other_encoding) return refuse(501, "the only Transfer-Encoding that is understood is chunked");
    if (!head.chunked && !head.content_length)
        return refuse(411, "send Content-Length, or the body in chunks");
    if (head.content_length.value_or(0) > max_body)
        return refuse(413, "larger than max_body of [ingest.http]: send it in several requests");
    HttpPlan plan{route->call, *shape};
    if (head.expect.empty() || head.http_1_0) return plan;
    if (!equal(head.expect, "100-continue"))
        return refuse(417, "the only Expect that is met is 100-continue");
    plan.wants_continue = true;
    return plan;
}

HttpAnswer refusal(int status, std::string_view detail) {
    return {status, "{\"detail\":" + quoted(detail) + "}\n", {}, {}};
}

HttpAnswer unavailable() {
    return try_later("the queue is full or can't be written; nothing of this request was taken",
                     kWaitForRoom);
}
HttpAnswer too_busy() { return try_later("busy; nothing of this request was taken", kWaitForCommit); }
HttpAnswer stopping() {
    return try_later("the daemon is stopping; nothing of this request was taken", kWaitForCommit);
}
HttpAnswer not_durable_yet() {
    HttpAnswer answer = try_later(
        "taken, but not durable yet: it may still be delivered. Sent again it is a duplicate, unless each "
        "record has a record_id",
        kWaitForRoom);
    answer.body.insert(1, "\"taken\":true,");  // for programs
    return answer;
}
HttpAnswer never_durable() {
    return try_later("taken, but the daemon had to stop before it was durable: send it again", kWaitForRoom);
}
HttpAnswer healthy() { return {200, "{\"status\":\"ok\"}\n", {}, {}}; }

HttpAnswer refusal(CutFault fault) {
    return refusal(fault == CutFault::too_many ? 413 : 400, describe(fault));
}

Fault fault_of(CutFault fault) {
    return fault == CutFault::too_many ? Fault::body_too_large : Fault::broken_body;
}

void HttpOutcome::add(const Verdict& verdict) {
    const std::size_t index = ids_.size();
    ids_.emplace_back(verdict.id);
    switch (verdict.outcome) {
        case Verdict::Outcome::accepted:
            ++accepted_;
            return;
        case Verdict::Outcome::duplicate:
            ++duplicates_;
            duplicate_at_.push_back(index);
            return;
        case Verdict::Outcome::dropped:
            ++dropped_;
            break;
        case Verdict::Outcome::refused:
            break;
    }
    troubles_.push_back({index, verdict.reason, verdict.words});
}

HttpAnswer HttpOutcome::answer() const {
    HttpAnswer answer;
    answer.status = any_taken() ? 201 : dropped_ > 0 ? 503 : 400;
    if (answer.status == 503) answer.retry_after = kWaitForRoom;
    answer.body = body() + "\n";
    return answer;
}

std::string HttpOutcome::body() const {
    const auto list = [](const auto& items, auto&& text) {
        std::string out = "[";
        for (const auto& item : items) {
            if (out.size() > 1) out += ',';
            out += text(item);
        }
        return out + ']';
    };
    const auto id = [](const std::string& text) { return text.empty() ? "null" : quoted(text); };
    if (call_ == HttpCall::create) {
        if (!any_taken())
            return "{\"detail\":" + quoted(troubles_.front().words) +
                   ",\"reason\":" + quoted(troubles_.front().reason) + "}";
        return std::string("{\"message\":\"log successful\",\"id\":") + id(ids_.front()) +
               (duplicates_ > 0 ? ",\"duplicate\":true}" : "}");
    }
    const std::string errors = list(troubles_, [explained = std::size_t{0}](const Trouble& trouble) mutable {
        const bool in_words = explained++ < kExplained;
        return "{\"index\":" + std::to_string(trouble.index) + ",\"reason\":" + quoted(trouble.reason) +
               ",\"error\":" + quoted(in_words ? trouble.words : trouble.reason) + "}";
    });
    const std::string duplicates =
        list(duplicate_at_, [](std::size_t index) { return std::to_string(index); });
    if (call_ == HttpCall::bulk)
        return "{\"success_count\":" + std::to_string(accepted_ + duplicates_) +
               ",\"error_count\":" + std::to_string(troubles_.size()) + ",\"errors\":" + errors +
               ",\"duplicates\":" + duplicates + "}";
    return "{\"accepted\":" + std::to_string(accepted_) + ",\"refused\":" + std::to_string(troubles_.size()) +
           ",\"duplicates\":" + duplicates + ",\"ids\":" + list(ids_, id) + ",\"errors\":" + errors + "}";
}

}  // namespace respand::ingest
