// Settings of the way to the server: TLS, proxy, age of connections. They stand in [upload]; what is secret
// or comes from the process's environment is in Credentials, which is never printed.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace respand::upload {

struct NetworkSettings {
    std::string ca_file;  ///< PEM; empty: the system's certificate authorities
    /// Public keys of which one must be in the server's verified chain: base64 of SHA-256 over the DER of
    /// SubjectPublicKeyInfo (RFC 7469), separated by blanks. Empty: any.
    std::string pin_sha256;
    std::string client_certificate;  ///< PEM, our certificate first, then its chain; empty: none
    std::string min_tls = "1.2";     ///< "1.2" or "1.3"
    /// "": as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say; "none": directly; else "http://[user@]host[:port]".
    std::string proxy;
    /// An older connection takes no further request, so that changes in DNS are followed.
    std::chrono::microseconds connection_max_age{std::chrono::minutes(5)};

    std::vector<std::string> pins() const;
    Status validate() const;
};

/// What the environment says of proxies: values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY in upper or lower
/// case. They may hold passwords.
struct ProxyVariables {
    std::string https_proxy;
    std::string http_proxy;
    std::string no_proxy;
};

/// What a transport needs beside its settings. None of it is ever logged or printed.
struct Credentials {
    std::string api_key;
    std::string proxy_password{};  ///< for the user in NetworkSettings::proxy
    std::string client_key{};      ///< PEM text of the key of NetworkSettings::client_certificate
    ProxyVariables proxies{};
};

}  // namespace respand::upload
