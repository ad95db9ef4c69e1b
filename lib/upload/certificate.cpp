#include "upload/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>

#include "upload/text.hpp"

namespace respand::upload {
namespace {

constexpr std::size_t kMaxNameBytes = 80;

std::string name_of(const X509_NAME* name) {
    if (name == nullptr) return "no name";
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), &BIO_free_all);
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return "a name that can't be read";
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    const std::string text = one_line({data, static_cast<std::size_t>(size)}, kMaxNameBytes);
    return text.empty() ? "an empty name" : text;
}

std::string date_of(const ASN1_TIME* time) {
    std::tm utc{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &utc) != 1) return "an unreadable date";
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return {text.data(), size};
}

}  // namespace

std::string describe(const X509* certificate) {
    return name_of(X509_get_subject_name(certificate)) + ", valid from " +
           date_of(X509_get0_notBefore(certificate)) + " to " + date_of(X509_get0_notAfter(certificate));
}

std::optional<std::chrono::seconds> time_left(const X509* certificate) {
    int days = 0;
    int seconds = 0;
    const ASN1_TIME* const end = X509_get0_notAfter(certificate);
    if (end == nullptr || ASN1_TIME_diff(&days, &seconds, nullptr, end) != 1) return {};  // null: now
    return std::chrono::days(days) + std::chrono::seconds(seconds);
}

std::string public_key_pin(const X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) return {};
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> held(
        der, [](unsigned char* p) { OPENSSL_free(p); });
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        return {};
    std::array<unsigned char, 64> text{};
    const int written = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(length));
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(written)};
}

}  // namespace respand::upload
