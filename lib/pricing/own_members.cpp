#include "pricing/own_members.hpp"

#include <algorithm>
#include <charconv>

#include "base/rfc3339.hpp"

namespace respand::pricing {
namespace {

constexpr const char* kCountExpected = "expected a whole number from 1 to 2^53";

/// Decimals that are left for a price which is stated for `per` units.
std::string price_expected(const MeterInfo& meter) {
    const bool million = meter.per > 1;
    return "expected US dollars per " + std::string(million ? "million " : "") + std::string(meter.unit) +
           (million ? "s" : "") + ": a decimal number (or a string of one), not negative, at most " +
           (million ? "18" : "24") + " decimals";
}

std::optional<EntryFault> set_price(const JsonMember& member, const MeterInfo& meter, Rates& rates) {
    const std::optional<Money> price = read_price(member.value, meter.per > 1 ? -6 : 0);
    if (!price) return fault_at(member, price_expected(meter));
    if (rates.has(meter.meter)) {
        return EntryFault{"\"" + member.name + "\" stands twice: which one counts would be a guess",
                          member.value.line};
    }
    rates.set(meter.meter, *price);
    return std::nullopt;
}

const MeterInfo* meter_of_key(std::string_view key) {
    const auto meters = all_meters();
    const auto found = std::ranges::find(meters, key, &MeterInfo::key);
    return found == meters.end() ? nullptr : &*found;
}

bool is_search_context(Meter meter) {
    return meter == Meter::search_low || meter == Meter::search_medium || meter == Meter::search_high;
}

/// {"low": …, "medium": …, "high": …}: all three, so that none is a guess.
std::optional<EntryFault> set_search_prices(const JsonMember& member, Rates& rates) {
    for (const JsonMember& one : member.value.members) {
        const MeterInfo* meter = meter_of_key(one.name);
        if (meter == nullptr || !is_search_context(meter->meter)) {
            return EntryFault{"\"" + member.name + "\" has the key \"" + one.name +
                                  "\", expected \"low\", \"medium\" and \"high\"",
                              one.value.line};
        }
        if (auto fault = set_price(one, *meter, rates)) return within(member.name, std::move(*fault));
    }
    for (const Meter meter : {Meter::search_low, Meter::search_medium, Meter::search_high}) {
        if (!rates.has(meter)) {
            return EntryFault{"\"" + member.name + "\" lacks \"" + std::string(info(meter).key) +
                                  "\": give \"low\", \"medium\" and \"high\", or one price for all",
                              member.value.line};
        }
    }
    return std::nullopt;
}

Taken taken(std::optional<EntryFault> fault) {
    if (fault) return std::unexpected(std::move(*fault));
    return true;
}

Taken take_price(const JsonMember& member, Rates& rates) {
    const MeterInfo* meter = meter_of_key(member.name);
    if (meter == nullptr || is_search_context(meter->meter)) return false;
    if (meter->meter == Meter::search && member.value.kind == JsonText::Kind::object) {
        return taken(set_search_prices(member, rates));
    }
    return taken(set_price(member, *meter, rates));
}

/// The threshold of a tier, as the smallest input that reaches it. 0: the member is none.
std::expected<std::uint64_t, EntryFault> take_threshold(const JsonMember& member) {
    const bool above = member.name == "above_input_tokens";
    if (!above && member.name != "from_input_tokens") return 0;
    const std::optional<std::uint64_t> count = read_count(member.value);
    if (!count) return std::unexpected(fault_at(member, kCountExpected));
    return *count + (above ? 1 : 0);
}

std::expected<ContextTier, EntryFault> read_context_tier(const JsonText& value, UnknownKeys& unknown) {
    if (value.kind != JsonText::Kind::object) {
        return std::unexpected(EntryFault{"a tier is " + shown(value) + ", expected an object", value.line});
    }
    if (auto fault = check_repeats(value)) return std::unexpected(std::move(*fault));
    ContextTier tier;
    for (const JsonMember& member : value.members) {
        const auto threshold = take_threshold(member);
        if (!threshold) return std::unexpected(threshold.error());
        if (*threshold != 0 && tier.first_input_tokens != 0) {
            return std::unexpected(EntryFault{"a tier has two thresholds", member.value.line});
        }
        if (*threshold != 0) {
            tier.first_input_tokens = *threshold;
            continue;
        }
        const Taken price = take_price(member, tier.rates);
        if (!price) return std::unexpected(price.error());
        if (!*price) note_unknown(member, "\"context_tiers\": ", unknown);
    }
    if (tier.first_input_tokens == 0) {
        return std::unexpected(
            EntryFault{"a tier has neither \"above_input_tokens\" nor \"from_input_tokens\"", value.line});
    }
    if (tier.rates.empty()) return std::unexpected(EntryFault{"a tier has no price", value.line});
    return tier;
}

std::optional<EntryFault> read_context_tiers(const JsonMember& member, RateSheet& sheet,
                                             UnknownKeys& unknown) {
    if (member.value.kind != JsonText::Kind::array || member.value.members.empty() ||
        member.value.members.size() > kMaxContextTiers) {
        return fault_at(member, "expected a list of 1 to " + std::to_string(kMaxContextTiers) + " tiers");
    }
    for (const auto& [unused, element] : member.value.members) {
        auto tier = read_context_tier(element, unknown);
        if (!tier) return within(member.name, std::move(tier.error()));
        sheet.context.push_back(std::move(*tier));
    }
    std::ranges::sort(sheet.context, {}, &ContextTier::first_input_tokens);
    if (std::ranges::adjacent_find(sheet.context, {}, &ContextTier::first_input_tokens) !=
        sheet.context.end()) {
        return EntryFault{"\"context_tiers\": two tiers begin at the same input", member.value.line};
    }
    return std::nullopt;
}

/// A member of a price list: a price or the context tiers.
Taken take_sheet_member(const JsonMember& member, RateSheet& sheet, UnknownKeys& unknown) {
    if (member.name == "context_tiers") return taken(read_context_tiers(member, sheet, unknown));
    return take_price(member, sheet.base);
}

std::optional<EntryFault> read_service_tier(const JsonMember& member, RateSheet& sheet,
                                            UnknownKeys& unknown) {
    if (member.value.kind != JsonText::Kind::object) return fault_at(member, "expected an object of prices");
    if (auto fault = check_repeats(member.value)) return within(member.name, std::move(*fault));
    for (const JsonMember& inner : member.value.members) {
        const Taken price = take_sheet_member(inner, sheet, unknown);
        if (!price) return within(member.name, price.error());
        if (!*price) note_unknown(inner, "\"" + member.name + "\": ", unknown);
    }
    if (sheet.empty()) return fault_at(member, "expected at least one price in it");
    return std::nullopt;
}

}  // namespace

EntryFault fault_at(const JsonMember& member, const std::string& expected) {
    return {"\"" + member.name + "\" is " + shown(member.value) + ", " + expected, member.value.line};
}

EntryFault within(const std::string& where, EntryFault fault) {
    return {"\"" + where + "\": " + fault.what, fault.line};
}

std::optional<EntryFault> check_repeats(const JsonText& object) {
    for (const JsonMember& member : object.members)
        if (member.name != "comment" && object.find(member.name) != &member.value)
            return EntryFault{"\"" + member.name + "\" stands twice: which one counts would be a guess",
                              member.value.line};
    return std::nullopt;
}

void note_unknown(const JsonMember& member, const std::string& where, UnknownKeys& unknown) {
    if (member.name == "comment") return;
    unknown.push_back({where + "key \"" + member.name + "\" is not known; it is ignored", member.value.line});
}

std::optional<WallTime> read_time(const JsonText& value) {
    constexpr std::size_t kDateBytes = 10;
    constexpr std::string_view kDate = "dddd-dd-dd";
    constexpr std::string_view kTime = "Tdd:dd:dd";
    const auto fits = [](std::string_view text, std::string_view pattern) {
        return std::ranges::equal(text, pattern, [](char c, char wanted) {
            return wanted == 'd' ? c >= '0' && c <= '9' : c == wanted;
        });
    };
    const std::string_view text = value.text;
    if (value.kind != JsonText::Kind::string || !fits(text.substr(0, kDateBytes), kDate)) return std::nullopt;
    if (text.size() == kDateBytes) return parse_rfc3339(value.text + "T00:00:00Z");
    const bool has_offset =
        text.ends_with('Z') || text.find_first_of("+-", kDateBytes) != std::string_view::npos;
    if (!has_offset || !fits(text.substr(kDateBytes, kTime.size()), kTime)) return std::nullopt;
    return parse_rfc3339(text);
}

std::optional<std::uint64_t> read_count(const JsonText& value) {
    std::uint64_t count = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, fault] = std::from_chars(value.text.data(), end, count);
    const bool whole = value.kind == JsonText::Kind::number && fault == std::errc{} && stop == end;
    return whole && count > 0 && count <= kMaxCount ? std::optional(count) : std::nullopt;
}

Taken take_period_member(const JsonMember& member, PricePeriod& period, UnknownKeys& unknown) {
    if (member.name == "from" || member.name == "until") {
        const std::optional<WallTime> time = read_time(member.value);
        if (!time) {
            return std::unexpected(fault_at(
                member, "expected a date (2026-05-01: midnight UTC) or a time (2026-05-01T12:00:00Z)"));
        }
        if (member.name == "from") {
            period.from = *time;
        } else {
            period.until = *time;
        }
        return true;
    }
    if (member.name == "hours") return taken(read_hours(member, period.hours, unknown));
    return take_prices_member(member, period, unknown);
}

Taken take_prices_member(const JsonMember& member, PriceSet& prices, UnknownKeys& unknown) {
    if (member.name == "holds_up_to_input_tokens") {
        prices.holds_up_to_input_tokens = read_count(member.value);
        if (prices.holds_up_to_input_tokens) return true;
        return std::unexpected(fault_at(member, kCountExpected));
    }
    for (const ServiceTier tier : {ServiceTier::flex, ServiceTier::priority, ServiceTier::batch}) {
        if (member.name == name(tier)) return taken(read_service_tier(member, prices.sheet(tier), unknown));
    }
    return take_sheet_member(member, prices.sheet(ServiceTier::standard), unknown);
}

std::optional<EntryFault> put_in_order(std::vector<PricePeriod>& periods, std::size_t line) {
    std::ranges::sort(periods, {}, &PricePeriod::from);
    for (std::size_t i = 0; i < periods.size(); ++i) {
        const PricePeriod& period = periods[i];
        const WallTime next = i + 1 < periods.size() ? periods[i + 1].from : WallTime::max();
        if (period.from == next) {
            return EntryFault{period.from != WallTime::min()
                                  ? "two sets of prices are from the same time, " + format_rfc3339(next)
                                  : "two sets of prices have no \"from\"; only the oldest may lack it",
                              line};
        }
        if (!period.until) continue;
        if (*period.until <= period.from) {
            return EntryFault{"\"until\" is not later than \"from\" of the same prices", line};
        }
        if (*period.until > next) {
            return EntryFault{"\"until\" is later than " + format_rfc3339(next) +
                                  ", when the next prices begin: which ones hold in between would be a guess",
                              line};
        }
    }
    return std::nullopt;
}

}  // namespace respand::pricing
