// What `respanctl audit` prints: JSON of GET /audit → the balance, line by line. Pure.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::control {

struct AuditScreen {
    std::string text;
    bool ok = false;  ///< the books add up
};

/// Each equation with its lines, where each comes from (the ledger, or rows that were counted), both sums and
/// their difference; then what stands beside the equations, and every fault. `data` when the text is not what
/// GET /audit answers.
Result<AuditScreen> audit_screen(const std::string& audit_json);

}  // namespace respand::control
