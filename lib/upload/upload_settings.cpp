#include "upload/upload_settings.hpp"

#include <string>

#include "upload/proxy.hpp"

namespace respand::upload {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint32_t kMaxConnections = 64;             // more would only wait for the server's rate limit
constexpr std::uint32_t kMaxRequestsPerMinute = 600'000;  // above this, 0 (no limit) is what is meant
constexpr ByteCount kSmallestMaxBody = 1_KiB;
constexpr ByteCount kLargestMaxBody = 256_MiB;  // held in memory once a connection

template <class T, class Show>
Status in_range(const char* key, T value, T low, T high, Show show) {
    if (value >= low && value <= high) return {};
    return fail(ErrorKind::config, std::string(key) + " must be from " + show(low) + " to " + show(high) +
                                       ", not " + show(value));
}

}  // namespace

std::string_view name(Mode mode) {
    switch (mode) {
        case Mode::automatic:
            return "auto";
        case Mode::create:
            return "create";
        case Mode::bulk:
            return "bulk";
    }
    return "unknown";
}

Status UploadSettings::validate() const {
    const auto url = parse_base_url(base_url);
    if (!url) return std::unexpected(url.error());
    if (!url->tls && !is_loopback(url->host))
        return fail(ErrorKind::config, "base_url \"" + base_url +
                                           "\": plain http would show the API key and all records to the "
                                           "network, it is allowed for loopback only");
    const auto count = [](std::uint32_t n) { return std::to_string(n); };
    const auto size = [](ByteCount n) { return format(n); };
    const auto time = [](std::chrono::microseconds t) { return format(t); };
    using us = std::chrono::microseconds;
    for (Status status :
         {in_range<std::uint32_t>("bulk_requests_per_minute", bulk_requests_per_minute, 0,
                                  kMaxRequestsPerMinute, count),
          in_range<std::uint32_t>("max_connections", max_connections, 1, kMaxConnections, count),
          in_range<us>("linger", linger, us{0}, minutes(10), time),
          in_range<ByteCount>("max_body", max_body, kSmallestMaxBody, kLargestMaxBody, size),
          in_range<us>("connect_timeout", connect_timeout, milliseconds(10), minutes(10), time),
          in_range<us>("request_timeout", request_timeout, milliseconds(10), hours(1), time)}) {
        if (!status) return status;
    }
    if (Status status = network.validate(); !status) return status;
    const auto proxy = parse_proxy_setting(network.proxy);
    if (proxy && *proxy) return check_proxy(**proxy, *url);
    return {};
}

}  // namespace respand::upload
