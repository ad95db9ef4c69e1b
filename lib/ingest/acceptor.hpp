// Accepts connections, some at a time, and waits when the system has none to give.
#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/fd.hpp"
#include "base/log.hpp"

namespace respand::ingest {

/// One listening socket. I/O thread only; lives on while an operation of its own is under way, and does
/// nothing after close().
class Acceptor : public std::enable_shared_from_this<Acceptor> {
  public:
    static constexpr int kAcceptsPerTurn = 64;
    /// After accept() failed for lack of descriptors or memory, or when `may_accept` said no.
    static constexpr std::chrono::milliseconds kPause{100};

    /// `address`: for the log.
    Acceptor(const boost::asio::any_io_executor& executor, UniqueFd fd, std::string address);

    /// Calls `greet` with each connection (non-blocking, close-on-exec) while `may_accept` is true. What they
    /// refer to must live until close().
    void start(std::function<bool()> may_accept, std::function<void(UniqueFd)> greet);
    int fd() { return socket_.native_handle(); }
    boost::asio::any_io_executor executor() { return socket_.get_executor(); }
    void close();

    /// The next connection of a backlog; empty with errno set when there is none.
    static UniqueFd accept_next(int listener);

  private:
    void await_connection();
    void accept_some();
    void accept_later();

    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer pause_;
    std::string address_;
    std::function<bool()> may_accept_;
    std::function<void(UniqueFd)> greet_;
    LogLimiter log_;
    bool closed_ = false;
};

}  // namespace respand::ingest
