#include "certificates.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <random>
#include <stdexcept>

namespace respand::test {
namespace {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

void check(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

template <class Write>
std::string pem(Write write) {
    const Bio bio(BIO_new(BIO_s_mem()));
    check(bio != nullptr && write(bio.get()) == 1, "writing PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

void add_extension(X509* certificate, int id, const std::string& value) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
    check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

std::string alternative_names(const std::string& name) {
    if (name == "localhost") return "DNS:localhost,IP:127.0.0.1,IP:::1";
    in_addr v4{};
    in6_addr v6{};
    const bool address =
        ::inet_pton(AF_INET, name.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, name.c_str(), &v6) == 1;
    return (address ? "IP:" : "DNS:") + name;
}

constexpr long kDay = 24L * 3'600;

X509Ptr read_certificate(const Certificate& certificate) {
    const Bio bio(
        BIO_new_mem_buf(certificate.cert_pem.data(), static_cast<int>(certificate.cert_pem.size())));
    return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

Key read_key(const Certificate& certificate) {
    const Bio bio(BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size())));
    return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

/// Signed by `authority`, or by itself when there is none. Times in seconds from now.
Certificate make(const std::string& common_name, const Certificate* authority, long from, long to) {
    const Key key(EVP_EC_gen("P-256"));
    check(key != nullptr, "key");
    const X509Ptr certificate(X509_new());
    check(certificate != nullptr, "certificate");
    X509* const x509 = certificate.get();
    X509_set_version(x509, X509_VERSION_3);
    // Two certificates with the same issuer must not share a number.
    static std::atomic<long> serial{static_cast<long>(std::random_device{}())};
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x509), from);
    X509_gmtime_adj(X509_getm_notAfter(x509), to);
    X509_NAME* const subject = X509_get_subject_name(x509);
    const auto* const name = reinterpret_cast<const unsigned char*>(common_name.c_str());
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1, "name");
    check(X509_set_pubkey(x509, key.get()) == 1, "public key");
    add_extension(x509, NID_subject_alt_name, alternative_names(common_name));
    add_extension(x509, NID_basic_constraints,
                  authority == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    const X509Ptr issuer = authority == nullptr ? nullptr : read_certificate(*authority);
    const Key issuer_key = authority == nullptr ? nullptr : read_key(*authority);
    check(X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer.get()) : subject) == 1, "issuer");
    check(X509_sign(x509, issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) != 0, "signature");
    return {pem([&](BIO* bio) { return PEM_write_bio_X509(bio, x509); }), pem([&](BIO* bio) {
                return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

}  // namespace

Certificate make_certificate(const std::string& common_name_and_san, bool expired) {
    return make(common_name_and_san, nullptr, expired ? -10 * kDay : -kDay, expired ? -3'600 : 9 * kDay);
}

Certificate issue_certificate(const std::string& common_name_and_san, const Certificate& authority,
                              long seconds_left) {
    return make(common_name_and_san, &authority, -kDay, seconds_left);
}

std::string encrypted_key(const Certificate& certificate) {
    const Key key = read_key(certificate);
    const std::string word = "passphrase";
    return pem([&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, key.get(), EVP_aes_128_cbc(),
                                        reinterpret_cast<const unsigned char*>(word.data()),
                                        static_cast<int>(word.size()), nullptr, nullptr);
    });
}

}  // namespace respand::test
