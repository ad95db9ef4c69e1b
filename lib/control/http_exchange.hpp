// One HTTP request over a connected socket, and its answer.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace respand::control {

struct ClientAnswer {
    int status = 0;
    std::string body;
};

/// Sends `request`, head and body, and reads one answer; blocks, as long as the socket's own time-outs let
/// it. `peer`: for messages. `unavailable` when the connection breaks, `data` for what is no HTTP.
Result<ClientAnswer> exchange(int fd, std::string_view request, const std::string& peer);

}  // namespace respand::control
