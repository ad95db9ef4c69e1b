#include "sandbox/server/tls.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/context.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace respand::sandbox {
namespace {

namespace ssl = boost::asio::ssl;

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;

bool add_extension(X509* certificate, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// A serial number of its own for every certificate: browsers refuse two certificates that share one.
bool set_serial(X509* certificate) {
    constexpr int kSerialBits = 126;
    const Number serial(BN_new());
    return serial && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

Certificate self_sign(EVP_PKEY* key) {
    constexpr long kDay = 24 * 60 * 60;
    constexpr std::string_view kName = "respan-sandbox";
    Certificate certificate(X509_new());
    X509* x = certificate.get();
    if (x == nullptr || X509_set_version(x, X509_VERSION_3) != 1 || !set_serial(x)) return nullptr;
    X509_gmtime_adj(X509_getm_notBefore(x), -kDay);  // a client's clock may be behind
    X509_gmtime_adj(X509_getm_notAfter(x), kSelfSignedDays * kDay);
    X509_NAME* name = X509_get_subject_name(x);
    const bool done = X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                 reinterpret_cast<const unsigned char*>(kName.data()),
                                                 static_cast<int>(kName.size()), -1, 0) == 1 &&
                      X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
                      add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
                      add_extension(x, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
                      add_extension(x, NID_ext_key_usage, "serverAuth") &&
                      add_extension(x, NID_subject_key_identifier, "hash") &&
                      add_extension(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
                      X509_sign(x, key, EVP_sha256()) != 0;
    return done ? std::move(certificate) : nullptr;
}

std::string pem_of(X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Status use_self_signed(ssl::context& context, const std::string& file) {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = key ? self_sign(key.get()) : nullptr;
    const std::string pem = certificate ? pem_of(certificate.get()) : "";
    SSL_CTX* native = context.native_handle();
    if (pem.empty() || SSL_CTX_use_certificate(native, certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(native, key.get()) != 1) {
        ERR_clear_error();
        return fail(ErrorKind::os, "OpenSSL could not make a self-signed certificate");
    }
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << pem;
    out.close();
    if (!out)
        return fail(ErrorKind::cant_create,
                    "the certificate can't be written to " + file + ": " + std::strerror(errno));
    return {};
}

Status use_files(ssl::context& context, const TlsOptions& options) {
    boost::system::error_code error;
    context.use_certificate_chain_file(options.cert_file, error);
    if (error)
        return fail(ErrorKind::no_input,
                    "the TLS certificate " + options.cert_file + " can't be used: " + error.message());
    context.use_private_key_file(options.key_file, ssl::context::pem, error);
    if (error)
        return fail(ErrorKind::no_input, "the TLS key " + options.key_file +
                                             " can't be used with this certificate: " + error.message());
    return {};
}

}  // namespace

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsOptions& options) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    const Status used = options.self_signed_file.empty()
                            ? use_files(*context, options)
                            : use_self_signed(*context, options.self_signed_file);
    if (!used) return std::unexpected(used.error());
    return context;
}

}  // namespace respand::sandbox
