#include "ingest/open_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "base/log.hpp"
#include "ingest/inet_address.hpp"

namespace respand::ingest {
namespace {

std::string errno_text(int error) { return std::generic_category().message(error); }

Status set_option(int fd, int level, int option, int value, const char* option_name) {
    if (::setsockopt(fd, level, option, &value, sizeof value) == 0) return {};
    return fail(ErrorKind::os, std::string(option_name) + ": " + errno_text(errno));
}

/// -1 when the descriptor is no socket.
int get_option(int fd, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

Status set_flags(int fd) {
    const int status = ::fcntl(fd, F_GETFL);
    const int descriptor = ::fcntl(fd, F_GETFD);
    if (status < 0 || descriptor < 0 || ::fcntl(fd, F_SETFL, status | O_NONBLOCK) != 0 ||
        ::fcntl(fd, F_SETFD, descriptor | FD_CLOEXEC) != 0)
        return fail(ErrorKind::os, "fcntl on an inherited socket: " + errno_text(errno));
    return {};
}

/// Where an inherited Unix socket is bound, for people; "@name" for the abstract namespace.
std::string unix_address(int fd) {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        size <= offsetof(sockaddr_un, sun_path))
        return "(without a name)";
    std::string path(address.sun_path, size - offsetof(sockaddr_un, sun_path));
    if (path.front() == '\0') {
        path.front() = '@';
        return path;
    }
    return path.c_str();  // up to the closing zero
}

/// A bound socket for UDP (SOCK_DGRAM) or TCP (SOCK_STREAM).
Result<UniqueFd> bind_inet(const std::string& listen, int type) {
    const auto address = InetAddress::parse(listen);
    if (!address) return std::unexpected(address.error());
    const std::string port = (type == SOCK_DGRAM ? "UDP port " : "TCP port ") + listen;
    UniqueFd fd(::socket(address->family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail(ErrorKind::os, "socket for " + port + ": " + errno_text(errno));
    if (address->family() == AF_INET6)  // [::] means IPv6 here, whatever net.ipv6.bindv6only says
        if (auto set = set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY"); !set)
            return std::unexpected(set.error());
    if (type == SOCK_STREAM)  // else the connections of the last run keep the port for a minute
        if (auto set = set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"); !set)
            return std::unexpected(set.error());
    if (::bind(fd.get(), address->data(), address->size()) == 0) return fd;
    const int error = errno;
    if (error == EADDRINUSE)
        return fail(ErrorKind::unavailable,
                    port + " is in use by another process; stop it or set another port");
    if (error == EACCES)
        return fail(ErrorKind::no_permission, port + " is below 1024 and kept for root; set another port");
    if (error == EADDRNOTAVAIL)
        return fail(ErrorKind::config,
                    "the address of " + port + " does not belong to this machine; set one that does");
    return fail(ErrorKind::os, "bind to " + port + ": " + errno_text(error));
}

/// Asks for the buffer, beyond net.core.rmem_max when we are allowed to; says so when it stays smaller.
Status set_up_udp(int fd, const UdpSettings& settings) {
    const int wanted = static_cast<int>(settings.receive_buffer.value);
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
        if (auto set = set_option(fd, SOL_SOCKET, SO_RCVBUF, wanted, "SO_RCVBUF"); !set) return set;
    const int got = get_option(fd, SO_RCVBUF) / 2;  // the kernel reports twice what was asked
    if (got < wanted)
        spdlog::warn(
            "ingest.udp: the receive buffer is {} and not {}; raise net.core.rmem_max to let a burst in",
            format(ByteCount{static_cast<std::uint64_t>(std::max(got, 0))}), format(settings.receive_buffer));
    return set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1, "SO_RXQ_OVFL");
}

Result<OpenSocket> finish_udp(UniqueFd fd, const UdpSettings& settings, bool inherited) {
    if (auto set = set_up_udp(fd.get(), settings); !set) return std::unexpected(set.error());
    const auto address = InetAddress::of_socket(fd.get());
    if (!address) return std::unexpected(address.error());
    return OpenSocket{std::move(fd), address->text(), {}, inherited};
}

}  // namespace

Result<OpenSocket> open_unix_datagram(const UnixDatagramSettings& settings) {
    auto bound = runtime::bind_unix_socket(settings.socket, SOCK_DGRAM);
    if (!bound) return std::unexpected(bound.error());
    return OpenSocket{std::move(bound->fd), settings.socket.path, std::move(bound->path), false};
}

Result<OpenSocket> open_unix_stream(const SocketFile& file) {
    auto bound = runtime::bind_unix_socket(file, SOCK_STREAM);
    if (!bound) return std::unexpected(bound.error());
    if (::listen(bound->fd.get(), SOMAXCONN) != 0)
        return fail(ErrorKind::os, "listen on " + file.path + ": " + errno_text(errno));
    return OpenSocket{std::move(bound->fd), file.path, std::move(bound->path), false};
}

Result<OpenSocket> open_udp(const UdpSettings& settings) {
    auto fd = bind_inet(settings.listen, SOCK_DGRAM);
    if (!fd) return std::unexpected(fd.error());
    return finish_udp(std::move(*fd), settings, false);
}

Result<OpenSocket> open_tcp(const std::string& listen) {
    auto fd = bind_inet(listen, SOCK_STREAM);
    if (!fd) return std::unexpected(fd.error());
    if (::listen(fd->get(), SOMAXCONN) != 0)
        return fail(ErrorKind::os, "listen on " + listen + ": " + errno_text(errno));
    const auto address = InetAddress::of_socket(fd->get());
    if (!address) return std::unexpected(address.error());
    return OpenSocket{std::move(*fd), address->text(), {}, false};
}

Result<OpenSocket> adopt_unix_datagram(UniqueFd fd) {
    if (get_option(fd.get(), SO_DOMAIN) != AF_UNIX || get_option(fd.get(), SO_TYPE) != SOCK_DGRAM)
        return fail(
            ErrorKind::config,
            "the inherited socket 'respand-datagram' is not a Unix datagram socket; in the socket unit, "
            "write ListenDatagram= with a path");
    if (auto set = set_flags(fd.get()); !set) return std::unexpected(set.error());
    if (auto set = set_option(fd.get(), SOL_SOCKET, SO_PASSCRED, 1, "SO_PASSCRED"); !set)
        return std::unexpected(set.error());
    std::string address = unix_address(fd.get());
    return OpenSocket{std::move(fd), std::move(address), {}, true};
}

Result<OpenSocket> adopt_unix_stream(UniqueFd fd) {
    if (get_option(fd.get(), SO_DOMAIN) != AF_UNIX || get_option(fd.get(), SO_TYPE) != SOCK_STREAM ||
        get_option(fd.get(), SO_ACCEPTCONN) != 1)
        return fail(
            ErrorKind::config,
            "the inherited socket 'respand-stream' is not a listening Unix stream socket; in the socket "
            "unit, write ListenStream= with a path, and Accept=no");
    if (auto set = set_flags(fd.get()); !set) return std::unexpected(set.error());
    std::string address = unix_address(fd.get());
    return OpenSocket{std::move(fd), std::move(address), {}, true};
}

Result<OpenSocket> adopt_udp(UniqueFd fd, const UdpSettings& settings) {
    const int domain = get_option(fd.get(), SO_DOMAIN);
    if ((domain != AF_INET && domain != AF_INET6) || get_option(fd.get(), SO_PROTOCOL) != IPPROTO_UDP)
        return fail(ErrorKind::config,
                    "the inherited socket 'respand-udp' is not a UDP socket; in the socket unit, write "
                    "ListenDatagram= with an address and a port");
    const auto address = InetAddress::of_socket(fd.get());
    if (!address) return std::unexpected(address.error());
    if (!address->is_loopback() && !settings.allow_remote)
        return fail(
            ErrorKind::config,
            "the inherited socket 'respand-udp' listens on " + address->text() +
                ", which other machines can reach; in the socket unit, write ListenDatagram=127.0.0.1:PORT, "
                "or set ingest.udp.allow_remote = true");
    if (auto set = set_flags(fd.get()); !set) return std::unexpected(set.error());
    return finish_udp(std::move(fd), settings, true);
}

Result<OpenSocket> adopt_http(UniqueFd fd, const HttpSettings& settings) {
    const int domain = get_option(fd.get(), SO_DOMAIN);
    if ((domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX) ||
        get_option(fd.get(), SO_TYPE) != SOCK_STREAM || get_option(fd.get(), SO_ACCEPTCONN) != 1)
        return fail(
            ErrorKind::config,
            "the inherited socket 'respand-http' is not a listening TCP or Unix stream socket; in the "
            "socket unit, write ListenStream= with an address and a port or a path, and Accept=no");
    if (auto set = set_flags(fd.get()); !set) return std::unexpected(set.error());
    if (domain == AF_UNIX) {
        std::string address = unix_address(fd.get());
        return OpenSocket{std::move(fd), std::move(address), {}, true};
    }
    const auto address = InetAddress::of_socket(fd.get());
    if (!address) return std::unexpected(address.error());
    if (!address->is_loopback() && !settings.allow_remote)
        return fail(
            ErrorKind::config,
            "the inherited socket 'respand-http' listens on " + address->text() +
                ", which other machines can reach; in the socket unit, write ListenStream=127.0.0.1:PORT, "
                "or set ingest.http.allow_remote = true");
    return OpenSocket{std::move(fd), address->text(), {}, true};
}

}  // namespace respand::ingest
