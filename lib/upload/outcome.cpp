#include "upload/outcome.hpp"

#include <utility>

namespace respand::upload {
namespace {

void add(std::vector<Settlement>& settlements, const Batch& batch, Settlement::Outcome outcome, int status,
         const std::string& answer) {
    for (const Slice& slice : batch.slices) settlements.push_back({slice, outcome, status, answer});
}

/// Settles the named rows dead; appends the rows between them to `others`.
void bury_named(const Batch& batch, const Verdict& verdict, Outcome& outcome, Batch& others) {
    std::size_t next = 0;
    const auto keep_until = [&](std::size_t end) {
        if (end > next) {
            Batch run = sub_batch(batch, next, end - next);
            others.slices.insert(others.slices.end(), run.slices.begin(), run.slices.end());
        }
    };
    for (const RefusedRow& row : verdict.refused) {
        keep_until(row.index);
        const std::string& answer = row.message.empty() ? verdict.answer : row.message;
        add(outcome.settlements, sub_batch(batch, row.index, 1), Settlement::Outcome::dead, verdict.status,
            answer);
        next = row.index + std::size_t{1};
    }
    keep_until(batch.records());
}

}  // namespace

Outcome settle(const Batch& batch, const Verdict& verdict) {
    Outcome outcome;
    if (verdict.cause == Cause::delivered) {
        add(outcome.settlements, batch, Settlement::Outcome::delivered, 0, {});
        return outcome;
    }
    if (!verdict.refused.empty()) {
        Batch others = batch;
        others.slices.clear();
        bury_named(batch, verdict, outcome, others);
        if (verdict.cause == Cause::partly_refused) {
            add(outcome.settlements, others, Settlement::Outcome::delivered, 0, {});
        } else if (!others.slices.empty()) {
            outcome.again.push_back(std::move(others));
        }
        return outcome;
    }
    if (batch.records() == 1) {
        add(outcome.settlements, batch, Settlement::Outcome::dead, verdict.status, verdict.answer);
        return outcome;
    }
    auto [first, second] = halve(batch);
    first.suspect = second.suspect = true;
    outcome.again.push_back(std::move(first));
    outcome.again.push_back(std::move(second));
    return outcome;
}

}  // namespace respand::upload
