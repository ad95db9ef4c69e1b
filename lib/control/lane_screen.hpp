// Lanes as a table for people. Pure.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::control {

/// The table of `respanctl lane list` and `status`. `data` when the text is not what GET /lanes answers.
Result<std::string> lanes_screen(const std::string& lanes_json);

}  // namespace respand::control
