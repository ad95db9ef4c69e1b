// Which models were priced, and how: what is counted between two commits.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "pricing/pricing.hpp"
#include "spool/changes.hpp"

namespace respand::pipeline {

/// What became of a record's price: its source, or the reason for none.
enum class Outcome : std::uint8_t {};
inline constexpr std::size_t kOutcomes = pricing::kCostSources - 1 + pricing::kUnknownReasons;

constexpr Outcome outcome_of(pricing::CostSource source) {  // not for CostSource::none
    return static_cast<Outcome>(static_cast<std::size_t>(source) - 1);
}
constexpr Outcome outcome_of(pricing::UnknownReason reason) {
    return static_cast<Outcome>(pricing::kCostSources - 1 + static_cast<std::size_t>(reason));
}
constexpr Outcome outcome_of(const pricing::Priced& priced) {
    return priced.source == pricing::CostSource::none ? outcome_of(priced.reason) : outcome_of(priced.source);
}
/// "table", "app", "unknown_model", …
std::string_view name(Outcome outcome);
/// An outcome's name that means that there is a cost.
bool is_priced(std::string_view outcome_name);

/// Days since 1970-01-01, UTC.
std::int64_t day_of(WallTime time);

/// Counts by model and outcome. One hash look-up a record; a model costs memory when it is first seen after a
/// commit. One thread.
class CoverageCounts {
  public:
    /// Models between two commits. Those beyond it are counted together, as kOtherModels: names come from
    /// outside, and one commit has a few thousand records at most times.
    static constexpr std::size_t kMaxModels = 512;

    void count(std::string_view model, Outcome outcome, std::int64_t day);
    /// What was counted since the last take(), by day and model in the order of their appearance.
    std::vector<spool::Coverage> take();
    /// The same, and it stays counted.
    std::vector<spool::Coverage> peek() const;

  private:
    struct Row {
        std::size_t hash = 0;
        std::string start;  ///< of the name as sent, kMaxModelLabel bytes of it: what it is found by
        std::int64_t day = 0;
        std::array<std::uint64_t, kOutcomes> records{};
    };
    Row& row(std::string_view model, std::int64_t day);
    Row& add(std::string_view model, std::int64_t day, std::size_t hash);

    /// Places of rows, plus one; 0 is a free slot. Twice as many as rows, so a search is short.
    static constexpr std::size_t kSlots = std::size_t{2} * kMaxModels;
    std::array<std::uint16_t, kSlots> slots_{};
    std::vector<Row> rows_;
    std::vector<Row> others_;  ///< what found no place, one a day
};

}  // namespace respand::pipeline
