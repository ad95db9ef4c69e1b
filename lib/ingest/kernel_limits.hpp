// Limits of the kernel that decide how much a socket can hold.
#pragma once
#include <cstddef>

namespace respand::ingest {

/// Bytes of the largest Unix datagram that can reach us. A sender may set SO_SNDBUF up to
/// net.core.wmem_max; the kernel doubles that for its own overhead, yet lets a datagram fill all of it. No
/// kernel builds a datagram much over 4 MiB (one block of at most 4 MiB and a few dozen pages).
std::size_t largest_unix_datagram();

/// Datagrams that a Unix socket queues before senders block: net.unix.max_dgram_qlen.
std::size_t unix_queue_length();

/// Payload of the largest UDP datagram, rounded up: 64 KiB less headers.
inline constexpr std::size_t kLargestUdpDatagram = 64 * 1024;

}  // namespace respand::ingest
