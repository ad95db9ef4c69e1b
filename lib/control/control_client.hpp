// respanctl's end of the control socket.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::control {

struct ClientAnswer {
    int status = 0;
    std::string body;
};

/// One GET over the Unix socket at `path`; blocks, at most kClientTimeout. `unavailable` when nobody answers,
/// `no_permission` when the socket may not be used.
Result<ClientAnswer> get(const std::string& path, const std::string& target);

}  // namespace respand::control
