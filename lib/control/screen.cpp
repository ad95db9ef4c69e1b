#include "control/screen.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "control/lane_screen.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

using respand::grouped;
std::string grouped(const Json& number) { return grouped(number.get<std::uint64_t>()); }

std::string duration(double seconds) {
    return approximate(std::chrono::microseconds{static_cast<std::int64_t>(seconds * 1e6)});
}

/// "not_json 3, no_model 1", or nothing.
std::string reasons(const Json& ledger, const char* account) {
    std::string text;
    if (!ledger.contains(account) || !ledger.at(account).is_object()) return text;
    for (const auto& [reason, amount] : ledger.at(account).items())
        text += (text.empty() ? "" : ", ") + reason + " " + grouped(amount);
    return text;
}

void line(std::string& out, const char* label, const std::string& value, const std::string& note = {}) {
    out += fmt::format("{:<14}{}{}\n", label, value, note.empty() ? "" : "  (" + note + ")");
}

void records(std::string& out, const Json& json) {
    const Json& r = json.at("records");
    const Json& rates = json.at("rates");
    auto count = [&](const char* name, const std::string& note = {}) {
        out += fmt::format("  {:<10}{:>16}{}\n", name, grouped(r.at(name)), note.empty() ? "" : "  " + note);
    };
    out += "records\n";
    count("received", fmt::format("{:.1f}/s", rates.at("received_per_second").get<double>()));
    count("rejected", reasons(json.at("ledger"), "rejected"));
    count("dropped", reasons(json.at("ledger"), "dropped"));
    count("accepted");
    count("delivered", fmt::format("{:.1f}/s", rates.at("delivered_per_second").get<double>()));
    const Json& oldest = json.at("oldest_pending_seconds");
    count("pending", oldest.is_null() ? "" : "oldest " + duration(oldest.get<double>()));
    count("dead", r.at("dead").get<std::uint64_t>() == 0 ? "" : "refused by the server and kept");
    if (r.at("discarded").get<std::uint64_t>() != 0) count("discarded");
}

/// "bulk 12 requests, 6,000 records, answered in 0.1 s".
std::string call(const Json& lane, const char* name) {
    const Json& counters = lane.at(name);
    std::uint64_t requests = 0;
    for (const auto& [outcome, count] : counters.at("requests").items())
        requests += count.get<std::uint64_t>();
    if (requests == 0) return fmt::format("{} none", name);
    return fmt::format("{} {} requests, {} records, mostly within {}", name, grouped(requests),
                       grouped(counters.at("records")),
                       duration(counters.at("answered_in_seconds").at("p50")));
}

/// Lanes that only an operator can mend, or nobody sends; empty: none.
std::string alarms(const Json& lanes) {
    std::string stopped, gone;
    for (const Json& lane : lanes) {
        std::string& list = lane.at("gone").get<bool>() ? gone : stopped;
        if (&list == &stopped && lane.at("state") != "stopped") continue;
        list += (list.empty() ? "'" : ", '") + lane.at("name").get<std::string>() + "'";
    }
    if (!stopped.empty()) stopped = "STOPPED: " + stopped;
    if (!gone.empty()) gone = "NOBODY SENDS: " + gone;
    return stopped + (stopped.empty() || gone.empty() ? "" : "; ") + gone;
}

void lane(std::string& out, const Json& lane) {
    const std::string state = lane.at("state");
    const std::string reason = lane.at("reason");
    line(out, "delivery",
         state + " to " + lane.at("destination").get<std::string>() + ", mode " +
             lane.at("mode").get<std::string>());
    if (!reason.empty()) line(out, "", reason);
    const double next = lane.at("next_attempt_in_seconds");
    if (next > 0) line(out, "", "next attempt in " + duration(next));
    line(out, "requests", grouped(lane.at("requests")),
         fmt::format("failed {}, repeated {}, under way {} of {}", grouped(lane.at("failures")),
                     grouped(lane.at("retries")), grouped(lane.at("in_flight_requests")),
                     grouped(lane.at("concurrency"))));
    const Json& duplicates = lane.at("possible_duplicates");
    if (duplicates.at("records").get<std::uint64_t>() > 0)
        line(out, "",
             grouped(duplicates.at("records")) +
                 " records were sent without an answer and may have come twice");
    line(out, "calls", call(lane, "create") + ", " + call(lane, "bulk"));
    if (const Json& lacking = lane.at("lacking"); !lacking.is_null())
        line(out, "", "the server has no " + lacking.get<std::string>() + " call");
    line(out, "last success",
         lane.at("last_success").is_null() ? "none yet" : lane.at("last_success").get<std::string>());
    const std::string error = lane.at("last_error");
    line(out, "last error",
         error.empty() ? "none" : lane.at("last_error_at").get<std::string>() + "  " + error);
}

std::string render(const Json& json) {
    std::string out;
    line(out, "respand",
         json.at("version").get<std::string>() + ", pid " +
             std::to_string(json.at("pid").get<std::int64_t>()) + ", since " +
             json.at("started").get<std::string>());
    if (const std::string fault = json.at("reload_fault"); !fault.empty())
        line(out, "reload", "REFUSED, the old configuration stays in force: " + fault);
    for (const Json& listener : json.at("listeners"))
        line(out, "listening",
             listener.at("kind").get<std::string>() + " " + listener.at("address").get<std::string>());
    const auto refused = json.at("connections").at("refused").get<std::uint64_t>();
    line(out, "connections", grouped(json.at("connections").at("open")) + " open",
         refused == 0 ? "" : grouped(refused) + " refused");
    const Json& http = json.at("http_requests");
    const auto unavailable = http.at("unavailable").get<std::uint64_t>();
    if (unavailable + http.at("taken").get<std::uint64_t>() + http.at("refused").get<std::uint64_t>() > 0)
        line(out, "HTTP requests",
             grouped(http.at("taken")) + " taken, " + grouped(http.at("refused")) + " refused",
             unavailable == 0 ? "" : grouped(unavailable) + " told to come again (503)");
    out += "\n";
    records(out, json);
    out += "\n";
    lane(out, json.at("lane"));
    if (json.at("lanes").size() > 1)
        if (const auto table = lanes_screen(Json{{"lanes", json.at("lanes")}}.dump()))
            out += "\n" + *table + "\n";
    const std::string alarm = json.at("lanes").size() > 1 ? alarms(json.at("lanes")) : "";
    if (!alarm.empty()) line(out, "lanes", alarm);
    const Json& spool = json.at("spool");
    line(out, "spool", spool.at("path").get<std::string>(),
         approximate(ByteCount{spool.at("bytes").get<std::uint64_t>()}) + " of " +
             approximate(ByteCount{spool.at("limit_bytes").get<std::uint64_t>()}));
    if (spool.at("full").get<bool>()) line(out, "", "FULL: intake pauses until uploads free room");
    if (const std::string stuck = spool.at("stuck"); !stuck.empty()) line(out, "", "STUCK: " + stuck);
    const Json& prices = json.at("prices");
    const std::string version = prices.at("version");
    line(out, "prices", grouped(prices.at("models")) + " models" + (version.empty() ? "" : " of " + version),
         prices.at("id").get<std::string>());
    if (const auto warnings = prices.at("warnings").get<std::uint64_t>(); warnings > 0)
        line(out, "", "warnings at load: " + grouped(warnings) + "; respanctl price check tells which");
    if (const std::string fault = prices.at("fault"); !fault.empty()) line(out, "", "FAULT: " + fault);
    const std::string priced = reasons(json.at("ledger"), "priced"),
                      unpriced = reasons(json.at("ledger"), "unpriced");
    line(out, "cost from", priced.empty() ? "-" : priced);
    if (!unpriced.empty()) line(out, "no cost", unpriced);
    return out;
}

/// Rendering reads the JSON as if it were right; what is missing shows as one error.
template <class Render>
auto rendered(const std::string& text, Render render) -> Result<decltype(render(Json{}))> {
    try {
        return render(Json::parse(text));
    } catch (const Json::exception&) {
        return fail(ErrorKind::data,
                    "the daemon's answer is not understood; are respanctl and respand of one version?");
    }
}

}  // namespace

Result<std::string> status_screen(const std::string& status_json) { return rendered(status_json, render); }

}  // namespace respand::control
