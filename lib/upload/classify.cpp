#include "upload/classify.hpp"

#include "upload/retry_hint.hpp"
#include "upload/text.hpp"

namespace respand::upload {
namespace {

constexpr std::size_t kMaxDetailBytes = 200;  // of the server's words in a log line

/// What the person should do about a status that no retry mends.
std::string_view remedy(int status) {
    switch (status) {
        case 401:
            return "check [upload] api_key, then reload (restart for a systemd credential)";
        case 402:
            return "check plan and payment of the account, then reload";
        case 403:
            return "check what [upload] api_key is allowed to do and whether a proxy or firewall answers, "
                   "then reload";
        case 404:
            return "check [upload] base_url, then reload";
        case 407:
            return "a proxy asks for a login; check [upload] proxy and proxy_password, then reload";
        default:
            return "check [upload] base_url and what stands between here and there, then reload";
    }
}

/// The host of an absolute URL, or the text itself.
std::string_view host_of(std::string_view location) {
    if (const auto scheme = location.find("://"); scheme != std::string_view::npos)
        location.remove_prefix(scheme + 3);
    else if (!location.starts_with('/'))
        return location;
    if (location.starts_with('/')) return "another path of the same host";
    const std::string_view authority = location.substr(0, location.find_first_of("/?#"));
    return authority.substr(authority.rfind('@') + 1);  // npos + 1 is 0
}

std::string answered(const Reply& reply, const Answer& answer, std::string_view url) {
    std::string reason = std::to_string(reply.status) + " from " + std::string(url);
    // Only what the API's own form holds. Any other body may quote the request, and logs hold no records.
    const std::string detail = one_line(answer.detail, kMaxDetailBytes);
    if (!detail.empty()) reason += ": " + detail;
    return reason;
}

Verdict judge_fault(const Reply& reply, const Exchange& exchange) {
    Verdict verdict;
    verdict.reason = name(reply.fault);
    if (!reply.detail.empty()) verdict.reason += ": " + one_line(reply.detail, 2 * kMaxDetailBytes);
    switch (reply.fault) {
        case TransportFault::cancelled:
            verdict.cause = Cause::cancelled;
            break;
        case TransportFault::tls_untrusted:
            verdict.cause = Cause::operator_fault;
            verdict.blames_key = true;
            verdict.reason +=
                "; check [upload] ca_file, pin_sha256, base_url and this machine's clock, then reload";
            break;
        case TransportFault::tls_refused:
            verdict.cause = Cause::operator_fault;
            verdict.blames_key = true;
            verdict.reason += "; check [upload] client_certificate and min_tls, then reload";
            break;
        case TransportFault::proxy_refused:
            verdict.cause = Cause::operator_fault;
            verdict.blames_key = true;
            verdict.reason += "; check [upload] proxy and proxy_password, then reload";
            break;
        case TransportFault::host_unknown:
            verdict.cause = Cause::operator_fault;
            verdict.blames_key = true;
            verdict.reason += "; check [upload] base_url and this machine's DNS, then reload";
            break;
        default:
            verdict.cause = Cause::transient;
            verdict.wait = asked_wait(reply, {}, exchange.now);
            break;
    }
    return verdict;
}

/// A page for people: a login, a company's gateway, a web site under the same name. It took no record.
bool is_web_page(const Reply& reply) {
    return reply.content_type.starts_with("text/html") || reply.content_type.starts_with("application/xhtml");
}

void judge_success(const Reply& reply, const Answer& answer, const Exchange& exchange, Verdict& verdict) {
    verdict.cause = Cause::delivered;
    if (exchange.endpoint == Endpoint::create) return;
    verdict.refused = answer.refused;
    verdict.ignored_rows = answer.ignored_rows;
    const std::uint64_t refused = answer.error_count.value_or(verdict.refused.size());
    if (reply.body_cut && exchange.records > 1) {
        verdict.cause = Cause::record_fault;
        verdict.refused.clear();
        verdict.reason += "; the answer is too large to read, smaller batches will tell";
    } else if (answer.success_count == 0 && refused >= exchange.records && verdict.refused.empty()) {
        verdict.cause = Cause::record_fault;
    } else if (verdict.refused.size() == exchange.records) {
        verdict.cause = Cause::record_fault;
    } else {
        if (!verdict.refused.empty()) verdict.cause = Cause::partly_refused;
        if (refused > verdict.refused.size()) verdict.unnamed_rows = refused - verdict.refused.size();
    }
}

/// Nothing was taken, unless the answer says that the rows it does not name were.
void judge_refusal(const Answer& answer, const Exchange& exchange, Verdict& verdict) {
    verdict.cause = Cause::record_fault;
    verdict.too_large = verdict.status == 413;
    if (exchange.endpoint == Endpoint::create) return;
    verdict.refused = answer.refused;
    verdict.ignored_rows = answer.ignored_rows;
    const std::size_t rest = exchange.records - verdict.refused.size();
    if (rest > 0 && !verdict.refused.empty() && answer.success_count == rest)
        verdict.cause = Cause::partly_refused;
}

}  // namespace

std::string_view name(TransportFault fault) {
    switch (fault) {
        case TransportFault::resolve_failed:
            return "name lookup failed";
        case TransportFault::host_unknown:
            return "host unknown";
        case TransportFault::connect_failed:
            return "no connection";
        case TransportFault::tls_untrusted:
            return "certificate refused";
        case TransportFault::tls_refused:
            return "TLS refused";
        case TransportFault::proxy_refused:
            return "proxy refused";
        case TransportFault::tls_failed:
            return "TLS failed";
        case TransportFault::timeout:
            return "timed out";
        case TransportFault::reset:
            return "connection lost";
        case TransportFault::bad_answer:
            return "bad answer";
        case TransportFault::cancelled:
            return "cancelled";
    }
    return "unknown fault";
}

std::string_view name(Cause cause) {
    switch (cause) {
        case Cause::delivered:
            return "delivered";
        case Cause::partly_refused:
            return "partly refused";
        case Cause::record_fault:
            return "record fault";
        case Cause::operator_fault:
            return "operator fault";
        case Cause::transient:
            return "transient";
        case Cause::cancelled:
            return "cancelled";
    }
    return "unknown cause";
}

Verdict classify(const Reply& reply, const Exchange& exchange) {
    if (reply.status == 0) return judge_fault(reply, exchange);
    const int status = reply.status;
    const Answer answer = read_answer(reply.body, exchange.records);
    Verdict verdict;
    verdict.status = status;
    verdict.answer = one_line(reply.body, kMaxAnswerBytes - 4);
    verdict.reason = answered(reply, answer, exchange.url);
    if (status >= 200 && status < 300 && is_web_page(reply)) {
        verdict.cause = Cause::operator_fault;
        verdict.blames_key = true;
        verdict.reason +=
            ": a web page, not the API; check [upload] base_url and what stands between here "
            "and there, then reload";
    } else if (status >= 200 && status < 300) {
        judge_success(reply, answer, exchange, verdict);
    } else if (status == 400 || status == 413 || status == 422) {
        judge_refusal(answer, exchange, verdict);
    } else if (status == 408 || status == 409 || status == 425 || status == 429 || status < 200 ||
               status >= 500) {
        verdict.cause = Cause::transient;
        verdict.limited = status == 429;
        verdict.wait = asked_wait(reply, answer.retry_after, exchange.now);
    } else {
        verdict.cause = Cause::operator_fault;
        verdict.no_such_call = status == 404 || status == 405;
        verdict.blames_key = status < 400 || status == 401 || status == 402 || status == 407;
        if (status < 400) {
            verdict.reason =
                std::to_string(status) + " from " + std::string(exchange.url) + ": redirected to " +
                one_line(host_of(reply.location.value_or("an unnamed place")), kMaxDetailBytes) +
                ", which is not followed; set [upload] base_url to where the API is, then reload";
        } else {
            verdict.reason += "; " + std::string(remedy(status));
        }
    }
    return verdict;
}

}  // namespace respand::upload
