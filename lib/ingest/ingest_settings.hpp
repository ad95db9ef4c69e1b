// Settings of the listeners: [ingest.*].
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/units.hpp"
#include "runtime/socket_file.hpp"

namespace respand::ingest {

using runtime::SocketFile;

/// [ingest.unix_datagram]
struct UnixDatagramSettings {
    SocketFile socket{"/run/respand/respand.sock", 0660, {}};
    /// Bytes of the largest datagram that is received whole; 0: whatever the kernel can deliver. Not a key of
    /// the configuration: tests make it small.
    std::size_t largest_datagram = 0;
    Status validate() const;
};

/// [ingest.unix_stream]
struct UnixStreamSettings {
    SocketFile socket{"/run/respand/stream.sock", 0660, {}};
    std::uint32_t max_connections = 1024;  ///< one more is closed at once, counted and logged
    Status validate() const;
};

/// [ingest.udp]
struct UdpSettings {
    std::string listen = "127.0.0.1:8126";  ///< "ADDRESS:PORT", IPv6 in brackets; port 0 takes a free one
    ByteCount receive_buffer = 8_MiB;  ///< asked from the kernel (SO_RCVBUF; SO_RCVBUFFORCE when allowed)
    bool allow_remote = false;         ///< an address other than loopback is refused without it
    Status validate() const;
};

/// [ingest.http]
struct HttpSettings {
    std::string listen = "127.0.0.1:8127";  ///< "ADDRESS:PORT", as for UDP, over TCP; empty: not over TCP
    SocketFile socket{{}, 0660, {}};        ///< an empty path: not over a Unix socket
    std::uint32_t max_connections = 1024;   ///< of each of the two; one more is answered 503 and closed
    ByteCount max_body = 20_MiB;            ///< of one request
    std::chrono::microseconds header_timeout{10'000'000};  ///< for the head of a request
    std::chrono::microseconds body_timeout{30'000'000};    ///< for its body
    std::chrono::microseconds commit_timeout{10'000'000};  ///< then the answer is "not durable yet"
    bool allow_remote = false;  ///< an address other than loopback is refused without it
    Status validate() const;
};

/// All listeners; each is off when its section is absent.
struct IngestSettings {
    std::optional<UnixDatagramSettings> unix_datagram;
    std::optional<UnixStreamSettings> unix_stream;
    std::optional<UdpSettings> udp;
    std::optional<HttpSettings> http;
    /// Bytes of the largest record a stream line or a memfd may hold. Not a key of the configuration: set by
    /// the composition root from the record room's limit.
    std::size_t max_record = 20'000'000;
    /// Datagram and UDP sockets: wait up to this long between readiness and reading while little arrives
    /// (linger_policy.hpp). Gathers a trickle into one commit; never waited under a flood, where it would
    /// empty the pipeline. 0: read at once. Set from [spool] commit_linger.
    std::chrono::microseconds linger{2'000};
    Status validate() const;
};

}  // namespace respand::ingest
