#include "pricing/table_diff.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "pricing/own_writer.hpp"
#include "pricing/price_file.hpp"

namespace respand::pricing {
namespace {

/// What an entry says of one time, line by line, in the order of printing.
struct Line {
    std::string what;
    std::optional<Meter> meter;
    std::optional<Money> price;
    std::string text;
    bool operator==(const Line&) const = default;
};
using Lines = std::vector<Line>;

void add_rates(Lines& lines, const Rates& rates, const std::string& before, const std::string& after) {
    for (const MeterInfo& meter : all_meters())
        if (const Money* price = rates.find(meter.meter))
            lines.push_back({before + std::string(meter.name) + after, meter.meter, *price,
                             price_text(meter.meter, *price)});
}

/// `when`: "", or the hours of these prices.
void add_prices(Lines& lines, const PriceSet& prices, const std::string& when) {
    for (std::size_t i = 0; i < kServiceTiers; ++i) {
        const std::string tier = i == 0 ? "" : std::string(name(static_cast<ServiceTier>(i))) + " ";
        const RateSheet& sheet = prices.sheets.at(i);
        add_rates(lines, sheet.base, tier, when);
        for (const ContextTier& context : sheet.context)
            add_rates(lines, context.rates, tier,
                      " from " + std::to_string(context.first_input_tokens) + " input tokens" + when);
    }
    if (prices.holds_up_to_input_tokens)
        lines.push_back(
            {"holds up to input tokens" + when, {}, {}, std::to_string(*prices.holds_up_to_input_tokens)});
}

void add_period(Lines& lines, const PricePeriod& period) {
    add_prices(lines, period, "");
    // In their order, which counts; days are told apart from hours, so that one more is no other set of
    // prices.
    for (std::size_t i = 0; i < period.hours.size(); ++i) {
        const HourlyPrices& prices = period.hours[i];
        WeekHours every_such_day = prices.when;
        every_such_day.not_on.clear();
        const std::string number = period.hours.size() > 1 ? " (" + std::to_string(i + 1) + ")" : "";
        const std::string when = " at " + every_such_day.in_words() + number;
        add_prices(lines, prices, when);
        std::string days;
        for (const std::chrono::sys_days day : prices.when.not_on)
            days += (days.empty() ? "" : " ") + text_of(day);
        if (!days.empty()) lines.push_back({"days that do not count" + when, {}, {}, days});
    }
}

/// What holds at any time.
Lines facts_of(const PriceEntry& entry) {
    Lines lines;
    if (!entry.provider.empty()) lines.push_back({"provider", {}, {}, entry.provider});
    if (!entry.hardware.empty()) lines.push_back({"hardware", {}, {}, entry.hardware});
    if (entry.bill_failed) lines.push_back({"failed calls", {}, {}, "billed"});
    if (entry.mixed_output) lines.push_back({"kinds of output", {}, {}, "text and images, told apart"});
    return lines;
}

Lines lines_of(const PriceEntry& entry, WallTime at) {
    Lines lines = facts_of(entry);
    if (const PricePeriod* period = entry.at(at)) add_period(lines, *period);
    return lines;
}

std::optional<double> percent(const Line* from, const Line* to) {
    if (from == nullptr || to == nullptr || !from->price || !to->price || *from->price == Money{})
        return std::nullopt;
    const double before = std::strtod(from->price->exact_text().c_str(), nullptr);
    const double after = std::strtod(to->price->exact_text().c_str(), nullptr);
    return (after / before - 1) * 100;
}

PriceChange change(const Line* from, const Line* to) {
    const Line& any = to != nullptr ? *to : *from;
    return {any.what, any.meter, from != nullptr ? from->text : "", to != nullptr ? to->text : "",
            percent(from, to)};
}

/// The lines that differ, those of `to` first and in its order.
std::vector<PriceChange> changes(const Lines& from, const Lines& to) {
    std::vector<PriceChange> found;
    for (const Line& line : to) {
        const auto before = std::ranges::find(from, line.what, &Line::what);
        if (before == from.end())
            found.push_back(change(nullptr, &line));
        else if (*before != line)
            found.push_back(change(&*before, &line));
    }
    for (const Line& line : from)
        if (std::ranges::find(to, line.what, &Line::what) == to.end())
            found.push_back(change(&line, nullptr));
    return found;
}

/// "always, 2026-05-01 until 2026-08-01": every time from which prices hold.
std::string times_of(const PriceEntry& entry) {
    std::string text;
    for (const PricePeriod& period : entry.periods) {
        const std::string since = since_text(period.from);
        text += (text.empty() ? "" : ", ") + (since.empty() ? "always" : since);
        if (period.until) text += " until " + since_text(*period.until);
    }
    return text;
}

/// "since 2026-05-01", "before 2026-05-01": the time of the entry's prices number `i`, which are not the only
/// ones or have an end.
std::string time_of(const PriceEntry& entry, std::size_t i) {
    const PricePeriod& period = entry.periods[i];
    if (const std::string since = since_text(period.from); !since.empty()) return "since " + since;
    return "before " + since_text(period.until ? *period.until : entry.periods.at(i + 1).from);
}

/// Prices that don't hold at `at` but did or will, where both entries have such of the same times.
void add_changes_of_other_times(std::vector<PriceChange>& found, const PriceEntry& from, const PriceEntry& to,
                                WallTime at) {
    for (std::size_t i = 0; i < from.periods.size(); ++i) {
        if (&from.periods[i] == from.at(at)) continue;
        Lines before, after;
        add_period(before, from.periods[i]);
        add_period(after, to.periods[i]);
        for (PriceChange& change : changes(before, after)) {
            change.what += " " + time_of(from, i);
            found.push_back(std::move(change));
        }
    }
}

std::vector<PriceChange> changes(const PriceEntry& from, const PriceEntry& to, WallTime at) {
    const bool ended = from.at(at) != nullptr && to.at(at) == nullptr;
    std::vector<PriceChange> found =
        ended ? changes(facts_of(from), facts_of(to)) : changes(lines_of(from, at), lines_of(to, at));
    if (ended) found.push_back({"prices", {}, "in force", "none in force", {}});
    if (times_of(from) != times_of(to))
        found.push_back({"prices of other times", {}, times_of(from), times_of(to), {}});
    else
        add_changes_of_other_times(found, from, to, at);
    return found;
}

std::map<std::string, const PriceEntry*> by_key(const PriceTable& table) {
    std::map<std::string, const PriceEntry*> all;
    for (const PriceEntry& entry : table.entries()) all[lower(entry.key)] = &entry;
    for (const PriceEntry& entry : table.hardware_entries()) all[lower(entry.key)] = &entry;
    return all;
}

/// "alias gpt-4o-latest" → "gpt-4o".
std::map<std::string, std::string> names_of(const PriceTable& table) {
    std::map<std::string, std::string> all;
    for (const OtherName& other : table.other_names()) {
        if (other.kind == OtherName::Kind::alias)
            all["alias " + other.name] = other.target;
        else
            all["prefix " + other.name] =
                other.kind == OtherName::Kind::prefix ? other.target : "\"" + other.target + "\" …";
    }
    return all;
}

std::vector<PriceChange> name_changes(const std::map<std::string, std::string>& from,
                                      const std::map<std::string, std::string>& to) {
    std::vector<PriceChange> found;
    for (const auto& [name, target] : to) {
        const auto before = from.find(name);
        if (before == from.end() || before->second != target)
            found.push_back({name, {}, before == from.end() ? "" : before->second, target, {}});
    }
    for (const auto& [name, target] : from)
        if (!to.contains(name)) found.push_back({name, {}, target, "", {}});
    return found;
}

}  // namespace

std::size_t TableDiff::count(ModelDiff::Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(models, kind, &ModelDiff::kind));
}

TableDiff diff_tables(const PriceTable& old_table, const PriceTable& new_table, WallTime at) {
    const auto before = by_key(old_table);
    const auto after = by_key(new_table);
    TableDiff diff;
    for (const auto& [key, entry] : before)
        if (!after.contains(key))
            diff.models.push_back({ModelDiff::Kind::removed, entry->key, changes(lines_of(*entry, at), {})});
    for (const auto& [key, entry] : after) {
        const auto old = before.find(key);
        if (old == before.end()) {
            diff.models.push_back({ModelDiff::Kind::added, entry->key, changes({}, lines_of(*entry, at))});
            continue;
        }
        std::vector<PriceChange> found = changes(*old->second, *entry, at);
        if (found.empty())
            ++diff.same;
        else
            diff.models.push_back({ModelDiff::Kind::changed, entry->key, std::move(found)});
    }
    std::ranges::sort(diff.models, {}, [](const ModelDiff& model) { return lower(model.key); });
    diff.names = name_changes(names_of(old_table), names_of(new_table));
    return diff;
}

}  // namespace respand::pricing
