// A cost, line by line: what `respanctl price` prints.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pricing/pricing.hpp"
#include "pricing/sum.hpp"

namespace respand::pricing {

/// How a record's cost came about, or why there is none. Owns its text: it may outlive record and table.
struct Explanation {
    std::string model;     ///< as sent
    std::string provider;  ///< as sent, may be empty

    CostSource source = CostSource::none;
    std::optional<Money> cost;       ///< exact total; set when source is provider or table
    UnknownReason reason{};          ///< valid when source is none
    RateGap gap = RateGap::none;     ///< more of it when that is no_rate
    std::optional<Meter> failed_at;  ///< where the sum failed, when it was somewhere

    WallTime time;                      ///< that decides which prices are in force
    std::optional<PriceEntry> entry;    ///< what the name matched, when the table was asked and knew it
    MatchRule rule = MatchRule::exact;  ///< how, when there is an entry
    std::optional<PriceEntry>
        of_another;  ///< what an unknown name means at another provider than the stated one
    std::optional<PricePeriod> period;  ///< the prices in force, when there were some
    ServiceTier service = ServiceTier::standard;
    std::string hardware;  ///< whose rate was asked for; empty: none
    std::string table_id;
    std::string table_version;   ///< may be empty
    std::vector<SumLine> lines;  ///< of the sum, as far as it went
};

/// The same decision as price(), with its lines.
Explanation explain(const RecordFacts& facts, const PriceTable& table, WallTime arrival);

/// Aligned text of several lines, each with a newline at its end.
std::string render(const Explanation& explanation);

/// One line of JSON without a newline: what render() shows. Amounts and prices are strings, exact; prices are
/// for one unit.
std::string explanation_json(const Explanation& explanation);

/// Why there is no cost and what to do about it, in one sentence: as exactly as the explanation knows.
std::string advice(const Explanation& explanation);
/// What a reason means and what to do about it, in one sentence.
std::string_view describe(UnknownReason reason);
/// The same for what is missing when the reason is no_rate.
std::string_view describe(RateGap gap);

}  // namespace respand::pricing
