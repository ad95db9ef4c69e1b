// The TLS side of connections to one server: whom we trust, who we are, and how a refusal reads.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "upload/network_settings.hpp"
#include "upload/transport.hpp"

namespace respand::upload {

/// A warning is logged when our certificate, or an authority from ca_file, ends sooner than this. Two weeks
/// leave time for people who are away.
inline constexpr std::chrono::days kWarnBeforeEnd{14};
/// Not more often than this.
inline constexpr std::chrono::hours kWarnEvery{24};

struct TlsRefusal {
    TransportFault fault = TransportFault::tls_failed;
    std::string why;
};

/// make() and none() on any thread, all else on the I/O thread only.
class Tls {
  public:
    /// Peers are verified against ca_file or, when that is empty, the system's authorities. `client_key`: PEM
    /// text of the private key of client_certificate. Errors: config, naming the file, when something can't
    /// be read or does not fit together; nothing of the key is in them. Logs certificates that end soon.
    static Result<std::shared_ptr<Tls>> make(const NetworkSettings& settings, const std::string& client_key);

    /// For plain HTTP, where the streams want a context all the same. Trusts nobody.
    static std::shared_ptr<Tls> none();

    boost::asio::ssl::context& context() { return context_; }

    /// Before the handshake: SNI and the name or address that the certificate must be for.
    static Status expect(SSL* ssl, const std::string& host);
    /// After a handshake that succeeded: the pins. Logs certificates that end soon.
    /// Returns an empty `why` when all is well.
    TlsRefusal check_peer(SSL* ssl);
    /// Why a handshake, or reading after it, failed: with TLS 1.3 a server judges our certificate after the
    /// handshake.
    TlsRefusal explain(SSL* ssl, const boost::system::error_code& error) const;

  private:
    explicit Tls(const NetworkSettings& settings);
    Status load_authorities(const std::string& ca_file);
    Status load_client(const std::string& certificate_file, const std::string& key);
    void warn_of_ends(const X509* authority);
    X509* client() const;

    boost::asio::ssl::context context_;
    std::vector<std::string> pins_;
    std::string ca_file_;
    std::string client_file_;
    std::chrono::steady_clock::time_point next_warning_{};
};

}  // namespace respand::upload
