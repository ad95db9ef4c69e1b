// URLs of servers and proxies, taken apart. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace respand::upload {

/// base_url taken apart.
struct BaseUrl {
    bool tls = true;
    std::string host;    ///< IPv6 without brackets
    std::string port;    ///< always filled in
    std::string prefix;  ///< path before "/request-logs/…": "/api" or empty
    std::string host_header() const;
};
Result<BaseUrl> parse_base_url(const std::string& text);
/// "localhost", 127.0.0.0/8 or ::1: where plain HTTP is allowed.
bool is_loopback(const std::string& host);

/// "host", "host:port" or "[v6]:port" into `host` (lower case, IPv6 without brackets) and, when there is one,
/// `port`. Returns what is wrong, empty when nothing is; never quotes the text.
std::string read_authority(std::string_view text, std::string& host, std::string& port);
std::string lower(std::string_view text);

}  // namespace respand::upload
