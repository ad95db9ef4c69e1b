#include "pricing/explain.hpp"

#include "pricing/decide.hpp"

namespace respand::pricing {

Explanation explain(const RecordFacts& facts, const PriceTable& table, WallTime arrival) {
    DecisionDetail detail;
    const Priced priced = decide(facts, table, arrival, &detail);
    Explanation explanation;
    explanation.model = facts.model;
    explanation.provider = facts.provider;
    explanation.source = priced.source;
    explanation.cost = priced.cost;
    explanation.reason = priced.reason;
    explanation.gap = priced.gap;
    explanation.failed_at = detail.failed_at;
    explanation.time = detail.time;
    const PriceEntry* entry = detail.match ? detail.match->entry : priced.entry;
    if (entry != nullptr) explanation.entry = *entry;
    explanation.rule = detail.match ? detail.match->rule : priced.rule;
    if (priced.source == CostSource::none && priced.reason == UnknownReason::unknown_model &&
        !facts.provider.empty()) {
        if (const std::optional<Match> match = table.find(facts.model, {}))
            explanation.of_another = *match->entry;
    }
    if (detail.period != nullptr) explanation.period = *detail.period;
    explanation.service = facts.service_tier;
    explanation.hardware = detail.hardware;
    explanation.table_id = table.id();
    explanation.table_version = table.version();
    explanation.lines = std::move(detail.lines);
    return explanation;
}

std::string advice(const Explanation& explanation) {
    if (explanation.of_another) {
        const PriceEntry& other = *explanation.of_another;
        return "\"" + other.key + "\" is in the table as a model of \"" + other.provider +
               "\", whose price is not that of \"" + explanation.provider +
               "\": correct the record's provider, or add \"" + explanation.provider + "/" +
               explanation.model + "\" in an overlay.";
    }
    const std::string_view gap = describe(explanation.gap);
    return std::string(gap.empty() ? describe(explanation.reason) : gap);
}

std::string_view describe(UnknownReason reason) {
    switch (reason) {
        case UnknownReason::unknown_model:
            return "No model of that name is in the table: add it, or an alias of it, in an overlay.";
        case UnknownReason::no_usage:
            return "The record says nothing of what was used: send the response's own usage (or Replicate's "
                   "metrics) with it.";
        case UnknownReason::no_rate:
            return "The table has no price for some of what was used: state it in an overlay.";
        case UnknownReason::inconsistent_usage:
            return "The counts are not whole numbers up to 2^53, do not add up, or cost more than can be "
                   "counted: send the provider's usage object unchanged.";
        case UnknownReason::not_terminal:
            return "The call is still running; it has a cost when it has ended: send the record then.";
    }
    return "";
}

std::string_view describe(RateGap gap) {
    switch (gap) {
        case RateGap::none:
            return "";
        case RateGap::no_price:
            return "The model has no price for this: state it in an overlay (0 where it is free).";
        case RateGap::nothing_billed:
            return "The record states nothing of what the model is billed by: send that, or state a price "
                   "for "
                   "what it states in an overlay.";
        case RateGap::not_yet:
            return "No price was in force at the record's time: add the older prices under \"earlier\" in an "
                   "overlay.";
        case RateGap::ended:
            return "The prices ended before the record's time, and no later ones are known: state them in an "
                   "overlay.";
        case RateGap::over_limit:
            return "The prices hold for smaller requests: state the price of larger ones as "
                   "\"context_tiers\" "
                   "in an overlay.";
        case RateGap::service_tier:
            return "Nobody here knows the prices of this service tier: send the record with the cost that "
                   "you know.";
        case RateGap::hardware:
            return "The hardware has no rate at the record's time: state it under \"hardware\" in an "
                   "overlay.";
        case RateGap::mixed_output:
            return "The model's output is text and images at different prices, and the record does not say "
                   "how "
                   "many tokens are which: send the output's details (image_tokens), or the cost.";
        case RateGap::failed_call:
            return "Whether a failed call of this model costs more than its run time is not known: if it "
                   "does, state \"bill_failed\": true in an overlay.";
    }
    return "";
}

}  // namespace respand::pricing
