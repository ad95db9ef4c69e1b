// respanctl's end of the control socket.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "control/http_exchange.hpp"

namespace respand::control {

/// One question over the Unix socket at `path`; blocks, at most kClientTimeout without a byte. `unavailable`
/// when nobody answers, `no_permission` when the socket may not be used.
Result<ClientAnswer> ask(const std::string& path, const std::string& method, const std::string& target,
                         const std::string& body = {});

/// "?name=value&…" for the pairs that have a value, encoded; empty when there is none.
std::string query(const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace respand::control
