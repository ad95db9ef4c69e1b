#include "ingest/http_session.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "ingest/beast_http.hpp"
#include "ingest/http_rules.hpp"
#include "ingest/peer.hpp"

namespace respand::ingest {
namespace {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

/// Of what was read and not yet understood: more than a head, or the trailer of a chunked body, may be.
constexpr std::size_t kMaxBuffered = std::size_t{128} << 10;

class Session final : public HttpSession, public std::enable_shared_from_this<Session> {
  public:
    Session(const asio::any_io_executor& executor, UniqueFd fd, HttpHost& host)
        : socket_(executor),
          deadline_(executor),
          host_(host),
          origin_(peer_of(fd.get(), ListenerKind::http)) {
        const int domain = domain_of(fd.get());
        if (domain != AF_UNIX) {
            const int on = 1;
            ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        socket_.assign({domain, 0}, fd.release());
    }

    void start() override { next_request(); }

    void permit_granted() override {
        permit_ = Permit::held;
        read_body();
    }

    void sink_ready() override {
        if (state_ == State::waiting) take();
    }

    void finish() override {
        finishing_ = true;
        switch (state_) {
            case State::waiting:
                answer(stopping());
                break;
            case State::committing:
            case State::writing:
            case State::lingering:
                break;  // it ends by itself
            default:
                close();
        }
    }

    void abandon() override {
        hosted_ = false;
        close();
    }

  private:
    enum class State : std::uint8_t {
        idle,        ///< between two requests
        head,        ///< reading it
        queued,      ///< for a permit
        body,        ///< reading it
        waiting,     ///< for the sink
        committing,  ///< the records are taken
        writing,     ///< the answer
        lingering,   ///< the peer is to close first
        closed,
    };

    // A request comes.

    void next_request() {
        if (finishing_) return close();
        parser_.emplace();
        parser_->header_limit(kMaxHead);
        parser_->body_limit(boost::none);
        ++request_;
        plan_ = {};
        timed_out_ = false;
        if (buffer_.size() > 0) return read_head();
        buffer_ = beast::flat_buffer(kMaxBuffered);  // an idle connection holds no memory
        enter(State::idle, kIdleTimeout);
        host_.rests(*this, true);
        socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& error) {
            if (self->state_ != State::idle) return;
            self->host_.rests(*self, false);
            if (error) return self->close();
            self->read_head();
        });
    }

    void read_head() {
        enter(State::head, host_.options().header_timeout);
        http::async_read_header(socket_, buffer_, *parser_,
                                [self = shared_from_this()](const error_code& error, std::size_t) {
                                    if (self->state_ == State::head) self->on_head(error);
                                });
    }

    void on_head(const error_code& error) {
        if (timed_out_) {
            if (!parser_->got_some()) return close();
            return refuse_and_close(refusal(408, "the head of the request took too long"));
        }
        if (is_malformed(error)) return refuse_and_close(malformed(error));
        if (error) return close();
        const HttpHead head = head_of(*parser_);
        const auto planned = plan(head, host_.options().max_body);
        if (!planned) {
            if (planned.error().status == 413) report(Fault::body_too_large);
            close_after_ = head.has_body() || planned.error().status == 411;
            return answer(planned.error());
        }
        plan_ = *planned;
        if (plan_.call == HttpCall::health) return answer(health());
        parser_->body_limit(host_.options().max_body);
        if (plan_.wants_continue && buffer_.size() == 0) return send_continue();
        begin_body();
    }

    HttpAnswer health() {
        const bool stopped = host_.sink().readiness(ListenerKind::http) == Readiness::stopped;
        return stopped ? unavailable() : healthy();
    }

    void send_continue() {
        // Refused now when it would be refused later: the body need not be sent at all.
        if (host_.sink().readiness(ListenerKind::http) == Readiness::stopped) {
            close_after_ = true;
            return answer(unavailable());
        }
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        enter(State::body, host_.options().body_timeout);
        asio::async_write(socket_, asio::buffer(kContinue),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                              if (self->state_ != State::body) return;
                              if (error) return self->close();
                              self->begin_body();
                          });
    }

    void begin_body() {
        enter(State::body, host_.options().body_timeout);
        read_body();
    }

    void read_body() {
        state_ = State::body;
        std::string& body = parser_->get().body();
        if (parser_->is_done()) return on_body();
        const std::uint64_t known = parser_->content_length().value_or(0);
        if (permit_ == Permit::none && (known > kLargeBody || body.size() > kLargeBody)) {
            const bool free = host_.take_permit(*this);
            permit_ = free ? Permit::held : Permit::queued;
            if (!free) {
                state_ = State::queued;
                return;
            }
        }
        if (body.empty()) body.reserve(static_cast<std::size_t>(known) + kPadding);
        // A read brings as much as fits here; left alone, the buffer would stay as small as the head was.
        const std::uint64_t worth = permit_ == Permit::held ? kLargeBody : known;
        buffer_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(worth, kLargeBody)));
        http::async_read_some(socket_, buffer_, *parser_,
                              [self = shared_from_this()](const error_code& error, std::size_t) {
                                  if (self->state_ == State::body) self->on_body_part(error);
                              });
    }

    void on_body_part(const error_code& error) {
        if (timed_out_) {
            report(Fault::half_body);
            return refuse_and_close(refusal(408, "the body took too long; nothing of it was taken"));
        }
        if (!error) return read_body();
        if (error == http::error::body_limit) {
            report(Fault::body_too_large);
            return refuse_and_close(malformed(error));
        }
        if (is_malformed(error)) {
            report(Fault::broken_body);
            return refuse_and_close(malformed(error));
        }
        report(Fault::half_body);
        close();
    }

    // Its records are taken.

    void on_body() {
        std::string& body = parser_->get().body();
        const std::size_t size = body.size();
        body.resize(size + kPadding);
        auto records = cut(plan_.shape, {body.data(), size});
        if (!records) {
            report(fault_of(records.error()));
            return answer(refusal(records.error()));
        }
        records_ = std::move(*records);
        take();
    }

    void take() {
        switch (host_.sink().readiness(ListenerKind::http)) {
            case Readiness::stopped:
                return answer(unavailable());
            case Readiness::busy:
                if (state_ != State::waiting) enter(State::waiting, kPatience);
                return host_.await_sink(*this);
            case Readiness::ready:
                break;
        }
        outcome_ = HttpOutcome(plan_.call);
        Sink& sink = host_.sink();
        for (const std::string_view record : records_) outcome_.add(sink.record(record, origin_));
        const std::size_t count = records_.size();
        forget_body();
        if (!outcome_.any_taken()) {
            sink.drained(count);
            return answer(outcome_.answer());
        }
        enter(State::committing, host_.options().commit_timeout);
        sink.when_durable([weak = weak_from_this(), request = request_](bool durable) {
            if (const auto self = weak.lock(); self && self->request_ == request) self->committed(durable);
        });
        sink.drained(count);
    }

    void committed(bool durable) {
        if (state_ != State::committing) return;
        answer(durable ? outcome_.answer() : never_durable());
    }

    /// A body that never became records.
    void report(Fault fault) {
        if (finishing_) return;
        host_.sink().fault(fault, origin_);
        host_.sink().drained(0);
    }

    void forget_body() {
        records_ = {};
        parser_->get().body() = {};
        give_back_permit();
    }

    void give_back_permit() {
        const Permit before = std::exchange(permit_, Permit::none);
        if (before != Permit::none && hosted_) host_.give_back_permit(*this, before == Permit::held);
    }

    // The answer goes.

    void refuse_and_close(const HttpAnswer& refused) {
        close_after_ = true;
        answer(refused);
    }

    void answer(const HttpAnswer& given) {
        const bool keep = !close_after_ && !finishing_ && parser_->keep_alive();
        if (plan_.call != HttpCall::health) host_.answered(given.status);
        response_ = response_to(parser_->get(), given, keep);
        forget_body();
        enter(State::writing, kWriteTimeout);
        http::async_write(socket_, response_,
                          [self = shared_from_this(), keep](const error_code& error, std::size_t) {
                              if (self->state_ != State::writing) return;
                              self->response_ = {};
                              if (error) return self->close();
                              if (keep) return self->next_request();
                              self->linger();
                          });
    }

    void linger() {
        error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
        enter(State::lingering, kLinger);
        discard();
    }

    void discard() {
        static std::array<char, std::size_t{16} << 10> rubbish;  // nobody looks at it
        socket_.async_read_some(asio::buffer(rubbish),
                                [self = shared_from_this()](const error_code& error, std::size_t) {
                                    if (self->state_ != State::lingering) return;
                                    if (error) return self->close();
                                    self->discard();
                                });
    }

    void close() {
        if (std::exchange(state_, State::closed) == State::closed) return;
        error_code ignored;
        socket_.close(ignored);
        deadline_.cancel();
        give_back_permit();
        if (std::exchange(hosted_, false)) host_.ended(*this);
    }

    // Every wait has an end.

    void enter(State state, std::chrono::microseconds limit) {
        state_ = state;
        deadline_.expires_after(limit);
        deadline_.async_wait([weak = weak_from_this()](const error_code& stopped) {
            const auto self = weak.lock();
            // One that was set anew meanwhile has its expiry in the future.
            if (!stopped && self && self->deadline_.expiry() <= asio::steady_timer::clock_type::now())
                self->on_deadline();
        });
    }

    void on_deadline() {
        error_code ignored;
        switch (state_) {
            case State::head:
            case State::body:
                timed_out_ = true;
                socket_.cancel(ignored);  // what is under way ends, and tells
                return;
            case State::queued:
                return refuse_and_close(too_busy());
            case State::waiting:
                return answer(too_busy());
            case State::committing:
                return answer(not_durable_yet());
            default:
                return close();
        }
    }

    Socket socket_;
    asio::steady_timer deadline_;
    HttpHost& host_;
    Origin origin_;
    State state_ = State::idle;
    bool hosted_ = true;        ///< the host knows of it
    bool finishing_ = false;    ///< no further request
    bool close_after_ = false;  ///< what follows on the connection is not to be trusted
    bool timed_out_ = false;
    enum class Permit : std::uint8_t { none, queued, held } permit_ = Permit::none;
    std::uint64_t request_ = 0;  ///< which one of this connection: a commit may come after its time
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    HttpPlan plan_;
    std::vector<std::string_view> records_;  ///< in the body
    HttpOutcome outcome_;
    Response response_;
};

}  // namespace

std::shared_ptr<HttpSession> make_http_session(const asio::any_io_executor& executor, UniqueFd fd,
                                               HttpHost& host) {
    return std::make_shared<Session>(executor, std::move(fd), host);
}

}  // namespace respand::ingest
