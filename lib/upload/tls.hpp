// The TLS side of a connection: whom we trust and how a refusal reads.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace respand::upload {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// TLS ≥ 1.2, peers verified against `ca_file` (PEM) or, when that is empty, the system's authorities.
/// Errors: config, naming the file, when it can't be read or holds no certificate.
Result<TlsContext> make_tls_context(const std::string& ca_file);

/// Sets SNI and the name or address that the certificate must be for. Before the handshake.
Status expect_host(SSL* ssl, const std::string& host);

/// Why the peer's certificate was refused, "" when it was not.
std::string certificate_refusal(SSL* ssl);

}  // namespace respand::upload
