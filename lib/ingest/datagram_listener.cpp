#include "ingest/datagram_listener.hpp"

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "ingest/memfd.hpp"

namespace respand::ingest {
namespace {

/// The kernel's account of a socket's memory and drops, SK_MEMINFO_*; zeros when it has none.
std::array<std::uint32_t, SK_MEMINFO_VARS> memory_info(int fd) {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) info.fill(0);
    return info;
}

std::uint32_t drops_so_far(const DatagramOptions& options, int fd) {
    return options.kind == ListenerKind::udp ? memory_info(fd)[SK_MEMINFO_DROPS] : 0;
}

}  // namespace

Result<std::shared_ptr<DatagramListener>> DatagramListener::make(boost::asio::io_context& io,
                                                                 OpenSocket socket,
                                                                 const DatagramOptions& options, Sink& sink) {
    auto batch = ReceiveBatch::allocate(options.largest);
    if (!batch) return std::unexpected(std::move(batch.error()).within(socket.address));
    return std::make_shared<DatagramListener>(io, std::move(socket), options, std::move(*batch), sink);
}

DatagramListener::DatagramListener(boost::asio::io_context& io, OpenSocket socket,
                                   const DatagramOptions& options, std::unique_ptr<ReceiveBatch> batch,
                                   Sink& sink)
    : socket_(io),
      timer_(io),
      address_(std::move(socket.address)),
      path_(std::move(socket.path)),
      inherited_(socket.inherited),
      options_(options),
      batch_(std::move(batch)),
      sink_(sink),
      linger_(options.linger, options.queue_length),
      drops_(drops_so_far(options, socket.fd.get())) {
    socket_.assign(socket.fd.release());
}

void DatagramListener::await_readable() {
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const boost::system::error_code&) {
                           if (!self->closed_) self->on_readable();
                       });
}

void DatagramListener::on_readable() {
    const auto wait = linger_.wait();
    if (wait == std::chrono::microseconds::zero())
        turn();
    else
        turn_after(wait);
}

void DatagramListener::turn_after(std::chrono::microseconds pause) {
    timer_.expires_after(pause);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
        if (!self->closed_) self->turn();
    });
}

void DatagramListener::post_turn() {
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (!self->closed_) self->turn();
    });
}

void DatagramListener::resume() {
    if (!paused_ || closed_) return;
    paused_ = false;
    post_turn();
}

/// One turn: reads until the queue is empty, the turn is used up, or the sink has had enough.
void DatagramListener::turn() {
    Drain drain;
    while (drain.error == 0 && drain.datagrams < kDatagramsPerTurn && drain.bytes < kBytesPerTurn &&
           sink_.accepting(options_.kind)) {
        receive_batch(drain);
        while (batch_->holds_any() && sink_.accepting(options_.kind)) deliver(batch_->take(), drain);
    }
    if (drain.datagrams != 0) {
        linger_.drained(drain.datagrams, drain.bytes, std::chrono::steady_clock::now());
        sink_.drained(drain.records);
    }
    // Asked anew: drained() may have made room, or used it up.
    paused_ = !sink_.accepting(options_.kind);
    const bool empty = drain.error == EAGAIN;
    if ((empty || paused_) && !batch_->holds_any()) batch_->release_large();
    if (paused_) return;
    if (drain.error == 0 || batch_->holds_any()) return post_turn();
    if (empty) return await_readable();
    const auto now = std::chrono::steady_clock::now();
    if (error_log_.allow(now))
        spdlog::error("{}: receiving failed: {}; trying again in {}{}", address_,
                      std::generic_category().message(drain.error), format(kErrorPause), error_log_.suffix());
    turn_after(kErrorPause);
}

/// Fills the batch, unless the sink left some of the last one.
void DatagramListener::receive_batch(Drain& drain) {
    if (batch_->holds_any()) return;
    const int received = batch_->receive(socket_.native_handle());
    if (received < 0)
        drain.error = -received;
    else if (static_cast<std::size_t>(received) < batch_->slots())
        drain.error = EAGAIN;  // not filled, so it found the end of the queue: no need for another call
}

void DatagramListener::deliver_held(Drain& drain) {
    while (batch_->holds_any()) deliver(batch_->take(), drain);
}

void DatagramListener::deliver(Datagram datagram, Drain& drain) {
    ++drain.datagrams;
    drain.bytes += datagram.text.size();
    const Origin origin{options_.kind, datagram.ancillary.pid, datagram.ancillary.uid};
    if (datagram.ancillary.drop_counter) note_drops(*datagram.ancillary.drop_counter);
    if (datagram.truncated) {
        refuse(
            Fault::truncated_datagram, origin,
            "a datagram is larger than the receive buffer; send records of this size over the stream socket "
            "or in a memfd");
    } else if (!datagram.text.empty()) {
        ++drain.records;
        sink_.record(datagram.text, origin);
    } else if (datagram.ancillary.fd_count == 0 && !datagram.ancillary.fds_lost) {
        sink_.fault(Fault::empty_datagram, origin);
    } else {
        deliver_memfd(datagram, origin, drain);
    }
}

void DatagramListener::deliver_memfd(const Datagram& datagram, const Origin& origin, Drain& drain) {
    const Ancillary& ancillary = datagram.ancillary;
    if (ancillary.fds_lost)
        return refuse(
            Fault::bad_memfd, origin,
            "of the file descriptors passed with an empty datagram some did not arrive; pass exactly "
            "one, and see that respand's limit of open files (LimitNOFILE=) is not reached");
    if (ancillary.fd_count != 1)
        return refuse(Fault::bad_memfd, origin,
                      "an empty datagram carries several file descriptors; pass exactly one memfd");
    const auto memfd = MappedMemfd::map(ancillary.fds[0].get(), options_.max_record);
    if (!memfd) return refuse(memfd.error().fault, origin, "memfd refused: " + memfd.error().reason);
    ++drain.records;
    drain.bytes += memfd->text().size();
    sink_.record(memfd->text(), origin);
}

/// Says what only the listener knows; that it happened is the sink's to count.
void DatagramListener::refuse(Fault fault, const Origin& origin, std::string_view reason) {
    if (refused_log_.allow(std::chrono::steady_clock::now()))
        spdlog::warn("{}: from pid {} uid {}: {}{}", address_, origin.pid,
                     static_cast<std::int64_t>(origin.uid), reason, refused_log_.suffix());
    sink_.fault(fault, origin);
}

void DatagramListener::note_drops(std::uint32_t reading) {
    const std::uint32_t fresh = drops_.advance(reading);
    if (fresh == 0) return;
    kernel_drops_ += fresh;
    sink_.dropped_by_kernel(fresh, options_.kind);
}

void DatagramListener::look_for_drops() {
    if (closed_ || options_.kind != ListenerKind::udp) return;
    const std::uint64_t before = kernel_drops_;
    note_drops(drops_so_far(options_, socket_.native_handle()));
    if (kernel_drops_ != before) sink_.drained(0);  // so that they are committed
}

/// Delivers what is queued at the time of the call, whatever the sink says.
void DatagramListener::drain_rest() {
    Drain drain;
    deliver_held(drain);
    if (inherited_) {
        // The service manager keeps the socket open: what is queued waits for the next start.
    } else if (options_.kind == ListenerKind::udp) {
        // There is no way to shut the door on UDP. Each queued datagram takes more of the socket's memory
        // than its bytes and kOverhead: once so much was read, the rest came later.
        constexpr std::size_t kOverhead = 256;
        const std::size_t queued = memory_info(socket_.native_handle())[SK_MEMINFO_RMEM_ALLOC];
        Drain late;
        while (late.error == 0 && late.bytes + late.datagrams * kOverhead < queued) {
            receive_batch(late);
            deliver_held(late);
        }
        drain.datagrams += late.datagrams;
        drain.records += late.records;
    } else {
        ::shutdown(socket_.native_handle(), SHUT_RD);  // senders get EPIPE from here on
        while (drain.error == 0) {
            receive_batch(drain);
            deliver_held(drain);
        }
    }
    if (options_.kind == ListenerKind::udp) note_drops(drops_so_far(options_, socket_.native_handle()));
    if (drain.datagrams != 0) sink_.drained(drain.records);
}

void DatagramListener::close() {
    if (closed_) return;
    path_.remove();
    drain_rest();
    abandon();
}

void DatagramListener::abandon() {
    if (closed_) return;
    closed_ = true;
    path_.remove();
    timer_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace respand::ingest
