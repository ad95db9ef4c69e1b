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

/// I/O thread only. A lookup can't be cancelled (getaddrinfo blocks a thread of Asio's), so it may outlive
/// the caller's patience: at most one runs at a time, late-comers share it, and its result is kept. Whoever
/// has waited for `timeout` gets the last good addresses, or the time-out. An io_context that is left with
/// run() does so only when a running lookup ended: with a dead name server, up to half a minute.
class Resolver {
  public:
    Resolver(boost::asio::io_context& io, std::string host, std::string port);
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
