// Self-signed certificates made on the spot, for TLS tests on loopback.
#pragma once
#include <string>

namespace respand::test {

struct Certificate {
    std::string cert_pem;
    std::string key_pem;
};

/// A self-signed certificate (P-256) for a host name or IP address, which stands in the common name and the
/// subjectAltName. "localhost" is valid for 127.0.0.1 and ::1 as well. Valid from yesterday for ten days;
/// `expired`: until an hour ago. Its cert_pem serves as the CA file of a client that should trust it.
/// Throws std::runtime_error when OpenSSL fails.
Certificate make_certificate(const std::string& common_name_and_san, bool expired = false);

/// One that `authority` (from make_certificate) has signed, ending `seconds_left` from now (negative: it is
/// over).
Certificate issue_certificate(const std::string& common_name_and_san, const Certificate& authority,
                              long seconds_left = 9L * 24 * 3'600);

/// The key, encrypted with a passphrase.
std::string encrypted_key(const Certificate& certificate);

}  // namespace respand::test
