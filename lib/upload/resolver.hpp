// Host name → addresses, with a time-out and a memory.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "upload/transport.hpp"

namespace respand::upload {

struct Resolved {
    std::vector<boost::asio::ip::tcp::endpoint> addresses;  ///< empty: see `fault`
    TransportFault fault = TransportFault::resolve_failed;
    std::string detail;
};

/// Looks a name up and blocks until it is done, on a thread of its own.
using Lookup = std::function<Resolved(const std::string& host, const std::string& port)>;
/// getaddrinfo, addresses in its order (RFC 6724).
Resolved system_lookup(const std::string& host, const std::string& port);

/// With addresses from an earlier lookup at hand, a new one gets this long before they are used.
inline constexpr std::chrono::seconds kStaleAfter{2};
/// A lookup that takes longer is given up, so that one that never ends does not keep all others from
/// starting.
inline constexpr std::chrono::minutes kLookupGivenUp{1};
/// Given-up lookups that still occupy a thread, at most; then no new one is started.
inline constexpr int kMaxStuckLookups = 4;

/// I/O thread only. A lookup can't be cancelled, so it may outlive the caller's patience and this object:
/// late- comers share the one that runs, and its result is kept. Whoever has waited for the time-out gets the
/// last good addresses, or the fault. Neither io_context::run() nor the end of the process waits for a
/// lookup.
class Resolver {
  public:
    Resolver(boost::asio::io_context& io, std::string host, std::string port, Lookup lookup = &system_lookup);
    ~Resolver();
    /// Calls `done` once, never from inside the call; not at all once the Resolver is gone.
    void resolve(std::chrono::microseconds timeout, std::function<void(Resolved)> done);
    /// Moves an address that worked to the front of what the next lookups return.
    void prefer(const boost::asio::ip::tcp::endpoint& address);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace respand::upload
