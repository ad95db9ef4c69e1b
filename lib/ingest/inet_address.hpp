// "127.0.0.1:8126" and "[::1]:8126": where a UDP or TCP listener listens.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace respand::ingest {

/// An IPv4 or IPv6 address with a port, as the socket calls want it.
class InetAddress {
  public:
    /// Numbers only: a host name would make the start of the daemon depend on DNS. Port 0 takes a free one.
    static Result<InetAddress> parse(std::string_view text);
    /// What the socket is really bound to.
    static Result<InetAddress> of_socket(int fd);

    int family() const { return storage_.ss_family; }
    const sockaddr* data() const;
    socklen_t size() const;
    /// Only this machine can send to it (127.0.0.0/8, ::1).
    bool is_loopback() const;
    /// The spelling that parse() takes.
    std::string text() const;

  private:
    sockaddr_storage storage_{};
};

}  // namespace respand::ingest
