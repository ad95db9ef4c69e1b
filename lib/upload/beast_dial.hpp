// Opens a connection: name → address → TCP → [tunnel through the proxy] → [TLS]. Private to the beast_*
// files.
#pragma once
#include <functional>
#include <string>

#include "upload/beast_connection.hpp"
#include "upload/connector.hpp"

namespace respand::upload {

struct Dialled {
    ConnectionPtr connection;  ///< null: see below
    TransportFault fault = TransportFault::connect_failed;
    std::string detail;
};

/// I/O thread only. Each step may take Server::connect_timeout.
class Dial : public std::enable_shared_from_this<Dial> {
  public:
    Dial(asio::io_context& io, std::shared_ptr<Server> server, std::function<void(Dialled)> done)
        : io_(io), server_(std::move(server)), done_(std::move(done)) {}
    /// `done` is called once, not from inside, unless cancel() comes first.
    void start();
    void cancel();

  private:
    void connect(std::vector<asio::ip::tcp::endpoint> addresses);
    void ask_proxy();
    void read_proxy();
    void proxy_answered(int status, bool more);
    void shake_hands();
    void shook_hands(boost::system::error_code error);
    void fail(TransportFault fault, std::string detail);
    void finish(Dialled dialled);

    asio::io_context& io_;
    std::shared_ptr<Server> server_;
    std::function<void(Dialled)> done_;  ///< empty: finished
    std::shared_ptr<Connector> connector_;
    ConnectionPtr connection_;
    int interim_answers_ = 0;
};

}  // namespace respand::upload
