// Listens for datagrams, Unix or UDP: one record each.
#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>

#include "base/log.hpp"
#include "ingest/drop_counter.hpp"
#include "ingest/linger_policy.hpp"
#include "ingest/listener.hpp"
#include "ingest/receive_batch.hpp"

namespace respand::ingest {

struct DatagramOptions {
    ListenerKind kind = ListenerKind::unix_datagram;
    std::size_t largest = 0;       ///< bytes of the largest datagram to receive whole
    std::size_t max_record = 0;    ///< bytes of the largest memfd
    std::size_t queue_length = 0;  ///< datagrams the kernel queues before it blocks or drops
    std::chrono::microseconds linger{0};
};

/// At any time exactly one of these is under way: waiting for readiness, lingering, a posted turn, waiting
/// after an error; or it is paused until resume(); or it is closed.
class DatagramListener final : public Listener, public std::enable_shared_from_this<DatagramListener> {
  public:
    /// A turn ends here, so that other sockets and timers get theirs.
    static constexpr std::size_t kDatagramsPerTurn = 1024;
    static constexpr std::size_t kBytesPerTurn = std::size_t{4} << 20;
    /// After an error of the socket that waiting may mend (no memory).
    static constexpr std::chrono::milliseconds kErrorPause{100};

    static Result<std::shared_ptr<DatagramListener>> make(boost::asio::io_context& io, OpenSocket socket,
                                                          const DatagramOptions& options, Sink& sink);
    DatagramListener(boost::asio::io_context& io, OpenSocket socket, const DatagramOptions& options,
                     std::unique_ptr<ReceiveBatch> batch, Sink& sink);

    void start() override { await_readable(); }
    void resume() override;
    void close() override;
    void abandon() override;
    ListenerAddress address() const override { return {options_.kind, address_}; }
    void look_for_drops() override;
    void count(ListenerCounters& counters) const override { counters.kernel_drops += kernel_drops_; }

  private:
    struct Drain {
        std::size_t datagrams = 0;
        std::size_t records = 0;
        std::size_t bytes = 0;
        int error = 0;  ///< errno; EAGAIN: the queue is empty
    };

    void await_readable();
    void on_readable();
    void turn();
    void turn_after(std::chrono::microseconds pause);
    void post_turn();

    void receive_batch(Drain& drain);
    void deliver_held(Drain& drain);
    void deliver(Datagram datagram, Drain& drain);
    void deliver_memfd(const Datagram& datagram, const Origin& origin, Drain& drain);
    void refuse(Fault fault, const Origin& origin, std::string_view reason);
    void note_drops(std::uint32_t reading);
    void drain_rest();

    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer timer_;
    std::string address_;
    OwnedPath path_;
    bool inherited_;
    DatagramOptions options_;
    std::unique_ptr<ReceiveBatch> batch_;
    Sink& sink_;
    LingerPolicy linger_;
    DropCounter drops_;
    std::uint64_t kernel_drops_ = 0;
    LogLimiter refused_log_;
    LogLimiter error_log_;
    bool paused_ = false;
    bool closed_ = false;
};

}  // namespace respand::ingest
