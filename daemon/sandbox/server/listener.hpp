// Connections: accepts them, reads requests, sends answers. The only part that knows Beast.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "base/result.hpp"
#include "sandbox/server/api.hpp"
#include "sandbox/server/options.hpp"

namespace boost::asio::ssl {
class context;
}

namespace respand::sandbox {

/// HTTP/1.1 with keep-alive, over TCP or TLS, one request at a time on each connection.
/// All on the io_context's one thread; `io` and `api` must outlive the listener.
class Listener {
  public:
    /// Binds and listens. `tls`: null for plain HTTP.
    static Result<std::unique_ptr<Listener>> open(boost::asio::io_context& io, Api& api,
                                                  const Options& options,
                                                  std::shared_ptr<boost::asio::ssl::context> tls);
    virtual ~Listener() = default;

    virtual boost::asio::ip::tcp::endpoint endpoint() const = 0;
    /// Starts to accept.
    virtual void start() = 0;
    /// Closes the listener and every connection; io_context::run() returns when they have let go.
    virtual void stop() = 0;
};

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
Result<boost::asio::ip::tcp::endpoint> parse_endpoint(const std::string& text);

}  // namespace respand::sandbox
