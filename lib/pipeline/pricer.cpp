#include "pipeline/pricer.hpp"

#include <utility>

namespace respand::pipeline {

Pricer::Pricer(std::shared_ptr<const pricing::PriceTable> table, const Clock& clock)
    : clock_(clock), notes_(std::move(table)) {}

PriceTag Pricer::price(const RecordFacts& facts, WallTime arrival) {
    const pricing::Priced priced = pricing::price(facts, notes_.table(), arrival);
    const Outcome outcome = outcome_of(priced);
    ++counts_.at(static_cast<std::size_t>(outcome));
    coverage_.count(facts.model, outcome, day_of(arrival));
    if (outcome == outcome_of(pricing::UnknownReason::unknown_model))
        unknown_models_.seen(facts.model, facts.provider, clock_.steady());
    const PriceNote note = notes_.note(priced);
    PriceTag tag;
    tag.source = note.source;
    if (annotate_) tag.metadata = note.annotation;
    if (priced.cost) {
        cost_ = priced.cost->cost_text();
        tag.cost = cost_;
    }
    return tag;
}

std::shared_ptr<const pricing::PriceTable> Pricer::set_table(
    std::shared_ptr<const pricing::PriceTable> table) {
    unknown_models_.forget();
    return notes_.set_table(std::move(table));
}

void Pricer::book(spool::Ledger& ledger) {
    namespace account = spool::account;
    constexpr std::size_t kSources = pricing::kCostSources - 1;
    for (std::size_t i = 0; i < kOutcomes; ++i)
        if (const std::uint64_t count = std::exchange(counts_.at(i), 0); count > 0)
            ledger.add(i < kSources ? account::kPriced : account::kUnpriced, name(static_cast<Outcome>(i)),
                       count);
}

}  // namespace respand::pipeline
