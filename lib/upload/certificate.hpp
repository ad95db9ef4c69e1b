// What a certificate says of itself, in words.
#pragma once
#include <chrono>
#include <optional>
#include <string>

using X509 = struct x509_st;  // as in OpenSSL, whose headers stay in sources

namespace respand::upload {

/// "CN=api.example, valid from 2026-01-01T00:00:00Z to 2026-04-01T00:00:00Z". One line, bounded; the names
/// come from outside.
std::string describe(const X509* certificate);

/// Until its end, negative when it is over; nothing when its date can't be read.
std::optional<std::chrono::seconds> time_left(const X509* certificate);

/// Base64 of SHA-256 over the DER of SubjectPublicKeyInfo (RFC 7469); empty when OpenSSL fails.
std::string public_key_pin(const X509* certificate);

}  // namespace respand::upload
