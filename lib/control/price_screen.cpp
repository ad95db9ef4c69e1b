#include "control/price_screen.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/text_table.hpp"
#include "base/units.hpp"
#include "pricing/explain.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t count(const Json& json, const char* name) { return json.at(name).get<std::uint64_t>(); }

/// "unknown_model 7, table 3".
std::string outcomes(const Json& counts) {
    std::string text;
    for (const auto& [name, records] : counts.items())
        text += (text.empty() ? "" : ", ") + name + " " + grouped(records.get<std::uint64_t>());
    return text;
}

/// Never "100 %" of what is not complete, nor "0 %" of what is something.
std::string percent(std::uint64_t part, std::uint64_t whole) {
    if (part == 0 || part == whole) return part == 0 ? "0 %" : "100 %";
    const double exact = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return fmt::format("{:.1f} %", std::min(99.9, std::max(0.1, exact)));
}

/// What to do about each reason that occurs.
std::string advice(const Json& counts) {
    std::string text;
    for (std::size_t i = 0; i < pricing::kUnknownReasons; ++i) {
        const auto reason = static_cast<pricing::UnknownReason>(i);
        if (counts.contains(name(reason)))
            text += fmt::format("{:<20}{}\n", name(reason), pricing::describe(reason));
    }
    return text.empty() ? text : "\n" + text;
}

std::string render(const Json& json) {
    const std::uint64_t records = count(json, "records");
    const std::uint64_t unpriced = count(json, "unpriced");
    std::string out = fmt::format("arrived       {} to {} (UTC)\n", json.at("from").get<std::string>(),
                                  json.at("to").get<std::string>());
    if (records == 0) return out + "records       none\n";
    out += fmt::format("records       {}\nwith cost     {}  ({})\nwithout       {}\n\n", grouped(records),
                       grouped(records - unpriced), percent(records - unpriced, records), grouped(unpriced));
    TextTable table(
        {{"model"}, {"records", true}, {"with cost", true}, {"without", true}, {"why, or whose cost"}});
    for (const Json& model : json.at("models"))
        table.row({model.at("model").get<std::string>(), grouped(count(model, "records")),
                   grouped(count(model, "priced")), grouped(count(model, "unpriced")),
                   outcomes(model.at("outcomes"))});
    out += table.text();
    if (const std::uint64_t left_out = count(json, "models_left_out"); left_out > 0)
        out += fmt::format("and {} more models with fewer records without cost: --limit N lists more\n",
                           grouped(left_out));
    return out + advice(json.at("outcomes"));
}

}  // namespace

Result<std::string> coverage_screen(const std::string& coverage_json) {
    try {
        return render(Json::parse(coverage_json));
    } catch (const Json::exception&) {
        return fail(ErrorKind::data,
                    "the daemon's answer is not understood; are respanctl and respand of one version?");
    }
}

}  // namespace respand::control
