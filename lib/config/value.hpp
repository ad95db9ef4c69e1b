// From a value as it stands in the file to a place in the Config, and back. Knows nothing of TOML's parser.
// Inside this room only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/registry.hpp"

namespace respand::config {

/// A TOML value of a type that no key takes ("an array").
struct Unfit {
    std::string_view type;
};
/// An array as far as its elements are of one type that a key takes; empty: of both.
struct RawList {
    std::vector<std::string> texts;
    std::vector<std::int64_t> numbers;
    bool mixed = false;  ///< or of another type
};
using RawValue = std::variant<std::string, std::int64_t, bool, Unfit, RawList>;

/// Puts `value` into `slot` when it is right. Otherwise says what is wrong, to be read behind the key's name:
/// "must be a size such as "4GiB", not an integer". Kind::key_source is not read here.
std::optional<std::string> assign(const Key& key, const RawValue& value, const Slot& slot);

/// The value of a slot as TOML.
std::string to_toml(const Key& key, const Slot& slot);

/// A TOML basic string.
std::string toml_string(std::string_view text);

/// "64KiB to 1GiB", "1 to 65536", "absolute path": what the reference says of a key's values.
std::string describe_range(const Key& key);

}  // namespace respand::config
