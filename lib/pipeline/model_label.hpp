// Model names come from outside: what of them may stand in a log line, a table or a terminal.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace respand::pipeline {

/// Bytes of a label. The longest of 3,000 known names has 76.
inline constexpr std::size_t kMaxModelLabel = 128;

/// The name in whole characters up to kMaxModelLabel bytes, with "..." at the end when it was cut. Control
/// characters become '?'.
std::string model_label(std::string_view model);

}  // namespace respand::pipeline
