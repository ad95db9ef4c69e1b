#include "ingest/ancillary.hpp"

#include <sys/socket.h>

#include <cstring>

namespace respand::ingest {
namespace {

/// What the kernel reports for "none" (/proc/sys/kernel/overflowuid, whose default nobody changes).
constexpr uid_t kOverflowUid = 65534;

void take_credentials(const cmsghdr& header, Ancillary& out) {
    ucred sender{};
    std::memcpy(&sender, CMSG_DATA(&header), sizeof sender);
    // Sent before SO_PASSCRED was set (an inherited socket): nobody vouches for the sender.
    if (sender.pid == 0 && sender.uid == kOverflowUid) return;
    out.pid = sender.pid;
    out.uid = sender.uid;
}

void take_fds(const cmsghdr& header, Ancillary& out) {
    const std::size_t count = (header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(&header) + i * sizeof fd, sizeof fd);
        // Closing a socket that lingers would block: whoever passed it must not decide for how long.
        const linger none{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        UniqueFd owned(fd);
        if (out.fd_count < out.fds.size()) out.fds[out.fd_count++] = std::move(owned);
    }
}

}  // namespace

Ancillary take_ancillary(msghdr& message) {
    Ancillary out;
    out.fds_lost = (message.msg_flags & MSG_CTRUNC) != 0;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET) continue;
        if (header->cmsg_type == SCM_CREDENTIALS && header->cmsg_len >= CMSG_LEN(sizeof(ucred))) {
            take_credentials(*header, out);
        } else if (header->cmsg_type == SCM_RIGHTS) {
            take_fds(*header, out);
        } else if (header->cmsg_type == SO_RXQ_OVFL && header->cmsg_len >= CMSG_LEN(sizeof(std::uint32_t))) {
            std::uint32_t counter = 0;
            std::memcpy(&counter, CMSG_DATA(header), sizeof counter);
            out.drop_counter = counter;
        }
    }
    return out;
}

}  // namespace respand::ingest
