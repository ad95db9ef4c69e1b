#include "upload/resolver.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <map>
#include <optional>

#include "base/units.hpp"

namespace respand::upload {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Resolver::State : std::enable_shared_from_this<State> {
    struct Waiter {
        asio::steady_timer timer;
        std::function<void(Resolved)> done;
    };

    State(asio::io_context& context, std::string host_name, std::string port_number)
        : io(context), resolver(context), host(std::move(host_name)), port(std::move(port_number)) {}

    void look_up() {
        if (running) return;
        running = true;
        resolver.async_resolve(host, port,
                               [self = shared_from_this()](const boost::system::error_code& error,
                                                           const tcp::resolver::results_type& results) {
                                   self->looked_up(error, results);
                               });
    }

    void looked_up(const boost::system::error_code& error, const tcp::resolver::results_type& results) {
        running = false;
        if (closed) return;
        Resolved resolved;
        if (!error && !results.empty()) {
            std::vector<tcp::endpoint> addresses;
            for (const auto& entry : results) addresses.push_back(entry.endpoint());
            remember(std::move(addresses));
        } else {
            const bool unknown = error == asio::error::host_not_found || error == asio::error::no_data;
            resolved.fault = unknown ? TransportFault::host_unknown : TransportFault::resolve_failed;
            resolved.detail = "looking up " + host + ": " + error.message();
        }
        std::map<std::uint64_t, Waiter> waiting;
        waiting.swap(waiters);
        for (const auto& [id, waiter] : waiting) answer(waiter.done, resolved);
    }

    /// The address that worked last stays in front.
    void remember(std::vector<tcp::endpoint> addresses) {
        const auto worked =
            preferred ? std::find(addresses.begin(), addresses.end(), *preferred) : addresses.end();
        if (worked != addresses.end()) std::rotate(addresses.begin(), worked, worked + 1);
        last_good = std::move(addresses);
    }

    /// Without a good answer of the name server, what it said last time is the best guess.
    void answer(const std::function<void(Resolved)>& done, Resolved resolved) const {
        resolved.addresses = last_good;
        done(std::move(resolved));
    }

    /// The timer may fire in the moment in which the answer comes: then the waiter is gone.
    void timed_out(std::uint64_t id, std::chrono::microseconds timeout) {
        const auto waiter = waiters.extract(id);
        if (waiter.empty()) return;
        Resolved resolved;
        resolved.detail = "looking up " + host + ": no answer within " + format(timeout);
        answer(waiter.mapped().done, std::move(resolved));
    }

    asio::io_context& io;
    tcp::resolver resolver;
    std::string host;
    std::string port;
    std::map<std::uint64_t, Waiter> waiters;
    std::uint64_t next_id = 0;
    std::vector<tcp::endpoint> last_good;
    std::optional<tcp::endpoint> preferred;
    bool running = false;
    bool closed = false;
};

Resolver::Resolver(asio::io_context& io, std::string host, std::string port)
    : state_(std::make_shared<State>(io, std::move(host), std::move(port))) {}

Resolver::~Resolver() {
    state_->closed = true;
    state_->waiters.clear();
    state_->resolver.cancel();
}

void Resolver::resolve(std::chrono::microseconds timeout, std::function<void(Resolved)> done) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(state_->host, not_an_address);
    if (!not_an_address) {
        std::uint16_t port = 0;
        std::from_chars(state_->port.data(), state_->port.data() + state_->port.size(), port);
        asio::post(state_->io, [weak = std::weak_ptr<State>(state_), endpoint = tcp::endpoint(address, port),
                                done = std::move(done)] {
            Resolved resolved;
            resolved.addresses.push_back(endpoint);
            const auto state = weak.lock();
            if (state && !state->closed) done(std::move(resolved));
        });
        return;
    }
    const std::uint64_t id = state_->next_id++;
    const auto waiter = state_->waiters.try_emplace(
        id, State::Waiter{asio::steady_timer(state_->io, timeout), std::move(done)});
    waiter.first->second.timer.async_wait(
        [weak = std::weak_ptr<State>(state_), id, timeout](boost::system::error_code error) {
            const auto state = weak.lock();
            if (!error && state && !state->closed) state->timed_out(id, timeout);
        });
    state_->look_up();
}

void Resolver::prefer(const tcp::endpoint& address) {
    state_->preferred = address;
    state_->remember(std::move(state_->last_good));
}

}  // namespace respand::upload
