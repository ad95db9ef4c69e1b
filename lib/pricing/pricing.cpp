#include "pricing/pricing.hpp"

#include "pricing/decide.hpp"
#include "pricing/token_sum.hpp"

namespace respand::pricing {
namespace {

Priced unknown(UnknownReason reason) {
    Priced priced;
    priced.reason = reason;
    return priced;
}

Priced by_table(const RecordFacts& facts, const PriceTable& table, DecisionDetail* detail) {
    const std::optional<Match> match = table.find(facts.model, facts.provider);
    if (!match) return unknown(UnknownReason::unknown_model);
    if (detail != nullptr) detail->match = match;
    if (facts.service_tier != ServiceTier::standard)
        return unknown(UnknownReason::no_rate);  // the table knows no tier's prices yet
    const auto total =
        sum_tokens(facts.usage, match->entry->prices, detail != nullptr ? &detail->lines : nullptr);
    if (!total) {
        if (detail != nullptr) detail->failed_at = total.error().bucket;
        return unknown(total.error().reason);
    }
    Priced priced;
    priced.source = CostSource::table;
    priced.cost = *total;
    priced.entry = match->entry;
    priced.rule = match->rule;
    return priced;
}

}  // namespace

Priced decide(const RecordFacts& facts, const PriceTable& table, DecisionDetail* detail) {
    Priced priced;
    if (facts.has_cost) {
        priced.source = CostSource::app;
        return priced;
    }
    if (!facts.provider_cost.empty()) {
        priced.cost = Money::parse(facts.provider_cost);
        if (priced.cost) {
            priced.source = CostSource::provider;
            return priced;
        }
    }
    // The usage first: a price for the model would not help a record that says nothing of tokens.
    switch (facts.usage_state) {
        case UsageState::absent:
            return unknown(UnknownReason::no_usage);
        case UsageState::inconsistent:
            return unknown(UnknownReason::inconsistent_usage);
        case UsageState::not_terminal:
            return unknown(UnknownReason::not_terminal);
        case UsageState::present:
            break;
    }
    return by_table(facts, table, detail);
}

Priced price(const RecordFacts& facts, const PriceTable& table,
             WallTime /*arrival: prices carry no dates yet*/) {
    return decide(facts, table, nullptr);
}

std::string_view name(CostSource source) {
    switch (source) {
        case CostSource::none:
            return "none";
        case CostSource::app:
            return "app";
        case CostSource::provider:
            return "provider";
        case CostSource::table:
            return "table";
    }
    return "unknown";
}

std::string_view name(UnknownReason reason) {
    switch (reason) {
        case UnknownReason::unknown_model:
            return "unknown_model";
        case UnknownReason::no_usage:
            return "no_usage";
        case UnknownReason::no_rate:
            return "no_rate";
        case UnknownReason::inconsistent_usage:
            return "inconsistent_usage";
        case UnknownReason::not_terminal:
            return "not_terminal";
    }
    return "unknown";
}

}  // namespace respand::pricing
