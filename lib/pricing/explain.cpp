#include "pricing/explain.hpp"

#include <algorithm>

#include "pricing/decide.hpp"

namespace respand::pricing {
namespace {

constexpr std::size_t kLabelWidth = 10;
constexpr std::size_t kGap = 3;
constexpr std::uint64_t kMillion = 1'000'000;

std::string label(std::string_view text, const std::string& value) {
    std::string line(text);
    line.resize(std::max(kLabelWidth, line.size() + 1), ' ');
    return line + value + "\n";
}

/// A column of a table of text.
struct Column {
    std::vector<std::string> cells;  ///< the first is the heading

    static std::size_t whole_digits(const std::string& number) {
        return std::min(number.find('.'), number.size());
    }

    /// Puts the decimal points of the numbers under each other.
    void align_points() {
        std::size_t digits = 0;
        for (std::size_t i = 1; i < cells.size(); ++i) digits = std::max(digits, whole_digits(cells[i]));
        for (std::size_t i = 1; i < cells.size(); ++i)
            cells[i].insert(0, digits - whole_digits(cells[i]), ' ');
    }
    void pad() {
        std::size_t width = 0;
        for (const std::string& cell : cells) width = std::max(width, cell.size());
        for (std::string& cell : cells) cell.resize(width + kGap, ' ');
    }
};

std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string per_million(Money unit_price) {
    const std::optional<Money> price = unit_price.times(kMillion);
    return price ? price->exact_text() : unit_price.exact_text() + "e6";
}

std::string sum_table(const Explanation& explanation) {
    Column buckets{{"bucket"}};
    Column counts{{"tokens"}};
    Column prices{{"USD per 1M tokens"}};
    Column amounts{{"USD"}};
    for (const SumLine& line : explanation.lines) {
        buckets.cells.emplace_back(name(line.bucket));
        counts.cells.push_back(std::to_string(line.count));
        prices.cells.push_back(per_million(line.unit_price));
        amounts.cells.push_back(line.amount.exact_text());
    }
    if (explanation.cost) {
        buckets.cells.emplace_back("total");
        counts.cells.emplace_back();
        prices.cells.emplace_back();
        amounts.cells.push_back(explanation.cost->exact_text());
    }
    for (Column* column : {&counts, &prices, &amounts}) column->align_points();
    for (Column* column : {&buckets, &counts, &prices, &amounts}) column->pad();
    std::string text;
    for (std::size_t i = 0; i < buckets.cells.size(); ++i) {
        std::string line = buckets.cells[i] + counts.cells[i] + prices.cells[i] + amounts.cells[i];
        const SumLine* sum = i > 0 && i <= explanation.lines.size() ? &explanation.lines[i - 1] : nullptr;
        if (sum != nullptr && sum->priced_as != sum->bucket) {
            line += "(no price of its own: as " + std::string(name(sum->priced_as)) + ")";
        }
        text += trimmed(std::move(line));
    }
    return text;
}

std::string cost_line(const Explanation& explanation) {
    switch (explanation.source) {
        case CostSource::app:
            return label("cost", "the record's own is kept");
        case CostSource::none: {
            std::string why = "unknown: " + std::string(name(explanation.reason));
            if (explanation.failed_at) why += " (at " + std::string(name(*explanation.failed_at)) + ")";
            return label("cost", why) + label("", std::string(describe(explanation.reason)));
        }
        case CostSource::provider:
        case CostSource::table:
            break;
    }
    const std::string cost = explanation.cost->cost_text();
    std::string line = cost + " USD";
    if (cost != explanation.cost->exact_text()) line += " (rounded half to even at 12 decimals)";
    if (explanation.source == CostSource::provider) line += ", as the provider said";
    return label("cost", line);
}

}  // namespace

Explanation explain(const RecordFacts& facts, const PriceTable& table, WallTime /*arrival: see price()*/) {
    DecisionDetail detail;
    const Priced priced = decide(facts, table, &detail);
    Explanation explanation;
    explanation.model = facts.model;
    explanation.provider = facts.provider;
    explanation.source = priced.source;
    explanation.cost = priced.cost;
    explanation.reason = priced.reason;
    explanation.failed_at = detail.failed_at;
    if (detail.match) {
        explanation.entry = *detail.match->entry;
        explanation.rule = detail.match->rule;
    }
    explanation.table_id = table.id();
    explanation.table_version = table.version();
    explanation.lines = std::move(detail.lines);
    return explanation;
}

std::string render(const Explanation& explanation) {
    std::string text = label("model", explanation.model);
    if (!explanation.provider.empty()) text += label("provider", explanation.provider);
    if (explanation.entry) {
        text += label("matched", explanation.entry->key + " (" + std::string(name(explanation.rule)) + ")");
        text += label("from", explanation.entry->origin);
    }
    const std::string version =
        explanation.table_version.empty() ? std::string{} : ", version " + explanation.table_version;
    text += label("table", explanation.table_id + version) + "\n";
    if (!explanation.lines.empty()) text += sum_table(explanation) + "\n";
    if (explanation.source == CostSource::none && explanation.entry &&
        explanation.entry->prices.holds_up_to_input_tokens) {
        text += label("limit", "the prices hold up to " +
                                   std::to_string(*explanation.entry->prices.holds_up_to_input_tokens) +
                                   " input tokens a request");
    }
    return text + cost_line(explanation);
}

std::string_view describe(UnknownReason reason) {
    switch (reason) {
        case UnknownReason::unknown_model:
            return "No model of that name is in the table: add it, or an alias of it, in an overlay.";
        case UnknownReason::no_usage:
            return "The record says nothing of the tokens that were used.";
        case UnknownReason::no_rate:
            return "The table has no price for some of what was used: state it in an overlay.";
        case UnknownReason::inconsistent_usage:
            return "The counts are not whole numbers up to 2^53, do not add up, or cost more than can be "
                   "counted.";
        case UnknownReason::not_terminal:
            return "The call is still running; it has a cost when it has ended.";
    }
    return "";
}

}  // namespace respand::pricing
