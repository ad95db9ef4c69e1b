#include "sandbox/server/stats.hpp"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

namespace respand::sandbox {
namespace {

using Json = nlohmann::ordered_json;

/// User and system time of this process: what a benchmark takes off its account.
double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Json latency_json(const LatencySummary& latency) {
    Json out;
    out["n"] = latency.count;
    out["mean"] = latency.mean;
    out["p50"] = latency.p50;
    out["p90"] = latency.p90;
    out["p99"] = latency.p99;
    out["p999"] = latency.p999;
    out["max"] = latency.max;
    return out;
}

std::string counted(std::uint64_t number, const std::string& one, const std::string& many) {
    return std::to_string(number) + " " + (number == 1 ? one : many);
}

}  // namespace

std::string to_json(const Stats& stats, std::optional<std::uint64_t> expected) {
    Json by_status = Json::object();
    for (const auto& [status, count] : stats.requests_by_status) by_status[std::to_string(status)] = count;
    std::uint64_t missing = stats.missing_ids;
    if (expected) missing = *expected > stats.unique_ids ? *expected - stats.unique_ids : 0;

    Json out;
    out["requests"] = stats.requests;
    out["requests_by_status"] = std::move(by_status);
    out["requests_reset"] = stats.requests_reset;
    out["requests_failed_on_purpose"] = stats.requests_failed_on_purpose;
    out["malformed_requests"] = stats.malformed_requests;
    out["bytes"] = stats.bytes;
    out["connections"] = stats.connections;
    out["open_connections"] = stats.open_connections;
    out["rows_received"] = stats.rows_received;
    out["rows_accepted"] = stats.rows_accepted;
    out["rows_refused"] = stats.rows_refused;
    out["unique_ids"] = stats.unique_ids;
    out["duplicate_ids"] = stats.duplicate_ids;
    out["rows_without_id"] = stats.rows_without_id;
    out["untracked_ids"] = stats.untracked_ids;
    out["missing_ids"] = missing;
    out["secrets_seen"] = stats.secrets_seen;
    out["latency_us"] = latency_json(stats.latency_us);
    out["t_first_ns"] = stats.t_first_ns;
    out["t_last_ns"] = stats.t_last_ns;
    out["cpu_seconds"] = cpu_seconds();

    // The log goes in by its text: parsing it would respell its numbers.
    std::string text = out.dump(2);
    text.resize(text.size() - std::string_view("\n}").size());
    text += ",\n  \"last_log\": ";
    text += stats.last_log.empty() ? "null" : stats.last_log;
    text += "\n}\n";
    return text;
}

std::string summary(const Stats& stats) {
    std::string out = counted(stats.requests, "request", "requests") + ", " +
                      counted(stats.rows_accepted, "log accepted", "logs accepted") + ", " +
                      std::to_string(stats.rows_refused) + " refused, " +
                      counted(stats.duplicate_ids, "duplicate", "duplicates");
    if (stats.requests_reset > 0) out += ", " + counted(stats.requests_reset, "reset", "resets");
    if (stats.requests_failed_on_purpose > 0)
        out += ", " + counted(stats.requests_failed_on_purpose, "failure", "failures") + " on purpose";
    if (stats.secrets_seen > 0) out += ", " + counted(stats.secrets_seen, "SECRET", "SECRETS") + " seen";
    return out;
}

}  // namespace respand::sandbox
