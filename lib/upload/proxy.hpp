// Which proxy stands between us and a server, if any. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "upload/network_settings.hpp"
#include "upload/url.hpp"

namespace respand::upload {

/// An HTTP proxy, spoken to without TLS.
struct Proxy {
    std::string host;  ///< IPv6 without brackets
    std::string port;
    std::string user;      ///< empty: no login
    std::string password;  ///< secret

    /// "proxy.example:3128", for messages; nothing secret.
    std::string place() const;
    /// The value of Proxy-Authorization, empty without a user. Secret.
    std::string authorization() const;
};

/// [upload] proxy: nothing for "" and "none". Refuses a password, which belongs to proxy_password; the error
/// does not show it.
Result<std::optional<Proxy>> parse_proxy_setting(const std::string& setting);

/// The proxy to use for `server`. A proxy that is named in the settings is used for every server; those of
/// the environment not for loopback and not for what NO_PROXY lists. Errors: config, naming the variable or
/// key.
Result<std::optional<Proxy>> choose_proxy(const NetworkSettings& settings, const Credentials& credentials,
                                          const BaseUrl& server);

/// Refuses to send plain HTTP, which shows the key, through a proxy on another machine.
Status check_proxy(const Proxy& proxy, const BaseUrl& server);

/// Does NO_PROXY name `server`? Entries, separated by commas or blanks: "*"; a host, which stands for its
/// subdomains too (a leading "." or "*." changes nothing); an address; a network "10.0.0.0/8"; each but the
/// last may have ":PORT". Entries that are none of these match nothing.
bool no_proxy_names(std::string_view no_proxy, const BaseUrl& server);

}  // namespace respand::upload
