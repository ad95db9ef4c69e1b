// What respand says of a record's cost inside the record's own `metadata`.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace respand {

/// The members of `metadata` that are respand's while it annotates. Values are strings: the server makes
/// strings of all others.
namespace annotation {
inline constexpr std::string_view kCostSource = "respand_cost_source";
inline constexpr std::string_view kPriceTable = "respand_price_table";
inline constexpr std::string_view kPriceVersion = "respand_price_version";
inline constexpr std::string_view kPriceKey = "respand_price_key";
inline constexpr std::string_view kPriceRule = "respand_price_rule";
inline constexpr std::array kAll{kCostSource, kPriceTable, kPriceVersion, kPriceKey, kPriceRule};
}  // namespace annotation

/// Appends `"name":"value"`, after a comma unless `out` is empty. Of the value as many characters as fit into
/// `most` bytes when escaped. `value` must be UTF-8.
void append_text_member(std::string& out, std::string_view name, std::string_view value, std::size_t most);

/// Appends `text` (one JSON object with at least one member) without its last brace, and with `members`
/// ("name":"value",…) in its `metadata`, which is made when it is absent or null. A `metadata` that is no
/// object stays as it is, without them. Members that carry one of annotation::kAll already are cut: nobody
/// but respand says these. All else is copied as it stands.
void append_with_metadata(std::string& out, std::string_view text, std::string_view members);

}  // namespace respand
