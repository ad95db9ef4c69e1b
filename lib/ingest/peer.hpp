// Who is at the other end of a connection.
#pragma once
#include "ingest/sink.hpp"

namespace respand::ingest {

/// Process and user of a Unix peer, as the kernel vouches for them; unknown for TCP.
Origin peer_of(int fd, ListenerKind listener);
/// AF_UNIX, AF_INET…; -1 when it is no socket.
int domain_of(int fd);

}  // namespace respand::ingest
