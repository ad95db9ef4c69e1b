// One HTTP exchange with the server, as the uploader sees it. The only implementation is over Beast; tests
// script it.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "upload/batch_source.hpp"

namespace respand::upload {

/// A request body made of pieces that already lie in memory. `keep_alive` holds what the views point into.
struct RequestBody {
    std::vector<std::string_view> pieces;
    std::vector<std::shared_ptr<const spool::Chunk>> keep_alive;
    std::size_t size() const;
};

struct Request {
    std::string_view
        target;  ///< path below the base URL with leading and trailing slash, "/request-logs/bulk/"
    RequestBody body;
};

/// Why no answer came. Decides between "operator must act" and "try again".
enum class TransportFault : std::uint8_t {
    resolve_failed,  ///< the name could not be looked up just now
    host_unknown,    ///< the name does not exist
    connect_failed,
    proxy_refused,  ///< the proxy wants another login, or does not let us through
    tls_untrusted,  ///< we refuse the server's certificate
    tls_refused,    ///< no common TLS version, or the server refuses our certificate
    tls_failed,     ///< any other TLS fault
    timeout,
    reset,       ///< the connection ended before the whole answer came
    bad_answer,  ///< not HTTP, or its headers are larger than kMaxHeaderBytes
    cancelled,   ///< we are stopping
};
std::string_view name(TransportFault fault);

/// What one exchange brought: an answer, or the fault that kept it from coming.
struct Reply {
    int status = 0;  ///< 0: no answer, see `fault`
    std::string body;
    std::optional<std::string> retry_after;  ///< header, as sent
    std::optional<std::string> retry_after_ms;
    std::optional<std::string> rate_limit_reset;  ///< x-ratelimit-reset
    std::optional<std::string> date;              ///< Date header, for an HTTP-date in Retry-After
    std::optional<std::string> location;          ///< of a redirect, which is never followed
    std::string content_type;                     ///< lower case; empty: none was given
    bool body_cut = false;  ///< the answer was larger than kMaxResponseBytes; `body` holds what was read
    TransportFault fault = TransportFault::cancelled;
    /// The whole request may have reached the server once without an answer: with status 0 this very request
    /// (false: it certainly has not, sending it again makes no duplicate); with an answer an earlier copy of
    /// it, on a used connection that ended silently.
    bool may_have_arrived = false;
    std::string detail;  ///< fault in words: host, port, reason; never the key
    std::chrono::microseconds elapsed{0};
};
/// Bytes of an answer's body that are read; the rest is cut off (Reply::body_cut) and the connection closed.
inline constexpr std::size_t kMaxResponseBytes = 1 << 20;
/// Bytes of an answer's status line and headers.
inline constexpr std::size_t kMaxHeaderBytes = 32 << 10;

/// I/O thread only.
class Transport {
  public:
    virtual ~Transport() = default;
    /// Sends `request` on a free connection (opening one if needed) and calls `done` exactly once, never from
    /// inside the call. The caller keeps to the number of connections it was configured with.
    virtual void send(Request request, std::function<void(Reply)> done) = 0;
    /// Closes idle connections and ends running exchanges with TransportFault::cancelled (their `done` is
    /// called soon after, not from inside). The transport can be used again afterwards.
    virtual void cancel() = 0;
    /// Takes effect with the next exchange. A key that can't stand in a header is refused with a log line and
    /// the old one stays.
    virtual void set_api_key(std::string key) = 0;
};

}  // namespace respand::upload
