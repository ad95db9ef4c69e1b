// A cost as aligned text.
#include <algorithm>
#include <array>

#include "base/rfc3339.hpp"
#include "pricing/explain.hpp"

namespace respand::pricing {
namespace {

constexpr std::size_t kLabelWidth = 10;
constexpr std::size_t kGap = 3;

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
    /// Puts words behind the numbers, one for each, all beginning in one place.
    void append(const std::vector<std::string>& words) {
        std::size_t width = 0;
        for (std::size_t i = 1; i < cells.size(); ++i) width = std::max(width, cells[i].size());
        for (std::size_t i = 1; i < cells.size() && i <= words.size(); ++i) {
            cells[i].resize(width + 1, ' ');
            cells[i] += words[i - 1];
        }
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

std::string count_text(const SumLine& line) {
    std::string text = std::to_string(line.count);
    if (line.billionths == 0) return text;
    const std::string fraction = std::to_string(Quantity::kOne + line.billionths);
    text += "." + fraction.substr(1);
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

std::string unit_text(const SumLine& line) {
    const bool one = line.count == 1 && line.billionths == 0;
    const std::string unit(info(line.meter).unit);
    if (one) return unit;
    return unit == "search" ? "searches" : unit + "s";
}

/// The price as people state it: per million where that is usual.
std::string price_text(const SumLine& line) {
    const std::uint32_t per = info(line.meter).per;
    const std::optional<Money> price = line.unit_price.times(per);
    return price ? price->exact_text() : line.unit_price.exact_text() + "e6";
}

std::string per_text(const SumLine& line) {
    const MeterInfo& meter = info(line.meter);
    return "per " + (meter.per > 1 ? "1M " + std::string(meter.unit) + "s" : std::string(meter.unit));
}

/// How the price came to be this one, where that is not plain to see.
std::string note_on(const SumLine& line) {
    if (!line.billed) return "(not counted: the table has no price for this)";
    std::string note;
    const auto add = [&note](const std::string& text) { note += (note.empty() ? "(" : "; ") + text; };
    if (line.priced_as != line.meter) add("no price of its own: as " + std::string(name(line.priced_as)));
    if (line.service != ServiceTier::standard) add(std::string(name(line.service)) + " price");
    if (line.first_input_tokens != 0) {
        add("price from " + std::to_string(line.first_input_tokens) + " input tokens on");
    }
    if (line.of_hardware) add("rate of the hardware");
    return note.empty() ? note : note + ")";
}

std::string sum_table(const Explanation& explanation) {
    Column used{{"used"}};
    Column counts{{"count"}};
    Column prices{{"price in USD"}};
    Column amounts{{"USD"}};
    Column notes{{""}};
    std::vector<std::string> units;
    std::vector<std::string> pers;
    for (const SumLine& line : explanation.lines) {
        used.cells.emplace_back(name(line.meter));
        counts.cells.push_back(count_text(line));
        units.push_back(unit_text(line));
        prices.cells.push_back(line.billed ? price_text(line) : "");
        pers.push_back(line.billed ? per_text(line) : "");
        amounts.cells.push_back(line.billed ? line.amount.exact_text() : "");
        notes.cells.push_back(note_on(line));
    }
    if (explanation.cost) {
        used.cells.emplace_back("total");
        for (Column* column : {&counts, &prices, &notes}) column->cells.emplace_back();
        amounts.cells.push_back(explanation.cost->exact_text());
    }
    for (Column* column : {&counts, &prices, &amounts}) column->align_points();
    counts.append(units);
    prices.append(pers);
    const std::array columns{&used, &counts, &prices, &amounts, &notes};
    for (Column* column : columns) column->pad();
    std::string text;
    for (std::size_t i = 0; i < used.cells.size(); ++i) {
        std::string line;
        for (const Column* column : columns) line += column->cells[i];
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
            return label("cost", why) + label("", advice(explanation));
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

/// When the last prices before `time` ended; they did.
WallTime end_of_prices(const PriceEntry& entry, WallTime time) {
    WallTime end = WallTime::min();
    for (const PricePeriod& period : entry.periods) {
        if (period.from <= time && period.until) end = *period.until;
    }
    return end;
}

/// What was found in the table, and which of its prices hold.
std::string match_lines(const Explanation& explanation) {
    if (!explanation.entry) return {};
    const PriceEntry& entry = *explanation.entry;
    std::string text = label("matched", entry.key + " (" + std::string(name(explanation.rule)) + ")");
    if (!entry.origin.empty()) text += label("from", entry.origin);
    if (explanation.period && explanation.period->from != WallTime::min()) {
        text += label("prices", "in force since " + format_rfc3339(explanation.period->from));
    }
    if (explanation.period && !explanation.period->hours.empty()) {
        const HourlyPrices* hour = explanation.period->of_hour(explanation.time);
        text += label("hours", hour != nullptr ? "of " + hour->when.in_words()
                                               : "outside those that have prices of their own");
    }
    if (explanation.gap == RateGap::not_yet && !entry.periods.empty()) {
        text += label("prices", "none at " + format_rfc3339(explanation.time) + ", the first since " +
                                    format_rfc3339(entry.periods.front().from));
    }
    if (explanation.gap == RateGap::ended) {
        text += label("prices", "ended at " + format_rfc3339(end_of_prices(entry, explanation.time)));
    }
    if (explanation.service != ServiceTier::standard) {
        text += label("service", std::string(name(explanation.service)));
    }
    if (!explanation.hardware.empty()) text += label("hardware", explanation.hardware);
    return text;
}

}  // namespace

std::string render(const Explanation& explanation) {
    std::string text = label("model", explanation.model);
    if (!explanation.provider.empty()) text += label("provider", explanation.provider);
    text += match_lines(explanation);
    const std::string version =
        explanation.table_version.empty() ? std::string{} : ", version " + explanation.table_version;
    text += label("table", explanation.table_id + version) + "\n";
    if (!explanation.lines.empty()) text += sum_table(explanation) + "\n";
    if (explanation.gap == RateGap::over_limit && explanation.period) {
        text += label("limit",
                      "the prices hold up to " +
                          std::to_string(*explanation.period->at(explanation.time).holds_up_to_input_tokens) +
                          " input tokens a request");
    }
    return text + cost_line(explanation);
}

}  // namespace respand::pricing
