// The pricing side of the intake: one record's cost and where it came from, and what is counted of it.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "pipeline/coverage.hpp"
#include "pipeline/price_notes.hpp"
#include "pipeline/unknown_models.hpp"
#include "pricing/pricing.hpp"
#include "record/record.hpp"
#include "spool/changes.hpp"
#include "spool/ledger.hpp"

namespace respand::pipeline {

/// What a record gets. The views live until the next call.
struct PriceTag {
    std::string_view cost;      ///< decimal text; empty: none is added
    std::string_view metadata;  ///< members for the record's metadata; empty unless annotation is on
    spool::SourceId source = spool::kNoSource;
};

/// I/O thread only.
class Pricer {
  public:
    Pricer(std::shared_ptr<const pricing::PriceTable> table, const Clock& clock);

    /// Goes on numbering sources where a spool stands. Before the first record.
    void resume(const std::vector<spool::Source>& known, spool::SourceId next) { notes_.resume(known, next); }

    PriceTag price(const RecordFacts& facts, WallTime arrival);
    /// From the next record on. Returns the table that was in force, to be freed where nobody waits.
    std::shared_ptr<const pricing::PriceTable> set_table(std::shared_ptr<const pricing::PriceTable> table);
    void set_annotate(bool annotate) { annotate_ = annotate; }

    const pricing::PriceTable& table() const { return notes_.table(); }
    /// Adds what was counted since the last call.
    void book(spool::Ledger& ledger);
    std::vector<spool::NewSource> take_new_sources() { return notes_.take_new(); }
    std::vector<spool::Coverage> take_coverage() { return coverage_.take(); }
    /// What is not with the spool yet.
    std::vector<spool::Coverage> coverage() const { return coverage_.peek(); }

  private:
    const Clock& clock_;
    PriceNotes notes_;
    bool annotate_ = false;
    CoverageCounts coverage_;
    UnknownModels unknown_models_;
    std::array<std::uint64_t, kOutcomes> counts_{};
    std::string cost_;
};

}  // namespace respand::pipeline
