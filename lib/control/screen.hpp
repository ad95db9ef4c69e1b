// What respanctl prints: JSON of the control API → one screen of text. Pure.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::control {

/// `respanctl status`: one screen. `data` when the text is not what GET /status answers.
Result<std::string> status_screen(const std::string& status_json);

}  // namespace respand::control
