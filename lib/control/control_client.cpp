#include "control/control_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/fd.hpp"

namespace respand::control {
namespace {

constexpr timeval kClientTimeout{30, 0};  // an audit of a large spool takes a while

std::unexpected<Error> unreachable(const std::string& path, int code) {
    const std::string why = std::generic_category().message(code);
    if (code == EACCES || code == EPERM)
        return fail(ErrorKind::no_permission, "control socket " + path + ": " + why +
                                                  "; run respanctl as root or as the daemon's user");
    const char* hint = code == ENOENT || code == ECONNREFUSED
                           ? "; is respand running? Name its socket with --socket, or see [control] path"
                           : "";
    return fail(ErrorKind::unavailable, "control socket " + path + ": " + why + hint);
}

Result<UniqueFd> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorKind::usage, "control socket " + path + ": the path is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kClientTimeout, sizeof kClientTimeout);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return unreachable(path, errno);
    return fd;
}

}  // namespace

std::string query(const std::vector<std::pair<std::string, std::string>>& parameters) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        out += (out.empty() ? '?' : '&') + name + '=';
        for (const char c : value) {
            const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' ||
                               c == '_' || c == '~';
            if (plain)
                out += c;
            else
                out += {'%', kHex[static_cast<unsigned char>(c) >> 4U],
                        kHex[static_cast<unsigned char>(c) & 15U]};
        }
    }
    return out;
}

Result<ClientAnswer> ask(const std::string& path, const std::string& method, const std::string& target,
                         const std::string& body) {
    auto fd = connect_to(path);
    if (!fd) return std::unexpected(fd.error());
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: respand\r\nConnection: close\r\n";
    if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    request += "\r\n" + body;
    return exchange(fd->get(), request, "control socket " + path);
}

}  // namespace respand::control
