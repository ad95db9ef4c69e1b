// What respanctl prints: JSON of the control API → one screen of text. Pure.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::control {

/// `respanctl status`: one screen. `data` when the text is not what GET /status answers.
Result<std::string> status_screen(const std::string& status_json);

/// `respanctl audit`: the books as a sum, and what does not add up.
struct AuditScreen {
    std::string text;
    bool ok = false;
};
Result<AuditScreen> audit_screen(const std::string& audit_json);

}  // namespace respand::control
