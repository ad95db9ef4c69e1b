// All listeners of the daemon: opens them, pauses and resumes them together, closes them in order.
#pragma once
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "ingest/ingest_settings.hpp"
#include "ingest/sink.hpp"

namespace respand::ingest {

/// Sockets that were opened by somebody else (systemd), by name: "respand-datagram", "respand-stream",
/// "respand-udp", "respand-http".
using InheritedSockets = std::map<std::string, UniqueFd, std::less<>>;

/// Where a listener really listens, for logs and `status`.
struct ListenerAddress {
    ListenerKind kind;
    std::string address;  ///< a path, or "127.0.0.1:8126"
};

/// Counters of what is not a record, for `status`.
struct ListenerCounters {
    std::uint64_t connections_open = 0;
    std::uint64_t connections_refused = 0;  ///< over max_connections
    std::uint64_t kernel_drops = 0;
    // HTTP requests by what they were answered:
    std::uint64_t http_taken = 0;        ///< 201: records were taken and are durable
    std::uint64_t http_refused = 0;      ///< 4xx
    std::uint64_t http_unavailable = 0;  ///< 5xx: to be sent again
};

/// I/O thread only. Must be outlived by the io_context and by the sink.
class ListenerGroup {
  public:
    /// Opens every configured listener, or none: a fault names the socket, and says what to do.
    static Result<std::unique_ptr<ListenerGroup>> open(boost::asio::io_context& io,
                                                       const IngestSettings& settings,
                                                       InheritedSockets inherited, Sink& sink);
    virtual ~ListenerGroup() = default;

    /// Starts reading. Call once.
    virtual void start() = 0;
    /// The sink accepts again: listeners that stopped reading go on.
    virtual void resume() = 0;
    /// Reports to the sink what the kernel dropped meanwhile, also when no datagram has come since. A system
    /// call for each UDP listener: call once a second or so.
    virtual void look_for_drops() = 0;
    /// Takes no new senders (paths are removed, unless systemd owns the socket), reads what the kernel
    /// already holds, reports half lines, and closes. When it returns, the sink gets no further calls. Reads
    /// on even when the sink does not accept, but no more than was queued at the time of the call. HTTP
    /// requests whose records were taken are answered later, after their commit; all others go without an
    /// answer.
    virtual void close() = 0;

    virtual std::vector<ListenerAddress> addresses() const = 0;
    virtual ListenerCounters counters() const = 0;
};

}  // namespace respand::ingest
