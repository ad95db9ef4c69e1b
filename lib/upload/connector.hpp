// Addresses → one TCP connection.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace respand::upload {

/// What it took to connect, or why it could not be done.
struct Connected {
    std::optional<boost::asio::ip::tcp::socket> socket;  ///< nothing: see below
    boost::asio::ip::tcp::endpoint address;              ///< of the socket
    bool timed_out = false;
    std::string why;  ///< "Connection refused (127.0.0.1, the last of 2 addresses)"
};

/// An attempt that has neither succeeded nor failed after this long gets company (RFC 8305, section 5).
inline constexpr std::chrono::milliseconds kNextAddressAfter{250};

/// The first address stays first; behind it the families take turns, so that a dead one costs one delay and
/// not one per address (RFC 8305, section 4). Pure.
std::vector<boost::asio::ip::tcp::endpoint> take_turns(std::vector<boost::asio::ip::tcp::endpoint> addresses);

/// Tries the addresses in turn, the next one as soon as one failed or after kNextAddressAfter, and takes the
/// first connection that is made. I/O thread only.
class Connector : public std::enable_shared_from_this<Connector> {
  public:
    /// Calls `done` once, not from inside, unless cancel() comes first. `addresses`: not empty. `timeout` is
    /// for all of them together.
    static std::shared_ptr<Connector> start(boost::asio::io_context& io,
                                            std::vector<boost::asio::ip::tcp::endpoint> addresses,
                                            std::chrono::microseconds timeout,
                                            std::function<void(Connected)> done);
    ~Connector();
    void cancel();

  private:
    struct State;
    explicit Connector(std::unique_ptr<State> state);
    void next();
    void arm();
    void ended(std::size_t index, const boost::system::error_code& error);
    void finish(Connected connected);

    std::unique_ptr<State> state_;
};

}  // namespace respand::upload
