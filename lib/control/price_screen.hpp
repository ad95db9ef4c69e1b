// What `respanctl price coverage` prints. Pure.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::control {

/// `coverage_json`: the answer to GET /prices/coverage; `data` when it is something else.
Result<std::string> coverage_screen(const std::string& coverage_json);

}  // namespace respand::control
