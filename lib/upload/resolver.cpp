#include "upload/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>

#include "base/units.hpp"
#include "runtime/unjoined.hpp"

namespace respand::upload {

namespace asio = boost::asio;
using asio::ip::tcp;
using Steady = std::chrono::steady_clock;

namespace {

Resolved failed_lookup(int code, int system_error, const std::string& host) {
    Resolved resolved;
    if (code == EAI_NONAME || code == EAI_NODATA) resolved.fault = TransportFault::host_unknown;
    const bool of_system = code == EAI_SYSTEM && system_error != 0;
    resolved.detail =
        "looking up " + host + ": " + (of_system ? std::strerror(system_error) : ::gai_strerror(code));
    return resolved;
}

}  // namespace

Resolved system_lookup(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
    if (code != 0) return failed_lookup(code, errno, host);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> held(list, &::freeaddrinfo);
    Resolved resolved;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        tcp::endpoint endpoint;
        if (entry->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
        resolved.addresses.push_back(endpoint);
    }
    if (resolved.addresses.empty()) return failed_lookup(EAI_NODATA, 0, host);
    return resolved;
}

struct Resolver::State : std::enable_shared_from_this<State> {
    struct Waiter {
        asio::steady_timer timer;
        std::function<void(Resolved)> done;
    };

    State(asio::io_context& context, std::string host_name, std::string port_number, Lookup how)
        : io(context),
          lookup(std::move(how)),
          host(std::move(host_name)),
          port(std::move(port_number)),
          threads(context) {}

    void look_up() {
        if (running && Steady::now() - started < kLookupGivenUp) return;
        if (under_way >= kMaxStuckLookups) return;
        started = Steady::now();
        ++under_way;
        // Everything that the thread uses is its own: it may outlive this object.
        running = threads.start([how = lookup, name = host, number = port] { return how(name, number); },
                                [weak = weak_from_this(), number = ++newest](Resolved resolved) {
                                    if (const auto self = weak.lock())
                                        self->looked_up(number, std::move(resolved));
                                });
        if (running) return;
        --under_way;  // No thread to be had: the waiters get what there is when their time is over.
    }

    void looked_up(std::uint64_t number, Resolved resolved) {
        --under_way;
        if (number != newest) return;
        running = false;
        if (!resolved.addresses.empty()) remember(std::move(resolved.addresses));
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
    Lookup lookup;
    std::string host;
    std::string port;
    std::map<std::uint64_t, Waiter> waiters;
    std::uint64_t next_id = 0;
    std::vector<tcp::endpoint> last_good;
    std::optional<tcp::endpoint> preferred;
    runtime::Unjoined threads;
    Steady::time_point started{};
    std::uint64_t newest = 0;  ///< number of the lookup whose result counts
    int under_way = 0;
    bool running = false;
};

Resolver::Resolver(asio::io_context& io, std::string host, std::string port, Lookup lookup)
    : state_(std::make_shared<State>(io, std::move(host), std::move(port), std::move(lookup))) {}

Resolver::~Resolver() = default;

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
            if (!weak.expired()) done(std::move(resolved));
        });
        return;
    }
    if (!state_->last_good.empty()) timeout = std::min<std::chrono::microseconds>(timeout, kStaleAfter);
    const std::uint64_t id = state_->next_id++;
    const auto waiter = state_->waiters.try_emplace(
        id, State::Waiter{asio::steady_timer(state_->io, timeout), std::move(done)});
    waiter.first->second.timer.async_wait(
        [weak = std::weak_ptr<State>(state_), id, timeout](boost::system::error_code error) {
            const auto state = weak.lock();
            if (!error && state) state->timed_out(id, timeout);
        });
    state_->look_up();
}

void Resolver::prefer(const tcp::endpoint& address) {
    state_->preferred = address;
    state_->remember(std::move(state_->last_good));
}

}  // namespace respand::upload
