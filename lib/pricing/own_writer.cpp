#include "pricing/own_writer.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <ranges>

#include "base/rfc3339.hpp"
#include "pricing/price_file.hpp"

namespace respand::pricing {
namespace {

using Json = nlohmann::ordered_json;

constexpr Meter kSearchContexts[] = {Meter::search_low, Meter::search_medium, Meter::search_high};

/// `per_search` is one price, or three. Null when it can be written as neither.
Json search_price(const Rates& rates) {
    const Money* one = rates.find(Meter::search);
    const Money* medium = rates.find(Meter::search_medium);
    const bool several = rates.has(Meter::search_low) || medium != nullptr || rates.has(Meter::search_high);
    if (!several) return price_text(Meter::search, *one);
    // With three prices, a search that does not state its context costs what a medium one does.
    if (one != nullptr && medium != nullptr && *one != *medium) return nullptr;
    Json all = Json::object();
    for (const Meter context : kSearchContexts) {
        const Money* own = rates.find(context);
        const Money* price = own != nullptr ? own : one;
        if (price == nullptr) return nullptr;
        all[std::string(info(context).key)] = price_text(context, *price);
    }
    return all;
}

void put_rates(Json& out, const Rates& rates) {
    bool search = false;
    for (const MeterInfo& meter : all_meters()) {
        const Money* price = rates.find(meter.meter);
        if (price == nullptr) continue;
        if (meter.unit != "search")
            out[std::string(meter.key)] = price_text(meter.meter, *price);
        else if (!std::exchange(search, true))
            if (Json value = search_price(rates); !value.is_null()) out["per_search"] = std::move(value);
    }
}

void put_sheet(Json& out, const RateSheet& sheet) {
    put_rates(out, sheet.base);
    if (sheet.context.empty()) return;
    Json tiers = Json::array();
    for (const ContextTier& tier : sheet.context) {
        Json json{{"from_input_tokens", tier.first_input_tokens}};
        put_rates(json, tier.rates);
        tiers.push_back(std::move(json));
    }
    out["context_tiers"] = std::move(tiers);
}

void put_prices(Json& out, const PriceSet& prices) {
    put_sheet(out, prices.sheets.front());
    for (const ServiceTier tier : {ServiceTier::flex, ServiceTier::priority, ServiceTier::batch}) {
        if (prices.sheet(tier).empty()) continue;
        Json sheet = Json::object();
        put_sheet(sheet, prices.sheet(tier));
        out[std::string(name(tier))] = std::move(sheet);
    }
    if (prices.holds_up_to_input_tokens) out["holds_up_to_input_tokens"] = *prices.holds_up_to_input_tokens;
}

Json hours_json(const HourlyPrices& prices) {
    Json out{{"utc", Json::array()}};
    for (const DaySpan& span : prices.when.spans) out["utc"].push_back(text_of(span));
    if (prices.when.weekdays != WeekHours::kEveryDay)
        for (std::size_t i = 0; i < kWeekdays.size(); ++i)
            if ((prices.when.weekdays >> i & 1U) != 0) out["days"].push_back(kWeekdays[i]);
    for (const std::chrono::sys_days day : prices.when.not_on) out["not_on"].push_back(text_of(day));
    put_prices(out, prices);
    return out;
}

void put_period(Json& out, const PricePeriod& period) {
    if (const std::string since = since_text(period.from); !since.empty()) out["from"] = since;
    if (period.until) out["until"] = since_text(*period.until);
    put_prices(out, period);
    for (const HourlyPrices& prices : period.hours) out["hours"].push_back(hours_json(prices));
}

Json model_json(const PriceEntry& entry, const std::vector<std::string>& aliases) {
    Json out = Json::object();
    if (!entry.provider.empty()) out["provider"] = entry.provider;
    if (!aliases.empty()) out["aliases"] = aliases;
    if (!entry.hardware.empty()) out["hardware"] = entry.hardware;
    if (entry.bill_failed) out["bill_failed"] = true;
    if (entry.mixed_output) out["mixed_output"] = true;
    if (entry.periods.empty()) return out;
    put_period(out, entry.periods.back());
    Json earlier = Json::array();
    for (const PricePeriod& period : entry.periods | std::views::reverse | std::views::drop(1)) {
        Json json = Json::object();
        put_period(json, period);
        earlier.push_back(std::move(json));
    }
    if (!earlier.empty()) out["earlier"] = std::move(earlier);
    return out;
}

Json hardware_json(const PriceEntry& entry) {
    Json rates = Json::array();
    for (const PricePeriod& period : entry.periods | std::views::reverse) {
        const Money* price = period.base().find(Meter::run_second);
        Json json{{"per_second", price != nullptr ? price->exact_text() : "0"}};
        if (const std::string since = since_text(period.from); !since.empty()) json["from"] = since;
        if (period.until) json["until"] = since_text(*period.until);
        rates.push_back(std::move(json));
    }
    return rates.size() == 1 ? rates.front() : rates;
}

bool has_price(const PriceEntry& entry) {
    return !entry.hardware.empty() ||
           std::ranges::any_of(entry.periods, [](const PricePeriod& period) { return period.mask() != 0; });
}

bool is_of(std::span<const PriceEntry> entries, const PriceEntry* entry) {
    return !entries.empty() && entry >= &entries.front() && entry <= &entries.back();
}

}  // namespace

std::string since_text(WallTime from) {
    if (from == WallTime::min()) return {};
    const auto day = std::chrono::floor<std::chrono::days>(from);
    return day == from ? text_of(day) : format_rfc3339(from);
}

std::string price_text(Meter meter, Money unit_price) {
    const std::optional<Money> price = unit_price.times(info(meter).per);
    return price ? price->exact_text() : unit_price.exact_text() + "e6";
}

std::string write_own_format(const PriceTable& table, const std::vector<const PriceEntry*>& entries,
                             bool prefix_rules) {
    std::map<std::string, std::vector<std::string>> aliases;
    Json rules = Json::array();
    for (const OtherName& other : table.other_names()) {
        if (other.kind == OtherName::Kind::alias)
            aliases[other.target].push_back(other.name);
        else
            rules.push_back(
                {{"prefix", other.name},
                 {other.kind == OtherName::Kind::prefix ? "model" : "replace_with", other.target}});
    }
    Json root{{"format", kOwnFormat}};
    if (!table.version().empty()) root["version"] = table.version();
    root["models"] = Json::object();
    Json hardware = Json::object();
    for (const PriceEntry* entry : entries) {
        if (is_of(table.hardware_entries(), entry))
            hardware[entry->hardware] = hardware_json(*entry);
        else if (has_price(*entry))
            root["models"][entry->key] = model_json(*entry, aliases[entry->key]);
    }
    if (!hardware.empty()) root["hardware"] = std::move(hardware);
    if (prefix_rules && !rules.empty()) root["prefix_rules"] = std::move(rules);
    return root.dump(2) + "\n";
}

}  // namespace respand::pricing
