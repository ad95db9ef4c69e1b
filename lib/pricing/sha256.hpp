// SHA-256 (FIPS 180-4), to name a price table by its content. Not for secrets.
#pragma once
#include <string>
#include <string_view>

namespace respand::pricing {

/// 64 lower-case hex digits, as sha256sum prints them.
std::string sha256_hex(std::string_view bytes);

}  // namespace respand::pricing
