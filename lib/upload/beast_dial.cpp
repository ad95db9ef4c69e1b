#include "upload/beast_dial.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

namespace respand::upload {

using boost::system::error_code;
namespace http = boost::beast::http;

void Dial::start() {
    server_->resolver.resolve(server_->connect_timeout, [self = shared_from_this()](Resolved resolved) {
        if (!self->done_) return;
        if (resolved.addresses.empty()) return self->fail(resolved.fault, std::move(resolved.detail));
        self->connect(std::move(resolved.addresses));
    });
}

void Dial::cancel() {
    done_ = nullptr;
    if (connector_) connector_->cancel();
    if (connection_) connection_->close();
}

void Dial::fail(TransportFault fault, std::string detail) { finish({nullptr, fault, std::move(detail)}); }

void Dial::finish(Dialled dialled) {
    if (connection_ && !dialled.connection) connection_->close();
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(dialled));
}

void Dial::connect(std::vector<asio::ip::tcp::endpoint> addresses) {
    connector_ = Connector::start(
        io_, std::move(addresses), server_->connect_timeout,
        [self = shared_from_this()](Connected connected) {
            self->connector_.reset();
            const std::string where = "connecting to " + self->server_->next_hop();
            if (connected.timed_out) return self->fail(TransportFault::timeout, where);
            if (!connected.socket)
                return self->fail(TransportFault::connect_failed, where + ": " + connected.why);
            self->server_->resolver.prefer(connected.address);
            self->connection_ = std::make_shared<Connection>(std::move(*connected.socket), self->server_);
            if (self->server_->tunnels()) return self->ask_proxy();
            if (self->server_->url.tls) return self->shake_hands();
            self->finish({self->connection_, {}, {}});
        });
}

void Dial::ask_proxy() {
    connection_->head = connect_head(server_->url, server_->proxy_authorization);
    connection_->tcp().expires_after(server_->connect_timeout);  // Covers the answer too.
    asio::async_write(connection_->tcp(), asio::buffer(connection_->head.text()),
                      [self = shared_from_this(), connection = connection_](error_code error, std::size_t) {
                          connection->head.wipe();
                          if (!self->done_) return;
                          if (!error) return self->read_proxy();
                          self->fail(TransportFault::connect_failed,
                                     "asking " + self->server_->next_hop() + " for a way to " +
                                         self->server_->place() + ": " + error.message());
                      });
}

void Dial::read_proxy() {
    auto parser = std::make_shared<http::response_parser<http::empty_body>>();
    parser->header_limit(static_cast<std::uint32_t>(kMaxHeaderBytes));
    parser->skip(true);  // After a good answer comes the server's TLS, whatever the headers say.
    http::async_read_header(
        connection_->tcp(), connection_->buffer, *parser,
        [self = shared_from_this(), connection = connection_, parser](error_code error, std::size_t) {
            if (!self->done_) return;
            const std::string who = self->server_->next_hop();
            if (!error)
                return self->proxy_answered(static_cast<int>(parser->get().result_int()),
                                            connection->buffer.size() > 0);
            if (error == beast::error::timeout)
                return self->fail(TransportFault::timeout, "waiting for the answer of " + who);
            const bool not_http = error.category() == make_error_code(http::error::end_of_stream).category();
            if (not_http && error != http::error::end_of_stream && error != http::error::partial_message)
                return self->fail(TransportFault::bad_answer,
                                  who + " does not speak HTTP: " + error.message());
            self->fail(TransportFault::connect_failed, who + " ended the connection: " + error.message());
        });
}

/// Nothing that the proxy says beside its status is repeated: it may quote the login.
void Dial::proxy_answered(int status, bool more) {
    const std::string said = server_->next_hop() + " answered " + std::to_string(status);
    if (status < 200) {
        if (status == 101 || ++interim_answers_ > kMaxInterimAnswers)
            return fail(TransportFault::bad_answer, said + " and no end of it");
        return read_proxy();
    }
    if (status < 300) {
        if (more) return fail(TransportFault::bad_answer, said + " and speaks before it is asked");
        return shake_hands();
    }
    const std::string refusal = said + " to CONNECT " + server_->url.host + ":" + server_->url.port;
    if (status == 407)
        return fail(
            TransportFault::proxy_refused,
            refusal + (server_->proxy->user.empty() ? ": it wants a login" : ": it refuses the login"));
    // It could not reach the server, or has too much to do: that passes.
    if (status >= 500 || status == 408 || status == 429) return fail(TransportFault::connect_failed, refusal);
    fail(TransportFault::proxy_refused, refusal + ": it does not let us through");
}

void Dial::shake_hands() {
    if (const Status expected = Tls::expect(connection_->ssl(), server_->url.host); !expected)
        return fail(TransportFault::tls_failed, expected.error().message);
    connection_->tcp().expires_after(server_->connect_timeout);
    connection_->stream.async_handshake(
        asio::ssl::stream_base::client,
        [self = shared_from_this(), connection = connection_](error_code error) {
            if (self->done_) self->shook_hands(error);
        });
}

void Dial::shook_hands(error_code error) {
    const std::string where = "TLS handshake with " + server_->place();
    if (error == beast::error::timeout) return fail(TransportFault::timeout, where);
    TlsRefusal refusal;
    if (error)
        refusal = server_->tls->explain(connection_->ssl(), error);
    else
        refusal = server_->tls->check_peer(connection_->ssl());
    if (!refusal.why.empty()) return fail(refusal.fault, where + ": " + refusal.why);
    finish({connection_, {}, {}});
}

}  // namespace respand::upload
