#include "upload/beast_transport.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

#include "base/log.hpp"
#include "upload/beast_connection.hpp"

namespace respand::upload {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

/// Interim answers (100, 103) before the real one.
constexpr int kMaxInterimAnswers = 8;
/// Bytes that go to the system in one piece. What is not yet acknowledged by it may have left all the same.
constexpr std::size_t kWriteAtOnce = 64 << 10;

}  // namespace

/// One request and its answer: [resolve → connect → handshake →] write and read at the same time.
///
/// Reading begins with the write, because a server may answer early (413) and stop reading or close. Handlers
/// hold the exchange and the connection they belong to; a handler of a connection that was given up does
/// nothing.
class Exchange : public std::enable_shared_from_this<Exchange> {
  public:
    Exchange(std::shared_ptr<Core> core, Request request, std::function<void(Reply)> done)
        : core_(std::move(core)),
          server_(core_->server),
          key_(core_->api_key),
          request_(std::move(request)),
          done_(std::move(done)) {}

    void start() {
        connection_ = core_->take_idle();
        reused_ = connection_ != nullptr;
        if (reused_)
            talk();
        else
            resolve();
    }

    void cancel() {
        if (finished_) return;
        if (connection_) connection_->close();
        Reply reply =
            fault(TransportFault::cancelled, "the request to " + server_->place() + " was given up");
        reply.may_have_arrived = may_have_arrived();
        finished_ = true;
        asio::post(core_->io,
                   [done = std::move(done_), reply = std::move(reply)]() mutable { done(std::move(reply)); });
    }

  private:
    Reply fault(TransportFault kind, std::string detail) const {
        Reply reply;
        reply.fault = kind;
        reply.detail = std::move(detail);
        return reply;
    }
    void fail(TransportFault kind, std::string detail) { finish(fault(kind, std::move(detail))); }

    void finish(Reply reply) {
        if (finished_) return;
        finished_ = true;
        reply.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - started_);
        const bool answered = reply.status != 0;
        reply.may_have_arrived = answered ? copy_may_have_arrived_ : may_have_arrived();
        for (const auto& key : {key_, core_->api_key}) {  // It may have been replaced since.
            redact(reply.body, *key);
            redact(reply.detail, *key);
        }
        if (connection_) connection_->close();  // One that is fit to be used again was given back before.
        core_->running.erase(shared_from_this());
        const auto done = std::move(done_);
        done(std::move(reply));
    }

    /// Whether the whole request may be at the server, now or by an earlier try.
    bool may_have_arrived() const {
        return copy_may_have_arrived_ || (sending_ && bytes_left_ <= kWriteAtOnce);
    }

    void resolve() {
        server_->resolver.resolve(server_->connect_timeout, [self = shared_from_this()](Resolved resolved) {
            if (self->finished_) return;
            if (resolved.addresses.empty()) return self->fail(resolved.fault, std::move(resolved.detail));
            self->addresses_ = std::move(resolved.addresses);
            self->connect(0);
        });
    }

    void connect(std::size_t index) {
        connection_ = std::make_shared<Connection>(core_->io, server_);
        // An address that swallows packets must leave time for the next one.
        connection_->tcp().expires_after(server_->connect_timeout /
                                         static_cast<std::int64_t>(addresses_.size()));
        connection_->tcp().async_connect(
            addresses_[index],
            [self = shared_from_this(), connection = connection_, index](error_code error) {
                if (!self->finished_) self->connected(index, error);
            });
    }

    void connected(std::size_t index, error_code error) {
        if (!error) {
            server_->resolver.prefer(addresses_[index]);
            error_code ignored;  // Without it, small requests are merely slower.
            connection_->tcp().socket().set_option(tcp::no_delay(true), ignored);
            return server_->url.tls ? shake_hands() : talk();
        }
        connection_->close();
        if (index + 1 < addresses_.size()) return connect(index + 1);
        std::string where = server_->place();
        if (addresses_.size() > 1)
            where += " (" + addresses_[index].address().to_string() + ", the last of " +
                     std::to_string(addresses_.size()) + " addresses)";
        if (error == beast::error::timeout) return fail(TransportFault::timeout, "connecting to " + where);
        fail(TransportFault::connect_failed, "connecting to " + where + ": " + error.message());
    }

    void shake_hands() {
        if (const Status expected = expect_host(connection_->stream.native_handle(), server_->url.host);
            !expected)
            return fail(TransportFault::tls_failed, expected.error().message);
        connection_->tcp().expires_after(server_->connect_timeout);
        connection_->stream.async_handshake(
            asio::ssl::stream_base::client,
            [self = shared_from_this(), connection = connection_](error_code error) {
                if (!self->finished_) self->shook_hands(error);
            });
    }

    void shook_hands(error_code error) {
        if (!error) return talk();
        const std::string where = "TLS handshake with " + server_->place();
        if (error == beast::error::timeout) return fail(TransportFault::timeout, where);
        const std::string refusal = certificate_refusal(connection_->stream.native_handle());
        if (!refusal.empty()) return fail(TransportFault::tls_untrusted, where + ": " + refusal);
        fail(TransportFault::tls_failed, where + ": " + error.message());
    }

    void talk() {
        Connection& connection = *connection_;
        write_done_ = false;
        write_error_ = {};
        connection.head = request_head(server_->url, request_.target, *key_, request_.body.size());
        std::vector<asio::const_buffer> buffers;
        buffers.reserve(request_.body.pieces.size() + 1);
        buffers.emplace_back(asio::buffer(connection.head.text()));
        for (const std::string_view piece : request_.body.pieces)
            buffers.emplace_back(piece.data(), piece.size());
        connection.tcp().expires_after(server_->request_timeout);  // Covers the write and the whole answer.
        sending_ = true;
        bytes_left_ = asio::buffer_size(buffers);
        const auto count = [self = shared_from_this(), kept = connection_, size = bytes_left_](
                               error_code error, std::size_t sent) -> std::size_t {
            if (kept == self->connection_) self->bytes_left_ = size - sent;
            return error ? 0 : kWriteAtOnce;
        };
        connection.with_stream([&](auto& stream) {
            asio::async_write(stream, buffers, count,
                              [self = shared_from_this(), kept = connection_](error_code error, std::size_t) {
                                  self->written(*kept, error);
                              });
        });
        read();
    }

    void written(Connection& connection, error_code error) {
        connection.head.wipe();
        if (finished_ || &connection != connection_.get()) return;
        write_done_ = true;
        write_error_ = error;  // Not the end: the answer may be on its way, and reading says when it is not.
    }

    void read() {
        Connection& connection = *connection_;
        connection.parser.emplace();
        connection.parser->header_limit(static_cast<std::uint32_t>(kMaxHeaderBytes));
        connection.parser->body_limit(kMaxResponseBytes);
        connection.with_stream([&](auto& stream) {
            http::async_read(stream, connection.buffer, *connection.parser,
                             [self = shared_from_this(), kept = connection_](error_code error, std::size_t) {
                                 if (!self->finished_ && kept == self->connection_) self->was_read(error);
                             });
        });
    }

    void was_read(error_code error) {
        Parser& parser = *connection_->parser;
        const unsigned status = parser.is_header_done() ? parser.get().result_int() : 0;
        if (!error && status >= 100 && status < 200 && status != 101) {
            if (++interim_answers_ > kMaxInterimAnswers)
                return fail(TransportFault::bad_answer,
                            server_->place() + " sends interim answers without end");
            return read();
        }
        if (!error) return answered(false);
        if (error == http::error::body_limit) return answered(true);
        const bool heard_nothing = !parser.got_some() && connection_->buffer.size() == 0;
        const bool timed_out = error == beast::error::timeout || error == asio::error::operation_aborted;
        if (reused_ && heard_nothing && !timed_out) {
            // Most likely the server closed the idle connection before it saw the request. It may also have
            // taken it and died: then the records arrive twice, which at-least-once allows.
            copy_may_have_arrived_ = may_have_arrived();
            sending_ = false;
            connection_->close();
            reused_ = false;
            return resolve();
        }
        broken(error, timed_out, heard_nothing);
    }

    void broken(error_code error, bool timed_out, bool heard_nothing) {
        const std::string where = server_->place();
        if (timed_out) {
            const char* phase = write_done_ ? "waiting for the answer of " : "sending to ";
            return fail(TransportFault::timeout, phase + where);
        }
        if (error.category() == asio::error::get_ssl_category())
            return fail(TransportFault::tls_failed, "reading from " + where + ": " + error.message());
        const bool ended = error == http::error::end_of_stream || error == http::error::partial_message ||
                           error == asio::ssl::error::stream_truncated;
        const bool not_http =
            !ended && error.category() == make_error_code(http::error::end_of_stream).category();
        if (not_http)
            return fail(TransportFault::bad_answer, where + " does not speak HTTP: " + error.message());
        const error_code cause = ended && write_error_ ? write_error_ : error;
        const std::string why = ended && !write_error_ ? "the server closed the connection" : cause.message();
        fail(TransportFault::reset,
             where + (heard_nothing ? ", before an answer: " : ", in the middle of the answer: ") + why);
    }

    void answered(bool body_cut) {
        Parser& parser = *connection_->parser;
        auto& message = parser.get();
        const auto header = [&message](std::string_view field) -> std::optional<std::string> {
            const auto found = message.find(beast::string_view(field.data(), field.size()));
            if (found == message.end()) return {};
            return std::string(found->value().data(), found->value().size());
        };
        Reply reply;
        reply.status = static_cast<int>(message.result_int());
        reply.body_cut = body_cut;
        reply.retry_after = header("Retry-After");
        reply.retry_after_ms = header("retry-after-ms");
        reply.rate_limit_reset = header("x-ratelimit-reset");
        reply.date = header("Date");
        reply.location = header("Location");
        const bool reusable = !body_cut && write_done_ && !write_error_ && parser.keep_alive() &&
                              connection_->buffer.size() == 0;
        reply.body = std::move(message.body());
        if (reusable) {
            connection_->tcp().expires_never();
            core_->give_back(std::exchange(connection_, nullptr));
        }
        finish(std::move(reply));
    }

    std::shared_ptr<Core> core_;
    std::shared_ptr<Server> server_;
    std::shared_ptr<const Secret> key_;
    Request request_;
    std::function<void(Reply)> done_;
    ConnectionPtr connection_;
    std::vector<tcp::endpoint> addresses_;
    Steady::time_point started_ = Steady::now();
    error_code write_error_;
    int interim_answers_ = 0;
    std::size_t bytes_left_ = 0;  ///< of the request on this connection, not yet taken by the system
    bool sending_ = false;        ///< on this connection, or sent
    bool copy_may_have_arrived_ = false;
    bool reused_ = false;
    bool write_done_ = false;
    bool finished_ = false;
};

namespace {

class BeastTransport final : public HttpTransport {
  public:
    explicit BeastTransport(asio::io_context& io) : core_(std::make_shared<Core>(io)) {}
    BeastTransport(const BeastTransport&) = delete;
    BeastTransport& operator=(const BeastTransport&) = delete;
    ~BeastTransport() override {
        core_->closed = true;
        end_all();
    }

    void send(Request request, std::function<void(Reply)> done) override {
        auto exchange = std::make_shared<Exchange>(core_, std::move(request), std::move(done));
        core_->running.insert(exchange);
        exchange->start();
    }

    void cancel() override { end_all(); }

    void set_api_key(std::string key) override {
        if (const Status usable = check_api_key(key))
            core_->api_key = std::make_shared<const Secret>(key);
        else
            spdlog::error("{}. The key in force stays", usable.error().message);
        OPENSSL_cleanse(key.data(), key.size());
    }

    Status reload(const UploadSettings& settings, std::string api_key) override {
        auto url = parse_base_url(settings.base_url);
        if (!url) return std::unexpected(url.error());
        if (!url->tls && !is_loopback(url->host)) {
            return fail(ErrorKind::config, "base_url \"" + settings.base_url +
                                               "\": plain http is allowed for loopback only, use https");
        }
        if (Status usable = check_api_key(api_key); !usable) return usable;
        auto tls =
            url->tls
                ? make_tls_context(settings.ca_file)
                : Result<TlsContext>(std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client));
        if (!tls) return std::unexpected(tls.error());
        core_->server = std::make_shared<Server>(core_->io, std::move(*url), std::move(*tls), settings);
        core_->close_idle();
        set_api_key(std::move(api_key));
        return {};
    }

  private:
    void end_all() {
        core_->close_idle();
        const auto running = std::exchange(core_->running, {});
        for (const auto& exchange : running) exchange->cancel();
    }

    std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<HttpTransport>> make_beast_transport(asio::io_context& io,
                                                            const UploadSettings& settings,
                                                            std::string api_key) {
    auto transport = std::make_unique<BeastTransport>(io);
    if (Status status = transport->reload(settings, std::move(api_key)); !status)
        return std::unexpected(status.error());
    return transport;
}

}  // namespace respand::upload
