// A cost as JSON, for programs.
#include <nlohmann/json.hpp>

#include "base/rfc3339.hpp"
#include "pricing/explain.hpp"
#include "pricing/own_writer.hpp"

namespace respand::pricing {
namespace {

using Json = nlohmann::ordered_json;

std::string quantity_text(const SumLine& line) {
    std::string text = std::to_string(line.count);
    if (line.billionths == 0) return text;
    text += "." + std::to_string(Quantity::kOne + line.billionths).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

Json line_json(const SumLine& line) {
    Json json{{"meter", name(line.meter)},
              {"count", quantity_text(line)},
              {"unit", info(line.meter).unit},
              {"billed", line.billed}};
    if (!line.billed) return json;
    json["price"] = line.unit_price.exact_text();
    json["price_of"] = name(line.priced_as);
    if (line.service != ServiceTier::standard) json["service_tier"] = name(line.service);
    if (line.first_input_tokens != 0) json["from_input_tokens"] = line.first_input_tokens;
    if (line.of_hardware) json["rate_of_hardware"] = true;
    json["amount"] = line.amount.exact_text();
    return json;
}

Json match_json(const Explanation& explanation) {
    const PriceEntry& entry = *explanation.entry;
    Json json{{"key", entry.key}, {"rule", name(explanation.rule)}, {"file", entry.origin}};
    if (!entry.provider.empty()) json["provider"] = entry.provider;
    if (explanation.period)
        if (const std::string since = since_text(explanation.period->from); !since.empty())
            json["in_force_since"] = since;
    if (explanation.period)
        if (const HourlyPrices* hour = explanation.period->of_hour(explanation.time))
            json["hours"] = hour->when.in_words();
    return json;
}

}  // namespace

std::string explanation_json(const Explanation& explanation) {
    const bool known = explanation.source != CostSource::none;
    Json json{{"model", explanation.model}};
    if (!explanation.provider.empty()) json["provider"] = explanation.provider;
    json["time"] = format_rfc3339(explanation.time);
    json["cost_source"] = known ? Json(name(explanation.source)) : Json(nullptr);
    json["cost"] = explanation.cost ? Json(explanation.cost->cost_text()) : Json(nullptr);
    if (!known) {
        json["reason"] = name(explanation.reason);
        if (explanation.failed_at) json["failed_at"] = name(*explanation.failed_at);
        json["detail"] = advice(explanation);
    }
    if (explanation.service != ServiceTier::standard) json["service_tier"] = name(explanation.service);
    if (!explanation.hardware.empty()) json["hardware"] = explanation.hardware;
    if (explanation.entry) json["matched"] = match_json(explanation);
    json["table"] = {{"id", explanation.table_id}, {"version", explanation.table_version}};
    json["sum"] = Json::array();
    for (const SumLine& line : explanation.lines) json["sum"].push_back(line_json(line));
    if (explanation.cost) json["exact"] = explanation.cost->exact_text();
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace respand::pricing
