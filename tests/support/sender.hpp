// The other end of a listener: what an app's own code would do.
#pragma once
#include <string>
#include <string_view>

#include "base/fd.hpp"

namespace respand::test {

/// A connected Unix socket. Blocks while the daemon pushes back.
class UnixSender {
  public:
    /// `type`: SOCK_DGRAM or SOCK_STREAM. Check connected() before use.
    UnixSender(const std::string& path, int type);
    bool connected() const { return static_cast<bool>(fd_); }
    /// One datagram, or all bytes on the stream; false when the other end has gone.
    bool send(std::string_view bytes) const;
    /// An empty datagram that carries a file descriptor.
    bool send_fd(int fd) const;
    void close() { fd_.reset(); }

  private:
    UniqueFd fd_;
};

/// A memfd that holds `content`; sealed as the daemon demands, or not.
UniqueFd make_memfd(std::string_view content, bool sealed = true);

bool send_udp(int port, std::string_view bytes);

}  // namespace respand::test
