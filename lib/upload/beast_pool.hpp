// Connections that wait to be used again. Private to the beast_* files.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <vector>

#include "upload/beast_connection.hpp"

namespace respand::upload {

/// A connection that was idle for longer is closed: servers and load balancers close idle ones after a minute
/// or so, and a request sent into that moment may or may not have been taken.
inline constexpr std::chrono::seconds kIdleLifetime{30};
/// Requests on one connection. Servers have a limit as well (nginx: 1000) and close in the moment they like;
/// below it we choose the moment.
inline constexpr std::uint32_t kMaxRequestsPerConnection = 900;

/// I/O thread only.
class Pool {
  public:
    explicit Pool(asio::io_context& io) : timer_(io) {}
    /// One that leads to `server`, is quiet, and neither too old nor used up; null when there is none.
    ConnectionPtr take(const std::shared_ptr<Server>& server);
    /// Keeps it for the next request, or closes it when it is not fit for one.
    void give_back(ConnectionPtr connection);
    /// Closes all. The pool can be used afterwards.
    void close_idle();

  private:
    void watch();

    std::vector<ConnectionPtr> idle_;  ///< the longest idle first; at most as many as the caller ran at once
    asio::steady_timer timer_;
    std::shared_ptr<const bool> here_ = std::make_shared<const bool>(true);  ///< goes with the pool
};

}  // namespace respand::upload
