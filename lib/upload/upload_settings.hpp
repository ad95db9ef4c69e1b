// Settings of the uploader: [upload].
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/units.hpp"
#include "upload/network_settings.hpp"
#include "upload/url.hpp"

namespace respand::upload {

enum class Mode : std::uint8_t {
    create,  ///< one record a request: POST {base_url}/request-logs/create/
    bulk,    ///< up to 500 records a request: POST {base_url}/request-logs/bulk/
};

struct UploadSettings {
    std::string base_url = "https://api.respan.ai/api";  ///< http:// is allowed for loopback only
    Mode mode = Mode::bulk;
    /// Bulk requests a minute over all connections; 0: no limit. The server allows 30 per organisation.
    std::uint32_t bulk_requests_per_minute = 30;
    std::uint32_t max_connections = 2;
    /// How long a batch that is not full may wait for more records before it goes out.
    std::chrono::microseconds linger{1'000'000};
    ByteCount max_body = 8_MiB;
    std::chrono::microseconds connect_timeout{10'000'000};  ///< resolve, connect and TLS handshake, each
    std::chrono::microseconds request_timeout{60'000'000};  ///< from the first byte sent to the last received
    NetworkSettings network;
    Status validate() const;
};

}  // namespace respand::upload
