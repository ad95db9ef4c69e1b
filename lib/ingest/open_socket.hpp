// Gets a listening socket: made by ourselves, or taken over from the service manager.
#pragma once
#include "base/fd.hpp"
#include "base/result.hpp"
#include "ingest/ingest_settings.hpp"
#include "ingest/listener.hpp"

namespace respand::ingest {

Result<OpenSocket> open_unix_datagram(const UnixDatagramSettings& settings);
Result<OpenSocket> open_unix_stream(const SocketFile& file);
Result<OpenSocket> open_udp(const UdpSettings& settings);
/// `listen`: an address that InetAddress::parse takes.
Result<OpenSocket> open_tcp(const std::string& listen);

/// Check that a socket handed to us is of the right kind, and set what we need on it. Faults are of kind
/// config: the unit file that made the socket is wrong.
Result<OpenSocket> adopt_unix_datagram(UniqueFd fd);
Result<OpenSocket> adopt_unix_stream(UniqueFd fd);
Result<OpenSocket> adopt_udp(UniqueFd fd, const UdpSettings& settings);
/// TCP or Unix, as the service manager chose.
Result<OpenSocket> adopt_http(UniqueFd fd, const HttpSettings& settings);

}  // namespace respand::ingest
