// One connection: requests in, answers out, one after the other. Included by listener.cpp only, for it brings
// Beast.
#pragma once
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "sandbox/server/api.hpp"

namespace respand::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

/// A connection waits this long for the next request, as servers of this kind do.
inline constexpr std::chrono::seconds kIdleTimeout{75};
/// A request must arrive whole, and an answer leave, within this time.
inline constexpr std::chrono::seconds kTransferTimeout{120};
inline constexpr std::chrono::seconds kHandshakeTimeout{10};
/// After an answer that ends the connection early, what the client still sends is read and thrown away for
/// this long; else the kernel would reset the connection and the client never see the answer.
inline constexpr std::chrono::seconds kLingerTimeout{5};
inline constexpr std::uint32_t kMaxHeaderBytes = 64U << 10;
/// Read from the socket at once.
inline constexpr std::size_t kReadChunk = std::size_t{64} << 10;

class Connection {
  public:
    virtual ~Connection() = default;
    virtual void close() = 0;
};

/// What the connections share. Outlives them.
struct Hub {
    Api& api;
    std::size_t max_body;
    std::unordered_set<Connection*> open;
};

/// Runs on the io_context's thread. Lives in its own pending handlers, of which there is always exactly one;
/// ends when the peer leaves, a time-out passes, or close() is called.
template <class Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
    static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  public:
    template <class... Arguments>
    Session(Hub& hub, Arguments&&... stream)
        : hub_(hub), stream_(std::forward<Arguments>(stream)...), timer_(stream_.get_executor()) {
        hub_.open.insert(this);
        hub_.api.connection_opened();
    }
    ~Session() override {
        hub_.open.erase(this);
        hub_.api.connection_closed();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void start() {
        if constexpr (kTls) {
            lowest().expires_after(kHandshakeTimeout);
            stream_.async_handshake(asio::ssl::stream_base::server, handler(&Session::on_handshake));
        } else {
            read_request();
        }
    }

    void close() override {
        timer_.cancel();
        lowest().close();
    }

  private:
    beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

    template <class Member>
    auto handler(Member member) {
        return beast::bind_front_handler(member, this->shared_from_this());
    }

    void on_handshake(beast::error_code error) {
        if (error) return close();
        read_request();
    }

    void read_request() {
        parser_.emplace();
        parser_->header_limit(kMaxHeaderBytes);
        parser_->body_limit(hub_.max_body);
        lowest().expires_after(kIdleTimeout);
        http::async_read_header(stream_, buffer_, *parser_, handler(&Session::on_header));
    }

    void on_header(beast::error_code error, std::size_t) {
        if (error) return refuse(error);
        lowest().expires_after(kTransferTimeout);
        if (parser_->content_length().value_or(kReadChunk) >= kReadChunk) buffer_.reserve(kReadChunk);
        if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
            response_ = {};
            response_.version(parser_->get().version());
            response_.result(http::status::continue_);
            http::async_write(stream_, response_, handler(&Session::on_continue));
        } else {
            read_body();
        }
    }

    void on_continue(beast::error_code error, std::size_t) {
        if (error) return close();
        read_body();
    }

    void read_body() { http::async_read(stream_, buffer_, *parser_, handler(&Session::on_request)); }

    void on_request(beast::error_code error, std::size_t) {
        if (error) return refuse(error);
        const auto& message = parser_->get();
        const HttpRequest request{message.method_string(),
                                  message.target(),
                                  message[http::field::content_type],
                                  message[http::field::content_encoding],
                                  message[http::field::authorization],
                                  message.body()};
        answer_ = hub_.api.handle(request);
        keep_alive_ = message.keep_alive();
        if (answer_.delay <= answer_.delay.zero()) return answer();
        lowest().expires_never();
        timer_.expires_after(answer_.delay);
        timer_.async_wait(handler(&Session::on_delay));
    }

    void on_delay(beast::error_code error) {
        if (error) return close();
        answer();
    }

    /// A request that did not come whole: answered where somebody may be listening, then the connection ends.
    void refuse(beast::error_code error) {
        const bool is_http_fault =
            error.category() == http::make_error_code(http::error::end_of_stream).category();
        if (!is_http_fault || error == http::error::end_of_stream || error == http::error::partial_message)
            return finish();
        const auto& message = parser_->get();
        answer_ = error == http::error::body_limit
                      ? hub_.api.body_too_large(message.method_string(), message.target())
                      : hub_.api.malformed(error.message());
        keep_alive_ = false;
        unread_input_ = true;
        answer();
    }

    void answer() {
        if (answer_.reset) return reset();
        const auto& request = parser_->get();
        response_ = {};
        response_.version(request.version() == 10 ? 10 : 11);
        response_.result(static_cast<unsigned>(answer_.status));
        response_.set(http::field::server, "respan-sandbox");
        response_.set(http::field::content_type, answer_.content_type);
        for (const auto& [name, value] : answer_.headers) response_.set(name, value);
        if (request.method() == http::verb::head) answer_.body.clear();
        response_.body() = std::move(answer_.body);
        response_.keep_alive(keep_alive_);
        response_.prepare_payload();
        lowest().expires_after(kTransferTimeout);
        http::async_write(stream_, response_, handler(&Session::on_answered));
    }

    void on_answered(beast::error_code error, std::size_t) {
        if (error) return close();
        if (unread_input_) return linger();
        if (!keep_alive_) return finish();
        read_request();
    }

    /// Ends in order, as far as the peer plays along.
    void finish() {
        if constexpr (kTls) {
            lowest().expires_after(kLingerTimeout);
            stream_.async_shutdown(handler(&Session::on_tls_shutdown));
        } else {
            beast::error_code ignored;
            lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
            close();
        }
    }

    void on_tls_shutdown(beast::error_code) { close(); }

    void linger() {
        beast::error_code ignored;
        lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
        buffer_.clear();
        lowest().expires_after(kLingerTimeout);
        discard();
    }

    void discard() { lowest().async_read_some(buffer_.prepare(kReadChunk), handler(&Session::on_discarded)); }

    void on_discarded(beast::error_code error, std::size_t) {
        if (error) return close();
        discard();
    }

    /// RST instead of FIN.
    void reset() {
        beast::error_code ignored;
        lowest().socket().set_option(asio::socket_base::linger(true, 0), ignored);
        close();
    }

    Hub& hub_;
    Stream stream_;
    asio::steady_timer timer_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
    HttpAnswer answer_;
    bool keep_alive_ = true;
    bool unread_input_ = false;
};

}  // namespace respand::sandbox
