#include "ingest/peer.hpp"

#include <sys/socket.h>

namespace respand::ingest {

Origin peer_of(int fd, ListenerKind listener) {
    Origin origin;
    origin.listener = listener;
    ucred peer{};
    socklen_t size = sizeof peer;
    // Of a TCP socket the kernel says pid 0 and uid -1.
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
        origin.pid = peer.pid;
        origin.uid = peer.uid;
    }
    return origin;
}

int domain_of(int fd) {
    int domain = -1;
    socklen_t size = sizeof domain;
    return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 ? domain : -1;
}

}  // namespace respand::ingest
