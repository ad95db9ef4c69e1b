#include "control/control_server.hpp"

#include <sys/socket.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <set>

#include "runtime/unix_socket.hpp"

namespace respand::control {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Protocol = asio::local::stream_protocol;
using Stream = beast::basic_stream<Protocol>;

constexpr std::chrono::seconds kIdleTimeout{30};
constexpr std::chrono::milliseconds kAcceptPause{100};  // after a failed accept (no file descriptors left)

class Server;

/// One connection: question, answer, and again. Lives as long as an operation of its own is under way.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(Protocol::socket socket, Server& server, std::shared_ptr<const Handler> handler)
        : stream_(std::move(socket)), server_(&server), handler_(std::move(handler)) {}
    ~Session();

    void read() {
        parser_.emplace();
        parser_->body_limit(ControlServer::kMaxBody);
        stream_.expires_after(kIdleTimeout);
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](beast::error_code error, std::size_t) {
                             if (!error) self->ask();
                         });
    }

    /// Ends running operations; the session goes when they have told it.
    void close() {
        server_ = nullptr;
        stream_.close();
    }

  private:
    void ask() {
        stream_.expires_never();
        const auto& request = parser_->get();
        keep_alive_ = request.keep_alive();
        const Question question{std::string(request.method_string()), std::string(request.target()),
                                request.body()};
        (*handler_)(question,
                    [self = shared_from_this()](Response response) { self->write(std::move(response)); });
    }

    void write(Response response) {
        if (!server_) return;
        message_ = {static_cast<http::status>(response.status), 11};
        message_.set(http::field::server, "respand");
        message_.set(http::field::content_type, response.content_type);
        message_.keep_alive(keep_alive_);
        message_.body() = std::move(response.body);
        message_.prepare_payload();
        stream_.expires_after(kIdleTimeout);
        http::async_write(stream_, message_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error && self->keep_alive_ && self->server_) self->read();
                          });
    }

    Stream stream_;
    Server* server_;  ///< null once the server has gone or closed
    std::shared_ptr<const Handler> handler_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> message_;
    bool keep_alive_ = false;
};

class Server final : public ControlServer {
  public:
    Server(asio::io_context& io, runtime::BoundSocket socket, Handler handler)
        : acceptor_(io, Protocol(), socket.fd.release()),
          pause_(io),
          path_(std::move(socket.path)),
          handler_(std::make_shared<const Handler>(std::move(handler))) {}
    ~Server() override { close(); }

    void start() override { accept(); }

    void close() override {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        path_.remove();
        for (Session* session : std::exchange(sessions_, {})) session->close();
    }

    void gone(Session* session) { sessions_.erase(session); }

  private:
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, Protocol::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (error) {
                pause_.expires_after(kAcceptPause);
                pause_.async_wait([this](boost::system::error_code stopped) {
                    if (!stopped) accept();
                });
                return;
            }
            if (sessions_.size() < kMaxConnections) {
                auto session = std::make_shared<Session>(std::move(socket), *this, handler_);
                sessions_.insert(session.get());
                session->read();
            }
            accept();
        });
    }

    Protocol::acceptor acceptor_;
    asio::steady_timer pause_;
    runtime::OwnedPath path_;
    std::shared_ptr<const Handler> handler_;
    std::set<Session*> sessions_;
};

Session::~Session() {
    if (server_) server_->gone(this);
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(asio::io_context& io,
                                                           const ControlSettings& settings, Handler handler) {
    auto socket = runtime::bind_unix_socket({settings.path, settings.mode, {}}, SOCK_STREAM);
    if (!socket) return std::unexpected(std::move(socket.error()).within("control socket"));
    if (::listen(socket->fd.get(), SOMAXCONN) != 0)
        return fail(ErrorKind::os, "control socket " + settings.path + ": listen failed");
    return std::make_unique<Server>(io, std::move(*socket), std::move(handler));
}

}  // namespace respand::control
