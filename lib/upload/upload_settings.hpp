// Settings of the uploader: [upload].
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"
#include "upload/network_settings.hpp"
#include "upload/url.hpp"

namespace respand::upload {

/// Which of the API's calls is used.
enum class Mode : std::uint8_t {
    automatic,  ///< "auto": a few records by /create/, a backlog by /bulk/
    create,     ///< one record a request only
    bulk,       ///< up to 500 records a request only
};
/// "auto", "create", "bulk".
std::string_view name(Mode mode);

struct UploadSettings {
    std::string base_url = "https://api.respan.ai/api";  ///< http:// is allowed for loopback only
    Mode mode = Mode::automatic;
    /// Bulk requests a minute over all connections; 0: no limit. The server allows 30 per organisation.
    std::uint32_t bulk_requests_per_minute = 30;
    std::uint32_t max_connections = 4;
    /// How long records may wait to share a request: a bulk request that is not full waits this long for
    /// more, and with both calls to choose from, what /create/ can't clear in this time is left to /bulk/.
    std::chrono::microseconds linger{1'000'000};
    ByteCount max_body = 8_MiB;
    std::chrono::microseconds connect_timeout{10'000'000};  ///< resolve, connect and TLS handshake, each
    std::chrono::microseconds request_timeout{60'000'000};  ///< from the first byte sent to the last received
    NetworkSettings network;
    Status validate() const;
};

}  // namespace respand::upload
