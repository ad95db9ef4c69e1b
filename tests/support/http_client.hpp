// A plain HTTP client, for one connection: what it sends is what the test says, byte by byte.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hpp"

namespace respand::test {

struct HttpReply {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

class HttpClient {
  public:
    /// Connects to 127.0.0.1:`port`, or to a Unix socket. Check connected() before use.
    explicit HttpClient(std::uint16_t port);
    explicit HttpClient(const std::string& path);
    bool connected() const { return static_cast<bool>(fd_); }
    int fd() const { return fd_.get(); }

    /// All bytes; false when the other end has gone.
    bool send_raw(std::string_view bytes) const;
    /// A request with Content-Length. `headers`: further lines, each with its "\r\n".
    bool send(std::string_view method, std::string_view target, std::string_view body,
              std::string_view headers = kJson) const;
    static constexpr std::string_view kJson = "Content-Type: application/json\r\n";

    /// The next reply, when it is there. Does not block. `to_head`: it has no body, whatever it says.
    std::optional<HttpReply> try_read(bool to_head = false);
    /// Waits for it; nothing when the connection ended first, or after half a minute.
    std::optional<HttpReply> read();
    /// The other end has closed, and all that it sent was read.
    bool ended() const { return ended_ && input_.empty(); }

  private:
    void fill();
    UniqueFd fd_;
    std::string input_;
    bool ended_ = false;
};

}  // namespace respand::test
