#include "control/audit_screen.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/units.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

/// Accounts that are no part of the equations: what happened to records that are in other lines as well.
constexpr std::array kBeside{"degraded", "scrubbed", "priced", "unpriced"};

void add_line(std::string& out, const char* from, const std::string& account, const std::string& note,
              std::uint64_t records) {
    out += fmt::format("   {:<9}{:<11}{:<32}{:>18}\n", from, account, note, grouped(records));
}

void add_side(std::string& out, const Json& lines, const Json& sum) {
    for (const Json& line : lines) {
        const bool counted = line.at("from") == "rows";
        std::string note = line.at(counted ? "lane" : "reason");
        if (counted && !note.empty()) note = "lane " + note;
        add_line(out, counted ? "counted" : "ledger", line.at("account"), note,
                 line.at("records").get<std::uint64_t>());
    }
    out += fmt::format("{:>55}{:>18}\n", "sum", grouped(sum.get<std::uint64_t>()));
}

void add_equation(std::string& out, const Json& equation) {
    const auto difference = equation.at("difference").get<std::int64_t>();
    out += equation.at("rule").get<std::string>() + "\n";
    add_side(out, equation.at("left"), equation.at("left_sum"));
    add_side(out, equation.at("right"), equation.at("right_sum"));
    const auto size = static_cast<std::uint64_t>(difference < 0 ? -difference : difference);
    out += fmt::format("{:>55}{:>18}  {}\n\n", "difference", (difference < 0 ? "-" : "") + grouped(size),
                       equation.at("holds").get<bool>() ? "ok" : "DOES NOT HOLD");
}

void add_beside(std::string& out, const Json& ledger) {
    std::string lines;
    for (const char* account : kBeside) {
        const auto found = ledger.find(account);
        if (found == ledger.end()) continue;
        if (!found->is_object()) {
            add_line(lines, "ledger", account, "", found->get<std::uint64_t>());
            continue;
        }
        for (const auto& [reason, records] : found->items())
            add_line(lines, "ledger", account, reason, records.get<std::uint64_t>());
    }
    if (!lines.empty()) out += "beside the equations\n" + lines + "\n";
}

AuditScreen render(const Json& json) {
    AuditScreen screen;
    for (const Json& equation : json.at("balance")) add_equation(screen.text, equation);
    add_beside(screen.text, json.at("ledger"));
    screen.ok = json.at("ok").get<bool>();
    for (const Json& fault : json.at("faults")) screen.text += "FAULT: " + fault.get<std::string>() + "\n";
    screen.text +=
        screen.ok ? "the books add up: every record is accounted for\n" : "the books do NOT add up\n";
    return screen;
}

}  // namespace

Result<AuditScreen> audit_screen(const std::string& audit_json) {
    try {
        return render(Json::parse(audit_json));
    } catch (const Json::exception&) {
        return fail(ErrorKind::data,
                    "the daemon's answer is not understood; are respanctl and respand of one version?");
    }
}

}  // namespace respand::control
