#include "control/http_exchange.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <system_error>

namespace respand::control {
namespace {

namespace http = boost::beast::http;

/// A page of an export holds at most one record of the largest size beyond its limit.
constexpr std::uint64_t kMaxAnswer = 64ULL << 20;

std::unexpected<Error> broken(const std::string& peer, int code) {
    return fail(ErrorKind::unavailable, peer + ": " + std::generic_category().message(code));
}

Status send_all(int fd, std::string_view text, const std::string& peer) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        // One that answers before it has read all has something to say: it is read below.
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return {};
        if (sent < 0) return broken(peer, errno);
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

}  // namespace

Result<ClientAnswer> exchange(int fd, std::string_view request, const std::string& peer) {
    if (auto sent = send_all(fd, request, peer); !sent) return std::unexpected(sent.error());
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.body_limit(kMaxAnswer);
    std::string received;
    std::array<char, 65536> buffer{};
    while (!parser.is_done()) {
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return broken(peer, errno == EAGAIN ? ETIMEDOUT : errno);
        if (size == 0) return fail(ErrorKind::unavailable, peer + ": the daemon closed the connection");
        received.append(buffer.data(), static_cast<std::size_t>(size));
        boost::system::error_code error;
        const std::size_t used = parser.put(boost::asio::buffer(received), error);
        received.erase(0, used);
        if (error && error != http::error::need_more)
            return fail(ErrorKind::data, peer + ": not the answer of a respand daemon");
    }
    return ClientAnswer{static_cast<int>(parser.get().result_int()), parser.get().body()};
}

}  // namespace respand::control
