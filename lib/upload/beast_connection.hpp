// One connection to a server. Private to the beast_* files.
#pragma once
#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "upload/destination_parts.hpp"
#include "upload/resolver.hpp"
#include "upload/transport.hpp"

namespace respand::upload {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Steady = std::chrono::steady_clock;

/// Interim answers (100, 102, 103) before the real one.
inline constexpr int kMaxInterimAnswers = 8;

/// Where requests go and on which way. Shared by the connections that were opened under it; a reload makes a
/// new one.
struct Server {
    BaseUrl url;
    std::optional<Proxy> proxy;  ///< without its password
    Secret proxy_password;
    Secret proxy_authorization;
    std::shared_ptr<Tls> tls;
    std::chrono::microseconds connect_timeout;
    std::chrono::microseconds request_timeout;
    std::chrono::microseconds max_age;
    Resolver resolver;  ///< of the proxy's name when there is one

    Server(asio::io_context& io, Destination destination, Lookup lookup);
    std::string place() const { return url.host_header(); }
    /// Whom we connect to, for messages.
    std::string next_hop() const { return proxy ? "the proxy " + proxy->place() : place(); }
    bool tunnels() const { return proxy.has_value() && url.tls; }
    /// For a proxy that takes the request itself; else nothing.
    const Secret* forward_authorization() const {
        return proxy.has_value() && !url.tls ? &proxy_authorization : nullptr;
    }
};

/// One TCP connection and what the exchange on it needs until its last handler has run.
struct Connection {
    Connection(asio::ip::tcp::socket socket, std::shared_ptr<Server> where)
        : server(std::move(where)), stream(beast::tcp_stream(std::move(socket)), server->tls->context()) {}

    beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream); }
    void close() { tcp().close(); }
    SSL* ssl() { return stream.native_handle(); }
    /// Nothing lies there that was not asked for, and the other side has not closed, as far as can be seen
    /// without asking. What lies there would be taken for the next answer.
    bool is_quiet();
    /// Calls `use` with the stream that speaks HTTP.
    template <class Use>
    void with_stream(Use use) {
        if (server->url.tls)
            use(stream);
        else
            use(stream.next_layer());
    }

    std::shared_ptr<Server> server;
    beast::ssl_stream<beast::tcp_stream> stream;
    beast::flat_buffer buffer{kMaxHeaderBytes + kMaxResponseBytes};
    Secret head;
    Steady::time_point opened = Steady::now();
    Steady::time_point idle_since{};
    std::uint32_t requests = 0;
};

using ConnectionPtr = std::shared_ptr<Connection>;

}  // namespace respand::upload
