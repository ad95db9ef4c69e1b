#include "ingest/stream_listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "ingest/peer.hpp"

namespace respand::ingest {
namespace {

using boost::asio::posix::descriptor_base;

}  // namespace

StreamListener::Connection::Connection(const boost::asio::any_io_executor& executor, UniqueFd fd,
                                       std::size_t max_record)
    : socket(executor), framer(max_record), origin(peer_of(fd.get(), ListenerKind::unix_stream)) {
    socket.assign(fd.release());
}

StreamListener::StreamListener(boost::asio::io_context& io, OpenSocket socket, const StreamOptions& options,
                               Sink& sink)
    : acceptor_(std::make_shared<Acceptor>(io.get_executor(), std::move(socket.fd), socket.address)),
      address_(std::move(socket.address)),
      path_(std::move(socket.path)),
      inherited_(socket.inherited),
      options_(options),
      sink_(sink),
      scratch_(std::make_unique<char[]>(kScratch + kPadding)) {}

void StreamListener::count(ListenerCounters& counters) const {
    counters.connections_open += connections_.size();
    counters.connections_refused += connections_refused_;
}

// Connections come.

void StreamListener::start() {
    acceptor_->start(
        [this] {
            return connections_.size() < options_.max_connections ||
                   sink_.accepting(ListenerKind::unix_stream);
        },
        [this](UniqueFd fd) { greet(std::move(fd)); });
}

void StreamListener::greet(UniqueFd fd) {
    if (connections_.size() >= options_.max_connections) {
        ++connections_refused_;
        if (refused_log_.allow(std::chrono::steady_clock::now())) {
            const Origin origin = peer_of(fd.get(), ListenerKind::unix_stream);
            spdlog::warn(
                "{}: connection of pid {} uid {} closed: {} are open already; raise "
                "ingest.unix_stream.max_connections if that is right{}",
                address_, origin.pid, static_cast<std::int64_t>(origin.uid), connections_.size(),
                refused_log_.suffix());
        }
        // What its sender wrote before it could know is taken: a program that connects, writes and goes was
        // told that all went well.
        Connection refused(acceptor_->executor(), std::move(fd), options_.max_record);
        drain_rest(refused);
        return;
    }
    auto connection = std::make_shared<Connection>(acceptor_->executor(), std::move(fd), options_.max_record);
    connections_.insert(connection);
    await_readable(connection);
}

// Connections are read.

void StreamListener::await_readable(const ConnectionPtr& connection) {
    connection->socket.async_wait(descriptor_base::wait_read,
                                  [self = shared_from_this(), connection](const boost::system::error_code&) {
                                      if (!self->closed_ && connection->open) self->on_readable(connection);
                                  });
}

/// One turn of one connection: one read. Whoever has more waits for the others' turns.
void StreamListener::on_readable(const ConnectionPtr& connection) {
    if (!sink_.accepting(ListenerKind::unix_stream)) {
        paused_.push_back(connection);
        return;
    }
    if (read_once(*connection) == ReadResult::ended)
        drop(connection);
    else
        read_on(connection);
}

StreamListener::ReadResult StreamListener::read_once(Connection& connection) {
    ssize_t got = 0;
    do {
        got = ::recv(connection.socket.native_handle(), scratch_.get(), kScratch, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) return ReadResult::empty;
    if (got <= 0) {  // the end, or a reset, which is one
        if (connection.framer.holds_half_line()) {
            sink_.fault(Fault::half_line, connection.origin);
            sink_.drained(0);
        }
        return ReadResult::ended;
    }
    std::size_t records = 0;
    const bool fits =
        connection.framer.feed({scratch_.get(), static_cast<std::size_t>(got)}, [&](std::string_view line) {
            ++records;
            sink_.record(line, connection.origin);
        });
    if (!fits) {
        if (line_log_.allow(std::chrono::steady_clock::now()))
            spdlog::warn("{}: a line of pid {} uid {} goes beyond {} bytes; the connection is closed{}",
                         address_, connection.origin.pid, static_cast<std::int64_t>(connection.origin.uid),
                         options_.max_record, line_log_.suffix());
        sink_.fault(Fault::line_too_large, connection.origin);
    }
    if (records != 0 || !fits) sink_.drained(records);
    return fits ? ReadResult::more : ReadResult::ended;
}

/// Waits for more of this connection, as soon as the line under way has the permit it needs.
void StreamListener::read_on(const ConnectionPtr& connection) {
    const bool large = connection->framer.buffered() > kLargeLine;
    if (!large) {
        give_back_permit(*connection);
    } else if (!connection->has_permit) {
        if (permits_ == 0) {
            queued_.push_back(connection);
            return;
        }
        --permits_;
        connection->has_permit = true;
    }
    await_readable(connection);
}

/// The permit goes to whoever waited longest.
void StreamListener::give_back_permit(Connection& connection) {
    if (!std::exchange(connection.has_permit, false)) return;
    if (queued_.empty()) {
        ++permits_;
        return;
    }
    const ConnectionPtr next = std::move(queued_.front());
    queued_.pop_front();
    next->has_permit = true;
    await_readable(next);
}

void StreamListener::drop(const ConnectionPtr& connection) {
    connection->open = false;
    boost::system::error_code ignored;
    connection->socket.close(ignored);
    give_back_permit(*connection);
    connections_.erase(connection);
}

void StreamListener::resume() {
    if (closed_) return;
    for (const ConnectionPtr& connection : std::exchange(paused_, {})) await_readable(connection);
}

// The end.

/// What this connection's sender had written at the time of the call.
void StreamListener::drain_rest(Connection& connection) {
    ::shutdown(connection.socket.native_handle(), SHUT_RD);  // the sender gets EPIPE from here on
    while (read_once(connection) == ReadResult::more) {
    }
}

/// Connections that nobody accepted yet, but whose senders may have written and gone.
void StreamListener::drain_backlog() {
    ::shutdown(acceptor_->fd(), SHUT_RD);  // no new ones: connecting is refused
    while (UniqueFd fd = Acceptor::accept_next(acceptor_->fd())) {
        Connection connection(acceptor_->executor(), std::move(fd), options_.max_record);
        drain_rest(connection);
    }
    if (errno != EAGAIN && errno != EINVAL)
        spdlog::error("{}: connections that waited to be accepted are lost: {}", address_,
                      std::generic_category().message(errno));
}

void StreamListener::close() {
    if (closed_) return;
    path_.remove();
    for (const ConnectionPtr& connection : connections_) {
        drain_rest(*connection);
        connection->open = false;
        boost::system::error_code ignored;
        connection->socket.close(ignored);  // at once: drain_backlog() may need its descriptor
    }
    // Of an inherited socket the backlog waits for the next start.
    if (!inherited_) drain_backlog();
    abandon();
}

void StreamListener::abandon() {
    if (closed_) return;
    closed_ = true;
    path_.remove();
    acceptor_->close();
    boost::system::error_code ignored;
    for (const ConnectionPtr& connection : connections_) connection->socket.close(ignored);
    connections_.clear();
    paused_.clear();
    queued_.clear();
}

}  // namespace respand::ingest
