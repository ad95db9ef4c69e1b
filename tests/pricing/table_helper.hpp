// Building tables and records in tests.
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "pricing/price_table.hpp"
#include "pricing/pricing.hpp"

namespace respand::pricing::test {

inline constexpr WallTime kArrival{std::chrono::seconds{1'790'000'000}};

inline std::shared_ptr<const PriceTable> table_of(const std::string& json,
                                                  std::vector<LoadWarning>* warnings = nullptr) {
    auto table = PriceTable::parse(json, "test.json", warnings);
    if (!table) {
        ADD_FAILURE() << table.error().message;
        std::abort();
    }
    return *table;
}

/// Our own format around the text of the models.
inline std::string own(const std::string& models) {
    return R"({"format": "respand-pricing-1", "version": "2026-10-31", "models": {)" + models + "}}";
}

inline RecordFacts facts_of(std::string_view model, TokenUsage usage, std::string_view provider = {}) {
    RecordFacts facts;
    facts.model = model;
    facts.provider = provider;
    facts.usage_state = UsageState::present;
    facts.usage = usage;
    return facts;
}

/// "key (rule)", or "none".
inline std::string found(const PriceTable& table, std::string_view model, std::string_view provider = {}) {
    const std::optional<Match> match = table.find(model, provider);
    return match ? match->entry->key + " (" + std::string(name(match->rule)) + ")" : "none";
}

/// What a record costs, or the reason why that is unknown.
inline std::string cost(const PriceTable& table, const RecordFacts& facts) {
    const Priced priced = price(facts, table, kArrival);
    if (priced.cost) return priced.cost->cost_text();
    return std::string(priced.source == CostSource::none ? name(priced.reason) : name(priced.source));
}

/// What exactly the table lacks; none when the cost is known, or unknown for another reason.
inline RateGap gap(const PriceTable& table, const RecordFacts& facts) {
    return price(facts, table, kArrival).gap;
}

inline void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace respand::pricing::test
