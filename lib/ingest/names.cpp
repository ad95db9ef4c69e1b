#include "ingest/sink.hpp"

namespace respand::ingest {

std::string_view name(ListenerKind kind) {
    switch (kind) {
        case ListenerKind::unix_datagram:
            return "unix_datagram";
        case ListenerKind::unix_stream:
            return "unix_stream";
        case ListenerKind::udp:
            return "udp";
        case ListenerKind::http:
            return "http";
    }
    return "unknown";
}

}  // namespace respand::ingest
