// Members of an entry of our own format: prices, price lists, periods. Internal to the reader of that format.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "pricing/json_text.hpp"
#include "pricing/price_file.hpp"
#include "pricing/rates.hpp"

namespace respand::pricing {

/// What makes an entry unusable.
struct EntryFault {
    std::string what;
    std::size_t line = 0;
};
/// A key that is not known, and so ignored.
using UnknownKeys = std::vector<EntryFault>;

/// True: the member is of the kind that was asked for, and was read.
using Taken = std::expected<bool, EntryFault>;

EntryFault fault_at(const JsonMember& member, const std::string& expected);
/// The same fault, told from further out: `"batch": …`.
EntryFault within(const std::string& where, EntryFault fault);

/// "2026-05-01" (midnight UTC) or an RFC 3339 time with its offset.
std::optional<WallTime> read_time(const JsonText& value);
/// A whole number from 1 to kMaxCount.
std::optional<std::uint64_t> read_count(const JsonText& value);

/// A member, comments aside, that stands twice in an object: which one counts would be a guess.
std::optional<EntryFault> check_repeats(const JsonText& object);

/// Notes `"batch": key "x" is not known; it is ignored`, but for a comment. `where` is what stands before
/// "key".
void note_unknown(const JsonMember& member, const std::string& where, UnknownKeys& unknown);

/// Prices, context tiers, service tiers and `holds_up_to_input_tokens`.
Taken take_prices_member(const JsonMember& member, PriceSet& prices, UnknownKeys& unknown);
/// These, `from`, `until` and `hours`.
Taken take_period_member(const JsonMember& member, PricePeriod& period, UnknownKeys& unknown);

/// `hours`: a list of sets of prices, each with the hours that it is for.
std::optional<EntryFault> read_hours(const JsonMember& member, std::vector<HourlyPrices>& hours,
                                     UnknownKeys& unknown);

/// Sorts sets of prices by `from`. No two may begin at the same time, and none end after the next began.
std::optional<EntryFault> put_in_order(std::vector<PricePeriod>& periods, std::size_t line);

/// One entry of "models". Empty when it can't be used; the reason is in `warnings` then.
std::optional<ModelDraft> read_own_model(const JsonMember& model, FileWarnings& warnings);

}  // namespace respand::pricing
