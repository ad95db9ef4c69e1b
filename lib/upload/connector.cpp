#include "upload/connector.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <utility>

namespace respand::upload {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// TCP keep-alive: a peer that is gone without a word is noticed after about 75 s, and NATs on the way keep
/// the connection in mind while a slow answer is awaited.
constexpr int kKeepAliveIdleSeconds = 15;
constexpr int kKeepAliveIntervalSeconds = 15;
constexpr int kKeepAliveProbes = 4;

/// Faults are ignored: without these the connection is merely slower, or noticed later to be dead.
void set_options(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const auto set = [fd = socket.native_handle()](int option, int value) {
        ::setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
    };
    set(TCP_KEEPIDLE, kKeepAliveIdleSeconds);
    set(TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
    set(TCP_KEEPCNT, kKeepAliveProbes);
}

}  // namespace

std::vector<tcp::endpoint> take_turns(std::vector<tcp::endpoint> addresses) {
    if (addresses.empty()) return addresses;
    const bool first_is_v6 = addresses.front().address().is_v6();
    std::deque<tcp::endpoint> same;
    std::deque<tcp::endpoint> other;
    for (const tcp::endpoint& address : addresses)
        (address.address().is_v6() == first_is_v6 ? same : other).push_back(address);
    addresses.clear();
    while (!same.empty() || !other.empty()) {
        for (std::deque<tcp::endpoint>* family : {&same, &other}) {
            if (family->empty()) continue;
            addresses.push_back(family->front());
            family->pop_front();
        }
    }
    return addresses;
}

struct Connector::State {
    State(asio::io_context& context, std::vector<tcp::endpoint> where, std::function<void(Connected)> call)
        : io(context),
          addresses(std::move(where)),
          done(std::move(call)),
          delay(context),
          deadline(context) {}

    asio::io_context& io;
    std::vector<tcp::endpoint> addresses;
    std::function<void(Connected)> done;  ///< empty: finished
    std::deque<tcp::socket> attempts;     ///< one for each address tried so far
    std::size_t failed = 0;
    asio::steady_timer delay;
    asio::steady_timer deadline;
};

Connector::Connector(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connector::~Connector() = default;

std::shared_ptr<Connector> Connector::start(asio::io_context& io, std::vector<tcp::endpoint> addresses,
                                            std::chrono::microseconds timeout,
                                            std::function<void(Connected)> done) {
    std::shared_ptr<Connector> connector(
        new Connector(std::make_unique<State>(io, take_turns(std::move(addresses)), std::move(done))));
    connector->state_->deadline.expires_after(timeout);
    connector->state_->deadline.async_wait([self = connector](error_code stopped) {
        if (stopped) return;
        Connected late;
        late.timed_out = true;
        self->finish(std::move(late));
    });
    connector->next();
    return connector;
}

void Connector::cancel() {
    state_->done = nullptr;
    finish({});
}

void Connector::next() {
    State& state = *state_;
    const std::size_t index = state.attempts.size();
    if (index == state.addresses.size()) return;  // A failure and the end of the delay at the same time.
    state.attempts.emplace_back(state.io);
    state.attempts.back().async_connect(state.addresses[index],
                                        [self = shared_from_this(), index](error_code error) {
                                            if (self->state_->done) self->ended(index, error);
                                        });
    arm();
}

/// Gives the attempts under way some time before they get company.
void Connector::arm() {
    State& state = *state_;
    if (state.attempts.size() == state.addresses.size()) {
        state.delay.cancel();
        return;
    }
    state.delay.expires_after(kNextAddressAfter);
    state.delay.async_wait([self = shared_from_this()](error_code stopped) {
        if (!stopped && self->state_->done) self->next();
    });
}

void Connector::ended(std::size_t index, const error_code& error) {
    State& state = *state_;
    if (!error) {
        Connected connected;
        connected.socket = std::move(state.attempts[index]);
        connected.address = state.addresses[index];
        set_options(*connected.socket);
        return finish(std::move(connected));
    }
    ++state.failed;
    if (state.attempts.size() < state.addresses.size()) return next();
    if (state.failed < state.addresses.size()) return;
    Connected failed;
    failed.why = error.message();
    if (state.addresses.size() > 1)
        failed.why += " (" + state.addresses[index].address().to_string() + ", the last of " +
                      std::to_string(state.addresses.size()) + " addresses)";
    finish(std::move(failed));
}

void Connector::finish(Connected connected) {
    State& state = *state_;
    state.delay.cancel();
    state.deadline.cancel();
    for (tcp::socket& attempt : state.attempts) {
        error_code ignored;
        attempt.close(ignored);
    }
    if (const auto done = std::exchange(state.done, nullptr)) done(std::move(connected));
}

}  // namespace respand::upload
