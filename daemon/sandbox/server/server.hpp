// The sandbox in one object, on a thread of its own. For tests in a process, and for the program.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sandbox/server/options.hpp"
#include "sandbox/server/stats.hpp"

namespace respand::sandbox {

/// A stand-in for the logging API. Every member may be called from any thread, stop() from one at a time.
class Server {
  public:
    /// Listens when it returns. Errors: a wrong option (usage), a port in use (unavailable), a file that
    /// can't be read or written.
    static Result<std::unique_ptr<Server>> start(Options options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    /// "http://127.0.0.1:8080/api": what a client is given as its base URL.
    std::string base_url() const;
    Stats stats() const;
    /// Takes effect with the next request and starts the order of faults anew. An error leaves the old ones
    /// in force.
    Status set_faults(Faults faults);
    /// The last accepted logs as they were sent, oldest first (at most LogRing::kMaxLogs).
    std::vector<std::string> logs() const;
    /// Closes the port and every connection; the numbers stay readable. A second call does nothing.
    void stop();

  private:
    struct Parts;
    explicit Server(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace respand::sandbox
