// price list: what the table holds, a line for each model, or as a price file.
#include <algorithm>
#include <cstdio>
#include <map>

#include "base/text_table.hpp"
#include "pricing/own_writer.hpp"
#include "pricing/price_file.hpp"
#include "pricing/provider.hpp"
#include "respanctl/glob.hpp"
#include "respanctl/price_commands.hpp"

namespace respand::ctl {
namespace {

using pricing::Meter;
using pricing::PriceEntry;
using pricing::PricePeriod;
using pricing::PriceSet;

struct ListOptions {
    std::string match, provider;
    TableOptions table;
    bool json = false;
};

void declare(CLI::App& sub, ListOptions& options) {
    sub.add_option("--match", options.match,
                   "Only models with this in their name or an alias, in any case; * and ? as in a shell "
                   "match whole names")
        ->type_name("TEXT");
    sub.add_option("--provider", options.provider, "Only this provider's prices")->type_name("NAME");
    sub.add_flag("--json", options.json, "Print a price file that states these prices");
    options.table.declare(sub);
}

/// "0.65", or nothing.
std::string price(const PriceSet& prices, Meter meter) {
    const pricing::Money* found = prices.base().find(meter);
    return found != nullptr ? pricing::price_text(meter, *found) : "";
}

/// Everything but input and output: "cache_read 0.3, image 0.04 per image, context tiers 1, batch".
std::string other_prices(const PriceEntry& entry, const PricePeriod& period, WallTime now) {
    const PriceSet& prices = period.at(now);
    std::string text;
    const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
    for (const pricing::MeterInfo& meter : pricing::all_meters()) {
        if (meter.meter == Meter::input || meter.meter == Meter::output) continue;
        const std::string own = price(prices, meter.meter);
        if (own.empty()) continue;
        std::string per;
        if (!is_token(meter.meter))
            per = " per " + (meter.per > 1 ? "1M " + std::string(meter.unit) + "s" : std::string(meter.unit));
        add(std::string(meter.name) + " " + own + per);
    }
    for (const pricing::ContextTier& tier : prices.sheets.front().context)
        add("other prices from " + std::to_string(tier.first_input_tokens) + " input tokens");
    for (std::size_t i = 1; i < pricing::kServiceTiers; ++i)
        if (!prices.sheets.at(i).empty())
            add(std::string(pricing::name(static_cast<ServiceTier>(i))) + " prices");
    if (prices.holds_up_to_input_tokens)
        add("up to " + std::to_string(*prices.holds_up_to_input_tokens) + " input tokens");
    const pricing::HourlyPrices* hour = period.of_hour(now);
    for (const pricing::HourlyPrices& one : period.hours)
        add((&one == hour ? "these prices at " : "other prices at ") + one.when.in_words());
    if (period.until) add("until " + pricing::since_text(*period.until));
    if (!entry.hardware.empty() && !entry.key.starts_with("hardware/")) add("runs on " + entry.hardware);
    return text;
}

/// Which entries are asked for, and by which alias where it was not the key.
class Selection {
  public:
    Selection(const ListOptions& options, const pricing::PriceTable& table)
        : options_(options), provider_(pricing::canonical_provider(pricing::lower(options.provider))) {
        for (const pricing::OtherName& other : table.other_names())
            if (other.kind == pricing::OtherName::Kind::alias && matches(options_.match, other.name))
                aliases_.try_emplace(other.target, other.name);
        for (const auto entries : {table.entries(), table.hardware_entries()})
            for (const PriceEntry& entry : entries)
                if (takes(entry)) entries_.push_back(&entry);
        std::ranges::sort(entries_, {}, [](const PriceEntry* entry) { return pricing::lower(entry->key); });
    }

    const std::vector<const PriceEntry*>& entries() const { return entries_; }
    /// " (alias …)" when it was found by that.
    std::string found_by(const PriceEntry& entry) const {
        if (options_.match.empty() || matches(options_.match, entry.key)) return {};
        return " (alias " + aliases_.at(entry.key) + ")";
    }

  private:
    bool takes(const PriceEntry& entry) const {
        if (!provider_.empty() && entry.provider != provider_) return false;
        return options_.match.empty() || matches(options_.match, entry.key) || aliases_.contains(entry.key);
    }

    const ListOptions& options_;
    std::string provider_;
    std::map<std::string, std::string> aliases_;  ///< key → the first alias that matches
    std::vector<const PriceEntry*> entries_;
};

std::string listing(const Selection& selection, WallTime now) {
    TextTable table({{"model"},
                     {"provider"},
                     {"since"},
                     {"input", true},
                     {"output", true},
                     {"others (tokens: USD per 1M)"}});
    for (const PriceEntry* entry : selection.entries()) {
        const PricePeriod* period = entry->at(now);
        const std::string model = entry->key + selection.found_by(*entry);
        const std::string provider = entry->provider.empty() ? "-" : entry->provider;
        if (period == nullptr) {
            const std::string first =
                entry->periods.empty() ? "" : pricing::since_text(entry->periods.front().from);
            table.row({model, provider, first, "", "", "no price in force now"});
            continue;
        }
        const std::string since = pricing::since_text(period->from);
        const PriceSet& prices = period->at(now);
        const bool none = prices.mask() == 0 && entry->hardware.empty();
        table.row({model, provider, since.empty() ? "always" : since, price(prices, Meter::input),
                   price(prices, Meter::output), none ? "no price" : other_prices(*entry, *period, now)});
    }
    return table.text();
}

Result<int> list(const Common& common, const ListOptions& options) {
    const auto table = options.table.load(common);
    if (!table) return std::unexpected(table.error());
    const Selection selection(options, **table);
    if (options.json) {
        const bool everything = options.match.empty() && options.provider.empty();
        std::fputs(pricing::write_own_format(**table, selection.entries(), everything).c_str(), stdout);
    } else if (!selection.entries().empty()) {
        std::fputs(listing(selection, SystemClock{}.wall()).c_str(), stdout);
    }
    if (!selection.entries().empty()) return 0;
    std::fputs("respanctl: no model of the table matches\n", stderr);
    return 1;
}

}  // namespace

void add_price_list(Program& program, CLI::App& group) {
    program.add<ListOptions>(group, "list", "The models of the table and what they cost", declare, list);
}

}  // namespace respand::ctl
