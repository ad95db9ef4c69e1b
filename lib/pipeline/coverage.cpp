#include "pipeline/coverage.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include "pipeline/model_label.hpp"

namespace respand::pipeline {
namespace {

/// What the spool calls the models that have no place of their own.
constexpr std::string_view kOtherModels = "(others)";

}  // namespace

std::string_view name(Outcome outcome) {
    const auto index = static_cast<std::size_t>(outcome);
    constexpr std::size_t kSources = pricing::kCostSources - 1;
    return index < kSources ? name(static_cast<pricing::CostSource>(index + 1))
                            : name(static_cast<pricing::UnknownReason>(index - kSources));
}

bool is_priced(std::string_view outcome_name) {
    for (std::size_t i = 1; i < pricing::kCostSources; ++i)
        if (name(static_cast<pricing::CostSource>(i)) == outcome_name) return true;
    return false;
}

std::int64_t day_of(WallTime time) {
    return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

void CoverageCounts::count(std::string_view model, Outcome outcome, std::int64_t day) {
    ++row(model.substr(0, kMaxModelLabel + 1), day).records.at(static_cast<std::size_t>(outcome));
}

CoverageCounts::Row& CoverageCounts::row(std::string_view model, std::int64_t day) {
    const std::size_t hash = std::hash<std::string_view>{}(model) ^ static_cast<std::size_t>(day);
    for (std::size_t slot = hash % kSlots;; slot = (slot + 1) % kSlots) {
        std::uint16_t& place = slots_.at(slot);
        if (place == 0) {
            Row& fresh = add(model, day, hash);
            if (&fresh == &rows_.back()) place = static_cast<std::uint16_t>(rows_.size());
            return fresh;
        }
        Row& found = rows_.at(place - 1U);
        if (found.hash == hash && found.day == day && found.start == model) return found;
    }
}

CoverageCounts::Row& CoverageCounts::add(std::string_view model, std::int64_t day, std::size_t hash) {
    if (rows_.size() < kMaxModels) {
        rows_.push_back({hash, std::string(model), day, {}});
        return rows_.back();
    }
    const auto known = std::ranges::find(others_, day, &Row::day);
    if (known != others_.end()) return *known;
    others_.push_back({0, std::string(kOtherModels), day, {}});
    return others_.back();
}

std::vector<spool::Coverage> CoverageCounts::peek() const {
    std::vector<spool::Coverage> deltas;
    for (const std::vector<Row>* rows : {&rows_, &others_})
        for (const Row& row : *rows)
            for (std::size_t i = 0; i < kOutcomes; ++i)
                if (row.records.at(i) > 0)
                    deltas.push_back({row.day, model_label(row.start),
                                      std::string(name(static_cast<Outcome>(i))), row.records.at(i)});
    return deltas;
}

std::vector<spool::Coverage> CoverageCounts::take() {
    if (rows_.empty()) return {};
    std::vector<spool::Coverage> deltas = peek();
    rows_.clear();
    others_.clear();
    slots_.fill(0);
    return deltas;
}

}  // namespace respand::pipeline
