#include "upload/proxy.hpp"

#include <arpa/inet.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace respand::upload {
namespace {

constexpr const char* kDefaultPort = "80";
constexpr std::size_t kLongestLogin = 1024;  // bytes of user and of password; more is some other text

struct Address {
    std::array<unsigned char, 16> bytes{};
    unsigned bits = 0;  ///< 32, 128; 0: not an address
};

Address parse_address(const std::string& text) {
    Address address;
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1)
        address.bits = 32;
    else if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1)
        address.bits = 128;
    return address;
}

bool within(const Address& address, std::string_view network) {
    const auto slash = network.find('/');
    const Address base = parse_address(std::string(network.substr(0, slash)));
    const std::string_view length = network.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc{} || end != length.data() + length.size()) return false;
    if (base.bits == 0 || base.bits != address.bits || bits > base.bits) return false;
    for (unsigned i = 0; i < bits; ++i) {
        const unsigned mask = 0x80U >> (i % 8);
        if (((base.bytes[i / 8] ^ address.bytes[i / 8]) & mask) != 0) return false;
    }
    return true;
}

bool entry_names(std::string_view entry, const BaseUrl& server, const Address& address) {
    if (entry == "*") return true;
    if (entry.find('/') != std::string_view::npos) return within(address, entry);
    if (entry.starts_with("*.")) entry.remove_prefix(2);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    std::string host;
    std::string port;
    const Address bare = parse_address(std::string(entry));  // IPv6 may stand without brackets
    if (bare.bits != 0)
        host = lower(entry);
    else if (!read_authority(entry, host, port).empty())
        return false;
    if (!port.empty() && port != server.port) return false;
    const Address named = parse_address(host);
    if (named.bits != 0) return named.bits == address.bits && named.bytes == address.bytes;
    return server.host == host || server.host.ends_with("." + host);
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned byte = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) return {};
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

bool fits_a_header(const std::string& text) {
    return text.size() <= kLongestLogin && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
           });
}

/// "http://[user[:password]@]host[:port][/]" or the same without scheme. What is wrong never quotes the text.
Result<Proxy> parse_proxy(std::string_view text, const std::string& source) {
    const auto bad = [&source](const std::string& why) {
        return fail(ErrorKind::config, source + ": " + why + "; write it like \"http://proxy.example:3128\"");
    };
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
        if (lower(text.substr(0, scheme)) != "http")
            return bad("only http:// proxies can be used (records stay encrypted on the way through them)");
        text.remove_prefix(scheme + 3);
    }
    if (text.ends_with('/')) text.remove_suffix(1);
    Proxy proxy;
    proxy.port = kDefaultPort;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        const std::string_view login = text.substr(0, at);
        const auto colon = login.find(':');
        const auto user = percent_decoded(login.substr(0, colon));
        const auto password =
            percent_decoded(colon == std::string_view::npos ? std::string_view() : login.substr(colon + 1));
        if (!user || !password || user->find(':') != std::string::npos || !fits_a_header(*user) ||
            !fits_a_header(*password))
            return bad("the login before '@' can't be read (special characters are written as %XX)");
        proxy.user = *user;
        proxy.password = *password;
        text.remove_prefix(at + 1);
    }
    if (const std::string wrong = read_authority(text, proxy.host, proxy.port); !wrong.empty())
        return bad(wrong);
    return proxy;
}

std::string base64(const std::string& text) {
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends with a zero
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

}  // namespace

std::string Proxy::place() const {
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

std::string Proxy::authorization() const {
    return user.empty() ? std::string() : "Basic " + base64(user + ":" + password);
}

Result<std::optional<Proxy>> parse_proxy_setting(const std::string& setting) {
    if (setting.empty() || setting == "none") return std::nullopt;
    auto proxy = parse_proxy(setting, "proxy");
    if (!proxy) return std::unexpected(proxy.error());
    if (!proxy->password.empty())
        return fail(ErrorKind::config,
                    "proxy holds a password, and a password does not belong into this file; leave the user "
                    "in the URL (http://user@host:3128) and name the password's source in proxy_password");
    return std::optional(std::move(*proxy));
}

Status check_proxy(const Proxy& proxy, const BaseUrl& server) {
    if (server.tls || is_loopback(proxy.host)) return {};
    return fail(ErrorKind::config, "proxy " + proxy.place() +
                                       ": an http:// base_url would show the API key and all records to the "
                                       "network on the way to it; set proxy = \"none\"");
}

Result<std::optional<Proxy>> choose_proxy(const NetworkSettings& settings, const Credentials& credentials,
                                          const BaseUrl& server) {
    auto chosen = parse_proxy_setting(settings.proxy);
    if (!chosen) return chosen;
    if (*chosen) {
        (*chosen)->password = credentials.proxy_password;
        if (!fits_a_header((*chosen)->password))
            return fail(ErrorKind::config, "the proxy's password holds a line break or is too long");
    } else if (settings.proxy.empty() && !is_loopback(server.host)) {
        const std::string& variable =
            server.tls ? credentials.proxies.https_proxy : credentials.proxies.http_proxy;
        if (variable.empty() || no_proxy_names(credentials.proxies.no_proxy, server)) return std::nullopt;
        auto proxy = parse_proxy(
            variable, std::string("environment variable ") + (server.tls ? "HTTPS_PROXY" : "HTTP_PROXY"));
        if (!proxy) return std::unexpected(proxy.error());
        chosen = std::optional(std::move(*proxy));
    }
    if (*chosen) {
        if (Status safe = check_proxy(**chosen, server); !safe) return std::unexpected(safe.error());
    }
    return chosen;
}

bool no_proxy_names(std::string_view no_proxy, const BaseUrl& server) {
    const Address address = parse_address(server.host);
    while (!no_proxy.empty()) {
        const auto end = no_proxy.find_first_of(", \t");
        const std::string_view entry = no_proxy.substr(0, end);
        if (!entry.empty() && entry_names(entry, server, address)) return true;
        no_proxy = end == std::string_view::npos ? std::string_view() : no_proxy.substr(end + 1);
    }
    return false;
}

}  // namespace respand::upload
