#include "proxy_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace respand::upload::test {
namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

bool send_all(int fd, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        const ssize_t wrote = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (wrote <= 0) return false;
        sent += static_cast<std::size_t>(wrote);
    }
    return true;
}

/// The port of "CONNECT host:port …" or of "POST http://host:port/…".
int port_of(const std::string& head) {
    const auto colon = head.find(':', head.starts_with("CONNECT ") ? 0 : head.find("://") + 3);
    return std::atoi(head.c_str() + colon + 1);
}

}  // namespace

ProxyServer::ProxyServer(std::string authorization) : authorization_(std::move(authorization)) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_.get(), 16) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("the proxy can't listen on loopback");
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { run(); });
}

ProxyServer::~ProxyServer() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    for (std::thread& connection : connections_) connection.join();
}

std::vector<std::string> ProxyServer::heads() {
    const std::lock_guard lock(mutex_);
    return heads_;
}

void ProxyServer::run() {
    while (!stopping_) {
        UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!client) return;
        connections_.emplace_back([this, client = std::move(client)] { serve(client); });
    }
}

void ProxyServer::serve(const UniqueFd& client) {
    std::string text;
    std::array<char, 16'384> buffer{};
    std::size_t end = 0;
    while ((end = text.find("\r\n\r\n")) == std::string::npos) {
        const ssize_t got = ::recv(client.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    {
        const std::lock_guard lock(mutex_);
        heads_.push_back(text.substr(0, end));
    }
    if (!authorization_.empty() &&
        text.find("\r\nProxy-Authorization: " + authorization_ + "\r\n") == std::string::npos) {
        send_all(client.get(),
                 "HTTP/1.1 407 who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    const UniqueFd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port_of(text));
    if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        send_all(client.get(), "HTTP/1.1 502 nobody there\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    const bool tunnel = text.starts_with("CONNECT ");
    if (!send_all(tunnel ? client.get() : server.get(), tunnel ? "HTTP/1.1 200 go\r\n\r\n" : text)) return;
    while (!stopping_) {
        std::array<pollfd, 2> watched{{{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), 20) < 0) return;
        for (std::size_t side = 0; side < 2; ++side) {
            if (watched[side].revents == 0) continue;
            const ssize_t got = ::recv(watched[side].fd, buffer.data(), buffer.size(), 0);
            if (got <= 0) return;
            if (!send_all(watched[1 - side].fd, {buffer.data(), static_cast<std::size_t>(got)})) return;
        }
    }
}

}  // namespace respand::upload::test
