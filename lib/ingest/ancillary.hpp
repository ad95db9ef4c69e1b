// What came beside the bytes of a datagram: credentials, file descriptors, the drop counter.
#pragma once
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/fd.hpp"
#include "ingest/sink.hpp"

namespace respand::ingest {

/// Room for so many passed descriptors; of more, the kernel closes the surplus itself and says MSG_CTRUNC.
/// A memfd record passes one.
inline constexpr std::size_t kMaxPassedFds = 4;

/// Control bytes for one datagram of any of our sockets.
inline constexpr std::size_t kControlBytes =
    CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(kMaxPassedFds * sizeof(int)) + CMSG_SPACE(sizeof(std::uint32_t));

/// Owns the passed descriptors: they are closed with it, whatever else happens.
struct Ancillary {
    pid_t pid = 0;                       ///< 0: unknown
    uid_t uid = static_cast<uid_t>(-1);  ///< -1: unknown
    std::array<UniqueFd, kMaxPassedFds> fds;
    std::size_t fd_count = 0;
    bool fds_lost = false;                      ///< more came than there is room for, or than we may open
    std::optional<std::uint32_t> drop_counter;  ///< SO_RXQ_OVFL: since the socket was made
};

/// Reads the control part of a received message. Must be called for every received message, once:
/// the descriptors in it are open already.
Ancillary take_ancillary(msghdr& message);

}  // namespace respand::ingest
