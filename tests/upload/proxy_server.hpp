// A small real HTTP proxy on loopback: CONNECT, and plain requests with a whole URL.
#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"

namespace respand::upload::test {

/// Connects to 127.0.0.1 whatever the name is. Serves any number of connections.
class ProxyServer {
  public:
    /// `authorization`: the value of Proxy-Authorization without which it answers 407.
    explicit ProxyServer(std::string authorization = "");
    ~ProxyServer();
    std::string url(const std::string& user = "") const {
        return "http://" + (user.empty() ? "" : user + "@") + "127.0.0.1:" + port_;
    }
    std::string port() const { return port_; }
    /// Heads of the requests to the proxy so far.
    std::vector<std::string> heads();

  private:
    void run();
    void serve(const UniqueFd& client);

    std::string authorization_;
    UniqueFd listener_;
    std::string port_;
    std::mutex mutex_;
    std::vector<std::string> heads_;
    std::vector<std::thread> connections_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace respand::upload::test
