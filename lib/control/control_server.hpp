// The operators' door: HTTP on a Unix socket of its own.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "control/control_settings.hpp"

namespace respand::control {

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
};

/// One question of an operator.
struct Question {
    std::string method;
    std::string target;  ///< "/status", with what stands behind a "?"
    std::string body;    ///< at most ControlServer::kMaxBody
};

/// Answers a question, now or later, exactly once. I/O thread.
using Answer = std::function<void(Response)>;
using Handler = std::function<void(const Question&, Answer)>;

/// I/O thread only. Keeps at most kMaxConnections open, closes those that are silent for kIdleTimeout.
class ControlServer {
  public:
    static constexpr std::size_t kMaxConnections = 32;
    static constexpr std::size_t kMaxBody = 64 * 1024;

    /// Faults name the socket file and say what to do.
    static Result<std::unique_ptr<ControlServer>> open(boost::asio::io_context& io,
                                                       const ControlSettings& settings, Handler handler);
    virtual ~ControlServer() = default;
    virtual void start() = 0;
    /// Takes no more questions, closes all connections and removes the socket file.
    virtual void close() = 0;
};

}  // namespace respand::control
