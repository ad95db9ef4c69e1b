#include "sandbox/server/listener.hpp"

#include <charconv>

#include "sandbox/server/session.hpp"

namespace respand::sandbox {
namespace {

/// Waits this long when no more connections can be taken (no file descriptors left).
constexpr std::chrono::milliseconds kAcceptPause{100};

class TcpListener final : public Listener {
  public:
    TcpListener(asio::io_context& io, tcp::acceptor acceptor, Api& api, std::size_t max_body,
                std::shared_ptr<asio::ssl::context> tls)
        : acceptor_(std::move(acceptor)), pause_(io), tls_(std::move(tls)), hub_{api, max_body, {}} {}

    tcp::endpoint endpoint() const override { return acceptor_.local_endpoint(); }
    void start() override { accept(); }

    void stop() override {
        stopping_ = true;
        beast::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        for (Connection* connection : hub_.open) connection->close();  // each goes when its handler has run
    }

  private:
    void accept() {
        acceptor_.async_accept(
            [this](beast::error_code error, tcp::socket socket) { on_accept(error, std::move(socket)); });
    }

    void on_accept(beast::error_code error, tcp::socket socket) {
        if (stopping_) return;
        if (error) return pause(error);
        beast::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        if (tls_)
            std::make_shared<Session<TlsStream>>(hub_, std::move(socket), *tls_)->start();
        else
            std::make_shared<Session<beast::tcp_stream>>(hub_, std::move(socket))->start();
        accept();
    }

    void pause(beast::error_code error) {
        if (error == asio::error::connection_aborted) return accept();  // the client changed its mind
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](beast::error_code) {
            if (!stopping_) accept();
        });
    }

    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::shared_ptr<asio::ssl::context> tls_;
    Hub hub_;
    bool stopping_ = false;
};

std::unexpected<Error> cant_listen(const std::string& where, beast::error_code error) {
    if (error == asio::error::address_in_use)
        return fail(
            ErrorKind::unavailable,
            where + " is in use by another program: stop it, or choose another port (0 takes a free one)");
    if (error == asio::error::access_denied)
        return fail(ErrorKind::no_permission,
                    where + " is not allowed for this user: choose a port of 1024 or more");
    return fail(ErrorKind::unavailable, "can't listen on " + where + ": " + error.message());
}

}  // namespace

Result<tcp::endpoint> parse_endpoint(const std::string& text) {
    const auto wrong = [&] {
        return fail(
            ErrorKind::usage,
            "'" + text + "' must read ADDRESS:PORT, such as 127.0.0.1:8080, [::1]:8080 or " + "localhost:0");
    };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return wrong();
    std::string host = text.substr(0, colon);
    const std::string_view digits = std::string_view(text).substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (fault != std::errc{} || end != digits.data() + digits.size()) return wrong();
    if (host == "localhost") host = "127.0.0.1";
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    beast::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || address.is_v6() != bracketed) return wrong();
    return tcp::endpoint(address, port);
}

Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& io, Api& api, const Options& options,
                                                 std::shared_ptr<asio::ssl::context> tls) {
    const auto endpoint = parse_endpoint(options.listen);
    if (!endpoint) return std::unexpected(endpoint.error());
    tcp::acceptor acceptor(io);
    beast::error_code error;
    acceptor.open(endpoint->protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(*endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return cant_listen(options.listen, error);
    return std::make_unique<TcpListener>(io, std::move(acceptor), api, options.max_body, std::move(tls));
}

}  // namespace respand::sandbox
