// The API's two calls.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace respand::upload {

enum class Endpoint : std::uint8_t {
    create,  ///< one record a request: POST {base_url}/request-logs/create/
    bulk,    ///< up to 500 records a request: POST {base_url}/request-logs/bulk/
};
inline constexpr std::size_t kEndpoints = 2;

constexpr std::string_view name(Endpoint endpoint) { return endpoint == Endpoint::bulk ? "bulk" : "create"; }
constexpr std::size_t index(Endpoint endpoint) { return static_cast<std::size_t>(endpoint); }
constexpr Endpoint other(Endpoint endpoint) {
    return endpoint == Endpoint::bulk ? Endpoint::create : Endpoint::bulk;
}

/// Path below the base URL.
constexpr std::string_view target(Endpoint endpoint) {
    return endpoint == Endpoint::bulk ? "/request-logs/bulk/" : "/request-logs/create/";
}

}  // namespace respand::upload
