#include "upload/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace respand::upload {
namespace {

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_ipv6(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::unexpected<Error> bad_url(const std::string& text, const std::string& why) {
    return fail(ErrorKind::config,
                "base_url \"" + text + "\": " + why + "; write it like \"https://api.respan.ai/api\"");
}

}  // namespace

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string read_authority(std::string_view text, std::string& host, std::string& port_out) {
    std::string_view port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return "the bracket of the IPv6 address is not closed";
        host = lower(text.substr(1, end - 1));
        if (!is_ipv6(host)) return "what stands in brackets is not an IPv6 address";
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') return "after the IPv6 address only :PORT may follow";
        has_port = !text.empty();
        if (has_port) port = text.substr(1);
    } else {
        const auto colon = text.find(':');
        host = lower(text.substr(0, colon));
        has_port = colon != std::string_view::npos;
        if (has_port) port = text.substr(colon + 1);
        if (host.empty()) return "there is no host name";
        if (!std::all_of(host.begin(), host.end(), is_host_character))
            return "the host name may hold letters, digits, '-', '.' and '_' only";
    }
    if (!has_port) return {};
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65'535)
        return "the port must be a number from 1 to 65535";
    port_out = std::to_string(number);
    return {};
}

bool is_loopback(const std::string& host) {
    if (host == "localhost") return true;
    in_addr v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
    in6_addr v6{};
    return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<BaseUrl> parse_base_url(const std::string& text) {
    BaseUrl url;
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string::npos) return bad_url(text, "it has no scheme");
    const std::string scheme = lower(std::string_view(text).substr(0, scheme_end));
    if (scheme != "https" && scheme != "http") return bad_url(text, "the scheme must be https");
    url.tls = scheme == "https";
    url.port = url.tls ? "443" : "80";

    std::string_view rest = std::string_view(text).substr(scheme_end + 3);
    if (std::any_of(rest.begin(), rest.end(), [](char c) { return c <= ' ' || c > '~'; }))
        return bad_url(text, "it holds a blank or a character outside ASCII");
    if (rest.find('@') != std::string_view::npos)  // Not quoted: it may hold a password.
        return fail(ErrorKind::config,
                    "base_url must not hold a user name or password; the key goes to api_key");
    if (rest.find_first_of("?#") != std::string_view::npos)
        return bad_url(text, "it must not hold a query or a fragment");

    const auto slash = rest.find('/');
    if (const std::string wrong = read_authority(rest.substr(0, slash), url.host, url.port); !wrong.empty())
        return bad_url(text, wrong);
    if (slash != std::string_view::npos) url.prefix = rest.substr(slash);
    while (url.prefix.ends_with('/')) url.prefix.pop_back();
    if (url.prefix.ends_with("/request-logs") || url.prefix.find("/request-logs/") != std::string::npos)
        return bad_url(text, "leave out /request-logs and what follows, it is added");
    return url;
}

std::string BaseUrl::host_header() const {
    std::string header = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != (tls ? "443" : "80")) header += ":" + port;
    return header;
}

}  // namespace respand::upload
