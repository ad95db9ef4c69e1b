// Names that a person asks for.
#pragma once
#include <string_view>

namespace respand::ctl {

/// ASCII letters in any case. A pattern with * (any text) or ? (one byte) must match the whole name; without
/// them it is enough that the name contains it.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace respand::ctl
