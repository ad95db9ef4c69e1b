#include "upload/tls.hpp"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/verify_mode.hpp>

namespace respand::upload {

namespace ssl = boost::asio::ssl;

Result<TlsContext> make_tls_context(const std::string& ca_file) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1)
        return fail(ErrorKind::os, "OpenSSL does not offer TLS 1.2");
    boost::system::error_code error;
    context->set_verify_mode(ssl::verify_peer, error);
    if (!error && ca_file.empty()) {
        context->set_default_verify_paths(error);
        if (error) return fail(ErrorKind::config, "the system's certificate authorities: " + error.message());
    } else if (!error) {
        context->load_verify_file(ca_file, error);
        if (error) {
            return fail(ErrorKind::config, "ca_file " + ca_file + ": " + error.message() +
                                               "; it must be readable and hold certificates in PEM form");
        }
    }
    if (error) return fail(ErrorKind::os, "OpenSSL: " + error.message());
    return context;
}

Status expect_host(SSL* ssl, const std::string& host) {
    X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    in_addr v4{};
    in6_addr v6{};
    const bool is_address =
        ::inet_pton(AF_INET, host.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, host.c_str(), &v6) == 1;
    bool done = false;
    if (is_address) {
        done = X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) ==
               1;  // No SNI: RFC 6066 wants names there.
    } else {
        // What SSL_set_tlsext_host_name does; the macro casts away const.
        done = X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1 &&
               SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                        const_cast<char*>(host.c_str())) == 1;
    }
    if (!done) return fail(ErrorKind::os, "OpenSSL does not take the host name " + host);
    return {};
}

std::string certificate_refusal(SSL* ssl) {
    const long result = SSL_get_verify_result(ssl);
    return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

}  // namespace respand::upload
