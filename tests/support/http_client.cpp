#include "support/http_client.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace respand::test {

HttpClient::HttpClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd_.reset();
}

HttpClient::HttpClient(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd_.reset();
}

bool HttpClient::send_raw(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool HttpClient::send(std::string_view method, std::string_view target, std::string_view body,
                      std::string_view headers) const {
    std::string request(method);
    request.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return send_raw(request.append(body));
}

void HttpClient::fill() {
    std::array<char, 16384> chunk{};
    for (;;) {
        const ssize_t got = ::recv(fd_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0 || (got < 0 && errno != EAGAIN)) ended_ = true;
        if (got <= 0) return;
        input_.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

std::optional<HttpReply> HttpClient::try_read(bool to_head) {
    fill();
    const std::size_t end = input_.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    HttpReply reply;
    const std::string_view head(input_.data(), end + 2);
    reply.status = std::stoi(std::string(head.substr(head.find(' ') + 1, 3)));
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
        const std::size_t line_end = head.find("\r\n", at);
        const std::size_t colon = head.find(": ", at);
        std::string name(head.substr(at, colon - at));
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        reply.headers[name] = head.substr(colon + 2, line_end - colon - 2);
        at = line_end + 2;
    }
    const bool bodiless = to_head || reply.status == 100;
    const std::size_t length = bodiless ? 0 : std::stoul("0" + reply.headers["content-length"]);
    if (input_.size() < end + 4 + length) return std::nullopt;
    reply.body = input_.substr(end + 4, length);
    input_.erase(0, end + 4 + length);
    return reply;
}

std::optional<HttpReply> HttpClient::read() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (;;) {
        if (auto reply = try_read()) return reply;
        if (ended_ || std::chrono::steady_clock::now() > deadline) return std::nullopt;
        pollfd readable{fd_.get(), POLLIN, 0};
        ::poll(&readable, 1, 100);
    }
}

}  // namespace respand::test
