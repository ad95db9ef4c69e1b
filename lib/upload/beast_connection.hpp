// Connections to one server, and those that wait to be used again. Private to beast_transport.cpp: the only
// header that includes Beast.
#pragma once
#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "upload/request_head.hpp"
#include "upload/resolver.hpp"
#include "upload/tls.hpp"
#include "upload/transport.hpp"

namespace respand::upload {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Steady = std::chrono::steady_clock;
class Exchange;

/// A connection that was idle for longer is not used again: servers and load balancers close idle ones after
/// a minute or so, and a request sent into that moment may or may not have been taken.
constexpr std::chrono::seconds kIdleLifetime{30};
/// Where requests go. Shared by the connections that were opened under it; a reload makes a new one.
struct Server {
    BaseUrl url;
    TlsContext tls;  ///< unused for plain HTTP, but the stream wants one
    std::chrono::microseconds connect_timeout{};
    std::chrono::microseconds request_timeout{};
    Resolver resolver;

    Server(asio::io_context& io, BaseUrl parsed, TlsContext context, const UploadSettings& settings)
        : url(std::move(parsed)),
          tls(std::move(context)),
          connect_timeout(settings.connect_timeout),
          request_timeout(settings.request_timeout),
          resolver(io, url.host, url.port) {}
    std::string place() const { return url.host_header(); }
};

using Parser = http::response_parser<http::string_body>;

/// One TCP connection and what the exchange on it needs until its last handler has run.
struct Connection {
    Connection(asio::io_context& io, std::shared_ptr<Server> where)
        : server(std::move(where)), stream(beast::tcp_stream(io), *server->tls) {}

    beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream); }
    void close() { tcp().close(); }
    /// The other side has closed it, as far as can be seen without asking.
    bool is_dead() {
        char byte = 0;
        const ssize_t got = ::recv(tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        // Under TLS, session tickets may lie there. In plain HTTP nothing may: it would be read as the next
        // answer.
        return got == 0 || (got > 0 && !server->url.tls);
    }
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
    std::optional<Parser> parser;
    Secret head;
    Steady::time_point idle_since{};
};

using ConnectionPtr = std::shared_ptr<Connection>;

/// What the exchanges share. Lives as long as one of them.
struct Core {
    explicit Core(asio::io_context& context) : io(context) {}

    ConnectionPtr take_idle() {
        while (!idle.empty()) {
            ConnectionPtr connection = std::move(idle.back());
            idle.pop_back();
            const bool fresh = Steady::now() - connection->idle_since < kIdleLifetime;
            if (fresh && connection->server == server && !connection->is_dead()) return connection;
            connection->close();
        }
        return nullptr;
    }
    void give_back(ConnectionPtr connection) {
        if (closed || connection->server != server) return connection->close();
        connection->idle_since = Steady::now();
        idle.push_back(std::move(connection));
    }
    void close_idle() {
        for (const ConnectionPtr& connection : idle) connection->close();
        idle.clear();
    }

    asio::io_context& io;
    std::shared_ptr<Server> server;
    std::shared_ptr<const Secret> api_key = std::make_shared<const Secret>();
    std::vector<ConnectionPtr> idle;  ///< at most as many as the caller ran at once
    std::set<std::shared_ptr<Exchange>> running;
    bool closed = false;
};

}  // namespace respand::upload
