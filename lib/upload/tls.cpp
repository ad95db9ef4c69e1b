#include "upload/tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/verify_mode.hpp>

#include "base/log.hpp"
#include "upload/certificate.hpp"

namespace respand::upload {
namespace {

namespace ssl = boost::asio::ssl;

/// Where a connection keeps what the verification had to say: freed with the connection.
int refusal_slot() {
    static const int kSlot = SSL_get_ex_new_index(
        0, nullptr, nullptr, nullptr,
        [](void*, void* text, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(text); });
    return kSlot;
}

/// Called for each certificate of the chain; notes the first that is refused, with its name and dates, which
/// can't be asked for afterwards.
int note_refusal(int good, X509_STORE_CTX* store) {
    if (good == 1) return 1;
    auto* const connection =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    if (connection == nullptr || SSL_get_ex_data(connection, refusal_slot()) != nullptr) return 0;
    std::string text = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
    if (const X509* const certificate = X509_STORE_CTX_get_current_cert(store); certificate != nullptr)
        text += " (" + describe(certificate) + ")";
    auto held = std::make_unique<std::string>(std::move(text));
    if (SSL_set_ex_data(connection, refusal_slot(), held.get()) == 1) static_cast<void>(held.release());
    return 0;
}

/// OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

std::string openssl_reason() {
    const unsigned long error = ERR_peek_last_error();
    const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    ERR_clear_error();
    return reason == nullptr ? "unknown reason" : reason;
}

/// The peer, or our side, found no common ground: no retry mends it.
bool is_disagreement(int reason) {
    static constexpr std::array kReasons{
        SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
        SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
        SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
        SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
        SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
        SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
        SSL_R_TLSV1_ALERT_UNKNOWN_CA,
        SSL_R_TLSV1_ALERT_ACCESS_DENIED,
        SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
        SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY,
        SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
        SSL_R_UNSUPPORTED_PROTOCOL,
        SSL_R_NO_PROTOCOLS_AVAILABLE,
        SSL_R_WRONG_SSL_VERSION,
    };
    return std::ranges::find(kReasons, reason) != kReasons.end();
}

std::string in_days(std::chrono::seconds left) {
    if (left.count() < 0) return "is over";
    const auto days = std::chrono::floor<std::chrono::days>(left).count();
    return "ends in " + std::to_string(days) + (days == 1 ? " day" : " days");
}

}  // namespace

Tls::Tls(const NetworkSettings& settings)
    : context_(ssl::context::tls_client),
      pins_(settings.pins()),
      ca_file_(settings.ca_file),
      client_file_(settings.client_certificate) {}

Result<std::shared_ptr<Tls>> Tls::make(const NetworkSettings& settings, const std::string& client_key) {
    std::shared_ptr<Tls> tls(new Tls(settings));
    SSL_CTX* const context = tls->context_.native_handle();
    const int least = settings.min_tls == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION;
    if (SSL_CTX_set_min_proto_version(context, least) != 1)
        return fail(ErrorKind::os, "OpenSSL does not offer TLS " + settings.min_tls);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &note_refusal);
    SSL_CTX_set_default_passwd_cb(context, &no_passphrase);
    if (Status loaded = tls->load_authorities(settings.ca_file); !loaded)
        return std::unexpected(loaded.error());
    if (Status loaded = tls->load_client(settings.client_certificate, client_key); !loaded)
        return std::unexpected(loaded.error());
    tls->warn_of_ends(nullptr);
    tls->next_warning_ = {};  // The server's authority is known only after the first handshake.
    return tls;
}

std::shared_ptr<Tls> Tls::none() { return std::shared_ptr<Tls>(new Tls(NetworkSettings{})); }

Status Tls::load_authorities(const std::string& ca_file) {
    boost::system::error_code error;
    if (ca_file.empty()) {
        context_.set_default_verify_paths(error);
        if (error) return fail(ErrorKind::config, "the system's certificate authorities: " + error.message());
        return {};
    }
    context_.load_verify_file(ca_file, error);
    if (error)
        return fail(ErrorKind::config, "ca_file " + ca_file + ": " + error.message() +
                                           "; it must be readable and hold certificates in PEM form");
    return {};
}

Status Tls::load_client(const std::string& certificate_file, const std::string& key) {
    if (certificate_file.empty()) return {};
    SSL_CTX* const context = context_.native_handle();
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1)
        return fail(ErrorKind::config, "client_certificate " + certificate_file + ": " + openssl_reason() +
                                           "; it must be readable and hold our certificate in PEM form, then "
                                           "the ones between it and the authority");
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> text(
        BIO_new_mem_buf(key.data(), static_cast<int>(key.size())), &BIO_free_all);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> parsed(
        PEM_read_bio_PrivateKey(text.get(), nullptr, &no_passphrase, nullptr), &EVP_PKEY_free);
    ERR_clear_error();  // Nothing of the key may come into a message.
    if (!parsed)
        return fail(ErrorKind::config,
                    "client_key does not hold a private key in PEM form without passphrase; "
                    "\"openssl pkey -in KEY\" takes a passphrase off");
    if (SSL_CTX_use_PrivateKey(context, parsed.get()) != 1) {
        ERR_clear_error();
        return fail(ErrorKind::config, "client_key does not belong to client_certificate " +
                                           certificate_file + "; were both renewed?");
    }
    return {};
}

Status Tls::expect(SSL* ssl, const std::string& host) {
    X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    in_addr v4{};
    in6_addr v6{};
    const bool is_address =
        ::inet_pton(AF_INET, host.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, host.c_str(), &v6) == 1;
    bool done = false;
    if (is_address) {
        // No SNI: RFC 6066 wants names there.
        done = X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
    } else {
        // What SSL_set_tlsext_host_name does; the macro casts away const.
        done = X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1 &&
               SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                        const_cast<char*>(host.c_str())) == 1;
    }
    if (!done) return fail(ErrorKind::os, "OpenSSL does not take the host name " + host);
    return {};
}

TlsRefusal Tls::check_peer(SSL* ssl) {
    const STACK_OF(X509)* const chain = SSL_get0_verified_chain(ssl);
    const int length = chain == nullptr ? 0 : sk_X509_num(chain);
    if (length == 0) return {TransportFault::tls_untrusted, "the server showed no certificate"};
    warn_of_ends(ca_file_.empty() ? nullptr : sk_X509_value(chain, length - 1));
    if (pins_.empty()) return {};
    for (int i = 0; i < length; ++i) {
        if (std::ranges::find(pins_, public_key_pin(sk_X509_value(chain, i))) != pins_.end()) return {};
    }
    const X509* const leaf = sk_X509_value(chain, 0);
    return {TransportFault::tls_untrusted, "no key of the chain is in pin_sha256; the server shows " +
                                               describe(leaf) + ", whose key is " + public_key_pin(leaf)};
}

TlsRefusal Tls::explain(SSL* ssl, const boost::system::error_code& error) const {
    const auto* const refusal = static_cast<const std::string*>(SSL_get_ex_data(ssl, refusal_slot()));
    if (refusal != nullptr) return {TransportFault::tls_untrusted, *refusal};
    if (error.category() != boost::asio::error::get_ssl_category())
        return {TransportFault::tls_failed, error.message()};
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    if (!is_disagreement(reason)) return {TransportFault::tls_failed, error.message()};
    std::string why = error.message();
    if (const X509* const ours = client(); ours != nullptr)
        why += "; our certificate is " + describe(ours);
    else
        why += "; we show no certificate of ours";
    return {TransportFault::tls_refused, std::move(why)};
}

void Tls::warn_of_ends(const X509* authority) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_warning_) return;
    next_warning_ = now + kWarnEvery;
    const auto warn = [](const X509* certificate, const char* what, const std::string& file) {
        const auto left = certificate == nullptr ? std::nullopt : time_left(certificate);
        if (left && *left < kWarnBeforeEnd)
            spdlog::warn("{} of {} {}: {}; renew it, then reload", what, file, in_days(*left),
                         describe(certificate));
    };
    warn(client(), "the client certificate", client_file_);
    warn(authority, "the certificate authority", ca_file_);
}

X509* Tls::client() const {
    // Const in all but its signature.
    return SSL_CTX_get0_certificate(const_cast<ssl::context&>(context_).native_handle());
}

}  // namespace respand::upload
