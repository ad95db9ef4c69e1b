#include "ingest/inet_address.hpp"

#include <arpa/inet.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace respand::ingest {
namespace {

std::unexpected<Error> malformed(std::string_view text, const std::string& why) {
    return fail(ErrorKind::config, "'" + std::string(text) + "' is not an address to listen on (" + why +
                                       "); write it like 127.0.0.1:8126 or [::1]:8126");
}

}  // namespace

Result<InetAddress> InetAddress::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return malformed(text, "it has no port");
    std::string_view host = text.substr(0, colon);
    const std::string_view port_text = text.substr(colon + 1);

    std::uint16_t port = 0;
    const char* const end = port_text.data() + port_text.size();
    const auto [stop, code] = std::from_chars(port_text.data(), end, port);
    if (code != std::errc{} || stop != end) return malformed(text, "the port is not a number up to 65535");

    InetAddress address;
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        if (::inet_pton(AF_INET6, std::string(host).c_str(), &v6.sin6_addr) != 1)
            return malformed(text, "no IPv6 address stands in the brackets");
        std::memcpy(&address.storage_, &v6, sizeof v6);
        return address;
    }
    if (host.find(':') != std::string_view::npos)
        return malformed(text, "an IPv6 address needs brackets around it");
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (::inet_pton(AF_INET, std::string(host).c_str(), &v4.sin_addr) != 1)
        return malformed(text, "the address is not written in numbers");
    std::memcpy(&address.storage_, &v4, sizeof v4);
    return address;
}

Result<InetAddress> InetAddress::of_socket(int fd) {
    InetAddress address;
    socklen_t size = sizeof address.storage_;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage_), &size) != 0)
        return fail(ErrorKind::os, "getsockname: " + std::generic_category().message(errno));
    return address;
}

const sockaddr* InetAddress::data() const { return reinterpret_cast<const sockaddr*>(&storage_); }

socklen_t InetAddress::size() const {
    return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

bool InetAddress::is_loopback() const {
    if (family() == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage_, sizeof v6);
        return std::memcmp(&v6.sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0;
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &storage_, sizeof v4);
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
}

std::string InetAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> host{};
    if (family() == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage_, sizeof v6);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, host.data(), host.size());
        return "[" + std::string(host.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &storage_, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, host.data(), host.size());
    return std::string(host.data()) + ":" + std::to_string(ntohs(v4.sin_port));
}

}  // namespace respand::ingest
