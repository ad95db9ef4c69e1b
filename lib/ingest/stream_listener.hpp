// Listens for stream connections: newline-delimited records.
#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_set>
#include <vector>

#include "base/log.hpp"
#include "ingest/acceptor.hpp"
#include "ingest/line_framer.hpp"
#include "ingest/listener.hpp"

namespace respand::ingest {

struct StreamOptions {
    std::size_t max_record = 0;       ///< bytes of a line without its line end
    std::size_t max_connections = 0;  ///< one more is closed at once
};

/// All connections read through one scratch buffer; a connection holds memory only for a line that a read
/// cut. Lines that grow large take a permit, of which there are few: so many half-sent lines of full size can
/// be in memory, and no more; other senders of such lines are pushed back meanwhile.
///
/// An open connection is in exactly one of these states: waiting for readiness, in `paused_` (the sink does
/// not accept), or in `queued_` (no permit is free).
class StreamListener final : public Listener, public std::enable_shared_from_this<StreamListener> {
  public:
    /// Bytes read from a connection in one turn. Above what the kernel holds for a sender with default
    /// buffers (208 KiB), so that one read gets it all.
    static constexpr std::size_t kScratch = std::size_t{256} << 10;
    /// A line under way beyond this many bytes needs a permit…
    static constexpr std::size_t kLargeLine = std::size_t{64} << 10;
    /// …of which there are this many: 8 × 20 MB.
    static constexpr std::size_t kLargeLinePermits = 8;

    StreamListener(boost::asio::io_context& io, OpenSocket socket, const StreamOptions& options, Sink& sink);

    void start() override;
    void resume() override;
    void close() override;
    void abandon() override;
    ListenerAddress address() const override { return {ListenerKind::unix_stream, address_}; }
    void count(ListenerCounters& counters) const override;

  private:
    struct Connection {
        Connection(const boost::asio::any_io_executor& executor, UniqueFd fd, std::size_t max_record);
        boost::asio::posix::stream_descriptor socket;
        LineFramer framer;
        Origin origin;
        bool has_permit = false;
        bool open = true;
    };
    using ConnectionPtr = std::shared_ptr<Connection>;
    /// What one read found.
    enum class ReadResult { more, empty, ended };

    void greet(UniqueFd fd);

    void await_readable(const ConnectionPtr& connection);
    void on_readable(const ConnectionPtr& connection);
    ReadResult read_once(Connection& connection);
    void read_on(const ConnectionPtr& connection);
    void give_back_permit(Connection& connection);
    void drop(const ConnectionPtr& connection);

    void drain_rest(Connection& connection);
    void drain_backlog();

    std::shared_ptr<Acceptor> acceptor_;
    std::string address_;
    OwnedPath path_;
    bool inherited_;
    StreamOptions options_;
    Sink& sink_;
    std::unique_ptr<char[]> scratch_;
    std::unordered_set<ConnectionPtr> connections_;
    std::vector<ConnectionPtr> paused_;
    std::deque<ConnectionPtr> queued_;
    std::size_t permits_ = kLargeLinePermits;
    std::uint64_t connections_refused_ = 0;
    LogLimiter refused_log_;
    LogLimiter line_log_;
    bool closed_ = false;
};

}  // namespace respand::ingest
