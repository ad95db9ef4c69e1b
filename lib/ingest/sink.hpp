// What a listener delivers to. Owned by ingest, implemented by the intake.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace respand::ingest {

enum class ListenerKind : std::uint8_t { unix_datagram, unix_stream, udp };
std::string_view name(ListenerKind kind);

/// Who sent a record, as far as the kernel vouches for it.
struct Origin {
    ListenerKind listener = ListenerKind::unix_datagram;
    pid_t pid = 0;                       ///< 0: unknown (UDP, or the sender is in another pid namespace)
    uid_t uid = static_cast<uid_t>(-1);  ///< -1: unknown (UDP)
};

/// Bytes that never became a record, told apart by what the listener can know of them.
enum class Fault : std::uint8_t {
    truncated_datagram,  ///< the kernel cut it: larger than the receive buffer
    empty_datagram,      ///< no bytes and no memfd
    bad_memfd,           ///< not a memfd, not sealed, or not readable
    memfd_too_large,
    line_too_large,  ///< a stream record over the limit; the connection is closed behind it
    half_line,       ///< a stream ended in the middle of a record
};

/// Takes what listeners receive. All calls come on the I/O thread.
///
/// A listener calls `record`/`fault` for what one drain of its socket brought, then `drained` once. When
/// `accepting()` of its kind turns false the listener stops reading (so that the kernel pushes back on the
/// sender) and asks again when the intake calls the `resume()` of its ListenerGroup.
class Sink {
  public:
    virtual ~Sink() = default;
    /// `text` is one record without its framing; at least kPadding readable bytes follow it. Valid during the
    /// call only.
    virtual void record(std::string_view text, const Origin& origin) = 0;
    virtual void fault(Fault fault, const Origin& origin) = 0;
    /// Datagrams that the kernel dropped because the receive buffer was full (SO_RXQ_OVFL), since the last
    /// call.
    virtual void dropped_by_kernel(std::uint64_t count, ListenerKind listener) = 0;
    /// The end of one drain: `records` were delivered since the last call.
    virtual void drained(std::size_t records) = 0;
    /// False while the intake can't take more from a listener of this kind (the commit is behind, the queue
    /// is full, or nearly so and senders that can be pushed back wait in favour of those that can't).
    virtual bool accepting(ListenerKind listener) const = 0;
};

/// Readable bytes behind each text handed to Sink::record. Same figure as the record parser wants.
inline constexpr std::size_t kPadding = 64;

}  // namespace respand::ingest
