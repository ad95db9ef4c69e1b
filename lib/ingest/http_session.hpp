// One HTTP connection. The HTTP library stays in its source.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/fd.hpp"
#include "ingest/sink.hpp"

namespace respand::ingest {

struct HttpOptions {
    std::size_t max_connections = 0;
    std::size_t max_body = 0;                    ///< bytes
    std::chrono::microseconds header_timeout{};  ///< for the whole head, from its first byte
    std::chrono::microseconds body_timeout{};    ///< for the whole body, and to wait for a permit
    std::chrono::microseconds commit_timeout{};  ///< then the sender is told that it is not durable yet
};

class HttpSession;

/// What a session needs of the listener it belongs to. I/O thread only.
class HttpHost {
  public:
    virtual ~HttpHost() = default;
    virtual Sink& sink() = 0;
    virtual const HttpOptions& options() const = 0;
    /// A large body may be read; false: the session is in the queue, and permit_granted() comes later.
    virtual bool take_permit(HttpSession& session) = 0;
    /// The permit, or (`had_it` is false) the place in the queue for one.
    virtual void give_back_permit(HttpSession& session, bool had_it) = 0;
    /// sink_ready() comes when the listener group is resumed.
    virtual void await_sink(HttpSession& session) = 0;
    /// Nothing is under way: it may be closed in favour of a new connection, or no longer.
    virtual void rests(HttpSession& session, bool resting) = 0;
    /// An answer goes out, to anything but a probe.
    virtual void answered(int status) = 0;
    /// The last call.
    virtual void ended(HttpSession& session) = 0;
};

/// Request, answer, and again, one at a time; what was sent ahead waits in the kernel. The answer to records
/// comes after their commit. Lives as long as the host keeps it or an operation of its own is under way, and
/// every wait has an end.
class HttpSession {
  public:
    /// An idle connection is kept so long for a next request.
    static constexpr std::chrono::seconds kIdleTimeout{60};
    /// For the peer to read an answer.
    static constexpr std::chrono::seconds kWriteTimeout{10};
    /// Before the end, for the peer to read the answer and close: a close with unread bytes would take it
    /// back.
    static constexpr std::chrono::seconds kLinger{1};
    /// For a sink that is busy with a commit.
    static constexpr std::chrono::seconds kPatience{2};
    /// Bytes of the head. A reverse proxy may add some.
    static constexpr std::uint32_t kMaxHead = 16 << 10;
    /// A body beyond this many bytes needs a permit.
    static constexpr std::size_t kLargeBody = std::size_t{64} << 10;

    virtual ~HttpSession() = default;
    virtual void start() = 0;
    virtual void permit_granted() = 0;
    virtual void sink_ready() = 0;
    /// No more records are taken: ends at once, or when those that were taken are answered.
    virtual void finish() = 0;
    /// Ends at once, without a word.
    virtual void abandon() = 0;
};

/// Over a connected socket, TCP or Unix. `host` must outlive the session's last call of ended() or abandon().
std::shared_ptr<HttpSession> make_http_session(const boost::asio::any_io_executor& executor, UniqueFd fd,
                                               HttpHost& host);

}  // namespace respand::ingest
