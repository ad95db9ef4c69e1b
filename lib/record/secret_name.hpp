// Which names of members stand for secrets.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace respand {

/// A name as it is compared: lower case, without '_', '-' and blanks, escapes decoded. Empty when it is too
/// long to be one that matters.
struct SecretName {
    static constexpr std::size_t kMaxSize = 64;
    std::array<char, kMaxSize> text{};
    std::size_t size = 0;
    std::string_view view() const { return {text.data(), size}; }
};

/// From the raw text between a key's quotes; other backslashes are dropped.
SecretName normalised(std::string_view raw);

/// Members whose value is a secret wherever they stand. `name` is normalised.
bool is_secret(std::string_view name);

/// Members inside of which `credentials` is a secret too. `name` is normalised.
bool is_load_balancing(std::string_view name);

/// A quick look that tells most other names from these, by their last three letters. `name` is raw and ends
/// with the name's end; what stands before does not matter.
bool may_be_secret_or_balancing(std::string_view name);

}  // namespace respand
