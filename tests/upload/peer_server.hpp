// A small blocking HTTP(S) server on loopback whose every byte the test decides.
#pragma once
#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/fd.hpp"
#include "support/certificates.hpp"

namespace respand::upload::test {

/// One accepted connection, on the server's thread. Calls block for at most some seconds.
class Peer {
  public:
    Peer(UniqueFd fd, SSL_CTX* tls);
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer();

    /// False when TLS was configured and its handshake failed.
    bool ready() const { return ready_; }
    /// What the client named in its TLS greeting, empty when nothing.
    std::string server_name() const;
    /// Head and body of the next request; empty when the client closed.
    std::string read_request();
    /// Up to the empty line.
    std::string read_head();
    void write(const std::string& text);
    /// A complete answer with Content-Length.
    void answer(int status, const std::string& body, const std::string& headers = "");
    /// Blocks until the client closes.
    void wait_for_close();
    /// Writes `piece` again and again, with a millisecond in between, until the client closes.
    void drip(const std::string& piece);
    /// Ends the connection with a RST.
    void reset();

  private:
    int receive(char* into, int size);

    UniqueFd fd_;
    SSL* ssl_ = nullptr;
    bool ready_ = true;
    std::string rest_;  ///< read, but not yet asked for
};

/// Calls `serve` for each connection in turn, with its number from 0, on a thread of its own.
class PeerServer {
  public:
    using Serve = std::function<void(Peer&, int number)>;
    /// `tune` may change the TLS side before the first connection.
    explicit PeerServer(Serve serve, const respand::test::Certificate* certificate = nullptr,
                        const std::function<void(SSL_CTX*)>& tune = {});
    ~PeerServer();
    std::string port() const { return std::to_string(port_); }
    int connections() const { return connections_; }

  private:
    void run();

    Serve serve_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_{nullptr, &SSL_CTX_free};
    UniqueFd listener_;
    int port_ = 0;
    std::atomic<int> connections_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace respand::upload::test
