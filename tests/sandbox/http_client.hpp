// A blocking HTTP client that knows as little as possible, so that the server's bytes are what is tested.
#pragma once
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace respand::sandbox::test {

struct Reply {
    int status = 0;  ///< 0: the connection ended instead
    std::map<std::string, std::string> headers;
    std::string body;
    nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
    std::string detail() const { return json().value("detail", ""); }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

inline const Headers kGoodHeaders{{"Authorization", "Bearer secret"}, {"Content-Type", "application/json"}};

/// One connection.
class Client {
  public:
    explicit Client(std::uint16_t port, const std::string& ca_file = "") : socket_(io_) {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
        if (ca_file.empty()) return;
        context_.emplace(boost::asio::ssl::context::tls_client);
        context_->load_verify_file(ca_file);
        tls_.emplace(socket_, *context_);
        tls_->set_verify_mode(boost::asio::ssl::verify_peer);
        tls_->set_verify_callback(boost::asio::ssl::host_name_verification("127.0.0.1"));
        tls_->handshake(boost::asio::ssl::stream_base::client);
    }

    void send_raw(std::string_view bytes) {
        const auto buffer = boost::asio::buffer(bytes.data(), bytes.size());
        boost::system::error_code ignored;  // the server may have answered and closed already
        tls_ ? boost::asio::write(*tls_, buffer, ignored) : boost::asio::write(socket_, buffer, ignored);
    }

    Reply request(const std::string& method, const std::string& target, const std::string& body = "",
                  const Headers& headers = kGoodHeaders) {
        std::string head = method + " " + target + " HTTP/1.1\r\nHost: sandbox\r\n";
        for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
        send_raw(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        return read_reply(method == "HEAD");
    }
    Reply post(const std::string& target, const std::string& body) { return request("POST", target, body); }
    Reply get(const std::string& target) { return request("GET", target, "", {}); }

    Reply read_reply(bool without_body = false) {
        Reply reply;
        const auto end = fill_until("\r\n\r\n");
        if (!end) return reply;
        std::string head = input_.substr(0, *end);
        input_.erase(0, *end);
        reply.status = std::stoi(head.substr(head.find(' ') + 1));
        for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
            const auto line_end = head.find("\r\n", at);
            const auto colon = head.find(": ", at);
            reply.headers[head.substr(at, colon - at)] = head.substr(colon + 2, line_end - colon - 2);
            at = line_end + 2;
        }
        const auto length = without_body ? 0 : std::stoul("0" + reply.headers["Content-Length"]);
        while (input_.size() < length && fill()) continue;
        reply.body = input_.substr(0, length);
        input_.erase(0, length);
        return reply;
    }

    /// Why the connection ended, after all it still held was read.
    boost::system::error_code end() {
        while (!error_ && fill()) continue;
        return error_;
    }

  private:
    bool fill() {
        char chunk[4096];
        const auto buffer = boost::asio::buffer(chunk);
        const std::size_t count = tls_ ? tls_->read_some(buffer, error_) : socket_.read_some(buffer, error_);
        input_.append(chunk, count);
        return !error_;
    }
    std::optional<std::size_t> fill_until(std::string_view mark) {
        for (;;) {
            if (const auto at = input_.find(mark); at != std::string::npos) return at + mark.size();
            if (!fill()) return std::nullopt;
        }
    }

    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    std::optional<boost::asio::ssl::context> context_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
    std::string input_;
    boost::system::error_code error_;
};

}  // namespace respand::sandbox::test
