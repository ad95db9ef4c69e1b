// What all listeners have in common. Internal to the room.
#pragma once
#include <string>

#include "base/fd.hpp"
#include "ingest/listener_group.hpp"
#include "runtime/unix_socket.hpp"

namespace respand::ingest {

using runtime::OwnedPath;

/// An open socket, ready to be read from.
struct OpenSocket {
    UniqueFd fd;
    std::string address;     ///< where it listens, for people
    OwnedPath path;          ///< its file, when we made it
    bool inherited = false;  ///< the service manager keeps it open: what is queued survives our close()
};

/// One listening socket. I/O thread only.
class Listener {
  public:
    virtual ~Listener() = default;
    virtual void start() = 0;
    virtual void resume() = 0;
    /// See ListenerGroup::close(). Afterwards handlers that still run do nothing.
    virtual void close() = 0;
    /// Lets go of everything without reading: the group is destroyed without close().
    virtual void abandon() = 0;
    /// Reports what the kernel dropped, without waiting for the next datagram to tell.
    virtual void look_for_drops() {}
    virtual ListenerAddress address() const = 0;
    virtual void count(ListenerCounters& counters) const = 0;
};

}  // namespace respand::ingest
