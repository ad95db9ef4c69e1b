// Certificates of the sandbox.
#pragma once
#include <memory>
#include <string>

#include "base/result.hpp"
#include "sandbox/server/options.hpp"

namespace boost::asio::ssl {
class context;
}

namespace respand::sandbox {

/// Days that a self-signed certificate is good for. Made anew at every start.
inline constexpr int kSelfSignedDays = 365;

/// A server context for TLS 1.2 and newer. Reads the certificate and its key, or makes a self-signed pair and
/// writes the certificate to its file (mode 0644; the key stays in memory).
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsOptions& options);

}  // namespace respand::sandbox
