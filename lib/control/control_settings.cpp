#include "control/control_settings.hpp"

#include <sys/un.h>

#include <cstdio>

namespace respand::control {
namespace {

/// Bytes of a path that fit into a socket address with their terminating zero.
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

std::string octal(std::uint32_t mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", mode);
    return text;
}

}  // namespace

Status ControlSettings::validate() const {
    if (!path.starts_with('/'))
        return fail(ErrorKind::config,
                    "path must be an absolute path (it starts with /), as in /run/respand/control.sock");
    if (path.ends_with('/'))
        return fail(ErrorKind::config, "path " + path + " names a directory; name the socket in it, as in " +
                                           path + "control.sock");
    if (path.size() > kMaxSocketPath)
        return fail(ErrorKind::config, "path has " + std::to_string(path.size()) +
                                           " bytes; a socket's path has at most " +
                                           std::to_string(kMaxSocketPath));
    if (mode > 0777)
        return fail(ErrorKind::config,
                    "mode " + octal(mode) + " is no mode of a socket; take permission bits only, as in 0600");
    // Who reaches this socket reads what was logged and decides what is thrown away.
    if ((mode & 0007) != 0)
        return fail(ErrorKind::config,
                    "mode " + octal(mode) +
                        " would let every user of the machine control the daemon; take 0600 "
                        "(its user and root) or 0660 (its group as well)");
    return {};
}

}  // namespace respand::control
