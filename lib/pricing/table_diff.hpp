// What differs between two tables, for whoever has to approve the new one. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pricing/price_table.hpp"

namespace respand::pricing {

/// One difference of a model that both tables have, or one line of a model that one of them has.
struct PriceChange {
    std::string what;              ///< "input", "batch output", "input from 200001 input tokens", "provider"
    std::optional<Meter> meter{};  ///< set when it is a price
    /// As people state it: a price for as many units as is usual ("0.65" for a million tokens). Empty: there
    /// is none.
    std::string from, to;
    /// Of a price that was not 0 and is there still: how much dearer, in percent, rounded for reading.
    std::optional<double> percent{};
};

struct ModelDiff {
    enum class Kind : std::uint8_t { added, removed, changed };
    Kind kind = Kind::changed;
    std::string key;  ///< "hardware/NAME" for hardware
    std::vector<PriceChange> changes;
};

struct TableDiff {
    std::vector<ModelDiff> models;   ///< by key, without regard to case
    std::vector<PriceChange> names;  ///< aliases and prefix rules: what they stood and stand for
    std::size_t same = 0;            ///< models in both, with the same prices

    bool empty() const { return models.empty() && names.empty(); }
    std::size_t count(ModelDiff::Kind kind) const;
};

/// Models match by key, without regard to case. Prices are those in force at `at`, then those of other times
/// ("input before 2026-05-01"). Where prices begin or end at other times than they did, that is one change of
/// its own, and tells for the others.
TableDiff diff_tables(const PriceTable& old_table, const PriceTable& new_table, WallTime at);

/// Aligned text: a line for each change, then a summary.
std::string render(const TableDiff& diff);
/// The same as JSON:
/// {"added":n,"removed":n,"changed":n,"same":n,"models":[{"model","kind","changes":[{"what",
/// "from","to","percent","unit","per"}]}],"names":[…]}. Prices are strings, for `per` units.
std::string diff_json(const TableDiff& diff);

}  // namespace respand::pricing
