// Where a price came from, as it is kept with a record: a number in the spool, a few members in the log.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/coverage.hpp"
#include "pricing/pricing.hpp"
#include "spool/changes.hpp"

namespace respand::pipeline {

/// What goes with a record. The view lives until the next call.
struct PriceNote {
    spool::SourceId source = spool::kNoSource;  ///< set for a price of the table
    std::string_view annotation;                ///< members for the record's metadata
};

/// Numbers the places that prices come from: a table's entry and the rule that led there. A number is handed
/// to the spool once, in the same transaction as the first record that carries it. One thread.
class PriceNotes {
  public:
    /// Entries of a table in use at a time, each with a few rules; beyond it everything is numbered afresh.
    static constexpr std::size_t kMaxKnown = 16'384;

    explicit PriceNotes(std::shared_ptr<const pricing::PriceTable> table);

    /// Goes on where a spool stands. `known`: what it has; `next`: the first number that it never gave.
    void resume(const std::vector<spool::Source>& known, spool::SourceId next);
    /// Allocates nothing for an entry and rule that were seen before.
    PriceNote note(const pricing::Priced& priced);
    /// Returns the table that was in force: whoever holds it last takes milliseconds to free it.
    std::shared_ptr<const pricing::PriceTable> set_table(std::shared_ptr<const pricing::PriceTable> table);
    const pricing::PriceTable& table() const { return *table_; }
    /// The numbers given since the last call.
    std::vector<spool::NewSource> take_new();

  private:
    struct Place {
        const pricing::PriceEntry* entry;
        pricing::MatchRule rule;
        bool operator==(const Place&) const = default;
    };
    struct PlaceHash {
        std::size_t operator()(const Place& place) const;
    };
    struct Known {
        spool::SourceId source;
        std::string annotation;
    };
    const Known& known(const pricing::Priced& priced);
    spool::SourceId number(const std::string& key, std::string_view rule);

    std::shared_ptr<const pricing::PriceTable> table_;
    spool::SourceId next_ = spool::kNoSource + 1;
    std::unordered_map<Place, Known, PlaceHash> places_;
    /// Key and rule → number, for this table's id: a reload of an unchanged table goes on with its numbers.
    std::unordered_map<std::string, spool::SourceId> numbers_;
    std::vector<spool::NewSource> new_;
    std::array<std::string, kOutcomes> without_table_;  ///< annotations of what no table priced
};

}  // namespace respand::pipeline
