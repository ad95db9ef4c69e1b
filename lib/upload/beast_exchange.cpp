#include "upload/beast_exchange.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

#include "upload/text.hpp"

namespace respand::upload {

using boost::system::error_code;
namespace http = boost::beast::http;

namespace {

/// Bytes that go to the system in one piece. What is not yet acknowledged by it may have left all the same.
constexpr std::size_t kWriteAtOnce = 64 << 10;
constexpr std::size_t kMaxShownHeader = 40;  // bytes of a header in a log line

Reply fault_reply(TransportFault fault, std::string detail) {
    Reply reply;
    reply.fault = fault;
    reply.detail = std::move(detail);
    return reply;
}

std::optional<std::string> header(const http::fields& fields, std::string_view name) {
    const auto found = fields.find(beast::string_view(name.data(), name.size()));
    if (found == fields.end()) return {};
    return std::string(found->value().data(), found->value().size());
}

}  // namespace

Exchange::Exchange(std::shared_ptr<Core> core, Request request, std::function<void(Reply)> done)
    : core_(std::move(core)),
      server_(core_->server),
      key_(core_->api_key),
      request_(std::move(request)),
      done_(std::move(done)) {}

void Exchange::start() {
    connection_ = core_->pool.take(server_);
    reused_ = connection_ != nullptr;
    if (reused_)
        talk();
    else
        dial();
}

void Exchange::cancel() {
    if (finished_) return;
    finished_ = true;
    if (dial_) dial_->cancel();
    if (connection_) connection_->close();
    Reply reply =
        fault_reply(TransportFault::cancelled, "the request to " + server_->place() + " was given up");
    reply.may_have_arrived = may_have_arrived();
    asio::post(core_->io,
               [done = std::move(done_), reply = std::move(reply)]() mutable { done(std::move(reply)); });
}

void Exchange::fail(TransportFault fault, std::string detail) {
    finish(fault_reply(fault, std::move(detail)));
}

void Exchange::finish(Reply reply) {
    if (finished_) return;
    finished_ = true;
    reply.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - started_);
    const bool refused_before_http =
        reply.fault == TransportFault::tls_refused || reply.fault == TransportFault::tls_untrusted;
    reply.may_have_arrived =
        reply.status != 0 || refused_before_http ? copy_may_have_arrived_ : may_have_arrived();
    for (std::string* text : {&reply.body, &reply.detail}) {
        redact(*text, *key_);
        redact(*text, *core_->api_key);  // It may have been replaced since.
        redact(*text, server_->proxy_password, "[proxy password]");
        redact(*text, server_->proxy_authorization, "[proxy login]");
    }
    if (connection_) connection_->close();  // One that is fit to be used again was given back before.
    core_->running.erase(shared_from_this());
    const auto done = std::move(done_);
    done(std::move(reply));
}

bool Exchange::all_may_have_left() const { return sending_ && bytes_left_ <= kWriteAtOnce; }

void Exchange::dial() {
    dial_ = std::make_shared<Dial>(core_->io, server_, [self = shared_from_this()](Dialled dialled) {
        self->dial_.reset();
        if (self->finished_) return;
        if (!dialled.connection) return self->fail(dialled.fault, std::move(dialled.detail));
        self->connection_ = std::move(dialled.connection);
        self->talk();
    });
    dial_->start();
}

void Exchange::talk() {
    ++connection_->requests;
    connection_->tcp().expires_after(server_->request_timeout);  // Covers the write and the whole answer.
    write();
    read();
}

void Exchange::write() {
    write_done_ = false;
    write_error_ = {};
    connection_->head = request_head(server_->url, request_.target, *key_, request_.body.size(),
                                     server_->forward_authorization());
    std::vector<asio::const_buffer> buffers;
    buffers.reserve(request_.body.pieces.size() + 1);
    buffers.emplace_back(asio::buffer(connection_->head.text()));
    for (const std::string_view piece : request_.body.pieces)
        buffers.emplace_back(piece.data(), piece.size());
    sending_ = true;
    bytes_left_ = asio::buffer_size(buffers);
    const auto count = [self = shared_from_this(), kept = connection_, size = bytes_left_](
                           error_code error, std::size_t sent) -> std::size_t {
        if (kept == self->connection_) self->bytes_left_ = size - sent;
        return error ? 0 : kWriteAtOnce;
    };
    connection_->with_stream([&](auto& stream) {
        asio::async_write(stream, buffers, count,
                          [self = shared_from_this(), kept = connection_](error_code error, std::size_t) {
                              self->written(*kept, error);
                          });
    });
}

void Exchange::written(Connection& connection, error_code error) {
    connection.head.wipe();
    if (finished_ || &connection != connection_.get()) return;
    write_done_ = true;
    write_error_ = error;  // Not the end: the answer may be on its way, and reading says when it is not.
}

void Exchange::read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(kMaxHeaderBytes));
    parser_->body_limit(kMaxResponseBytes);
    connection_->with_stream([&](auto& stream) {
        http::async_read(stream, connection_->buffer, *parser_,
                         [self = shared_from_this(), kept = connection_](error_code error, std::size_t) {
                             if (!self->finished_ && kept == self->connection_) self->was_read(error);
                         });
    });
}

void Exchange::was_read(error_code error) {
    const unsigned status = parser_->is_header_done() ? parser_->get().result_int() : 0;
    if (!error && status >= 100 && status < 200 && status != 101) {
        if (++interim_answers_ > kMaxInterimAnswers)
            return fail(TransportFault::bad_answer, server_->place() + " sends interim answers without end");
        return read();
    }
    if (!error) return answered(false);
    if (error == http::error::body_limit) return answered(true);
    const bool heard_nothing = !parser_->got_some() && connection_->buffer.size() == 0;
    const bool timed_out = error == beast::error::timeout || error == asio::error::operation_aborted;
    if (!try_once_more(heard_nothing, timed_out)) broken(error, timed_out, heard_nothing);
}

/// Most likely the server closed the idle connection before it saw the request. It may also have taken it and
/// died: then the records arrive twice, which at-least-once allows.
bool Exchange::try_once_more(bool heard_nothing, bool timed_out) {
    if (!reused_ || !heard_nothing || timed_out) return false;
    copy_may_have_arrived_ = all_may_have_left();
    sending_ = false;
    reused_ = false;
    connection_->close();
    connection_.reset();
    dial();
    return true;
}

void Exchange::broken(error_code error, bool timed_out, bool heard_nothing) {
    const std::string where = server_->place();
    if (timed_out) {
        const char* phase = write_done_ ? "waiting for the answer of " : "sending to ";
        return fail(TransportFault::timeout, phase + where);
    }
    if (error.category() == asio::error::get_ssl_category()) {
        TlsRefusal refusal = server_->tls->explain(connection_->ssl(), error);
        return fail(refusal.fault, "reading from " + where + ": " + refusal.why);
    }
    const bool ended = error == http::error::end_of_stream || error == http::error::partial_message ||
                       error == asio::ssl::error::stream_truncated;
    const bool not_http =
        !ended && error.category() == make_error_code(http::error::end_of_stream).category();
    if (not_http) return fail(TransportFault::bad_answer, where + " does not speak HTTP: " + error.message());
    const error_code cause = ended && write_error_ ? write_error_ : error;
    const std::string why = ended && !write_error_ ? "the server closed the connection" : cause.message();
    fail(TransportFault::reset,
         where + (heard_nothing ? ", before an answer: " : ", in the middle of the answer: ") + why);
}

Reply Exchange::take_reply(bool body_cut) {
    auto& message = parser_->get();
    Reply reply;
    reply.status = static_cast<int>(message.result_int());
    reply.body_cut = body_cut;
    reply.retry_after = header(message, "Retry-After");
    reply.retry_after_ms = header(message, "retry-after-ms");
    reply.rate_limit_reset = header(message, "x-ratelimit-reset");
    reply.date = header(message, "Date");
    reply.location = header(message, "Location");
    reply.content_type = lower(header(message, "Content-Type").value_or(""));
    reply.body = std::move(message.body());
    const std::string encoding = lower(header(message, "Content-Encoding").value_or("identity"));
    if (encoding != "identity" && !reply.body.empty()) {
        reply.body.clear();  // Not unpacked: nobody asked for it, and it may be a bomb. Not text either.
        if (core_->odd_answers.allow(Steady::now()))
            spdlog::warn("{} packs its answers ({}) although it was told not to; they can't be read{}",
                         server_->place(), one_line(encoding, kMaxShownHeader), core_->odd_answers.suffix());
    }
    return reply;
}

void Exchange::answered(bool body_cut) {
    Reply reply = take_reply(body_cut);
    if (reply.status >= 200 && reply.status < 300 && !all_may_have_left())
        return fail(TransportFault::bad_answer, server_->place() + " answered " +
                                                    std::to_string(reply.status) +
                                                    " before it had the whole request");
    const bool reusable = !body_cut && write_done_ && !write_error_ && parser_->keep_alive() &&
                          reply.status >= 200 && !core_->closed && server_ == core_->server;
    if (reusable) {
        connection_->tcp().expires_never();
        core_->pool.give_back(std::exchange(connection_, nullptr));
    }
    finish(std::move(reply));
}

}  // namespace respand::upload
