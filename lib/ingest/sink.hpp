// What a listener delivers to. Owned by ingest, implemented by the intake.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace respand::ingest {

enum class ListenerKind : std::uint8_t { unix_datagram, unix_stream, udp, http };
std::string_view name(ListenerKind kind);

/// Who sent a record, as far as the kernel vouches for it.
struct Origin {
    ListenerKind listener = ListenerKind::unix_datagram;
    pid_t pid = 0;                       ///< 0: unknown (UDP, TCP, or the sender is in another pid namespace)
    uid_t uid = static_cast<uid_t>(-1);  ///< -1: unknown (UDP, TCP)
};

/// Bytes that never became a record, told apart by what the listener can know of them.
enum class Fault : std::uint8_t {
    truncated_datagram,  ///< the kernel cut it: larger than the receive buffer
    empty_datagram,      ///< no bytes and no memfd
    bad_memfd,           ///< not a memfd, not sealed, or not readable
    memfd_too_large,
    line_too_large,  ///< a stream record over the limit; the connection is closed behind it
    half_line,       ///< a stream ended in the middle of a record
    body_too_large,  ///< an HTTP body over the limit, or with too many records
    half_body,       ///< an HTTP body that did not come to its end
    broken_body,     ///< an HTTP body that can't be cut into records
};

/// What became of a record, for a sender that is told.
struct Verdict {
    enum class Outcome : std::uint8_t {
        accepted,   ///< will be durable with the next commit
        duplicate,  ///< came before, by its record_id; what came before is durable with the next commit
        dropped,    ///< the queue's policy has no room for it
        refused,    ///< never will be accepted as it is
    };
    Outcome outcome = Outcome::accepted;
    std::string_view reason{};  ///< "no_model", "queue_full"; empty when accepted. Static storage
    std::string_view words{};   ///< the same as a sentence for its sender. Static storage
    /// The `custom_identifier` that was given to it; empty when it brought its own. Until the next record.
    std::string_view id{};
};

/// Whether a listener that can answer its senders takes more.
enum class Readiness : std::uint8_t {
    ready,
    busy,     ///< a matter of one commit: wait for resume()
    stopped,  ///< the queue or its disk is full, or can't be written: tell the sender
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
    virtual Verdict record(std::string_view text, const Origin& origin) = 0;
    virtual void fault(Fault fault, const Origin& origin) = 0;
    /// Datagrams that the kernel dropped because the receive buffer was full (SO_RXQ_OVFL), since the last
    /// call.
    virtual void dropped_by_kernel(std::uint64_t count, ListenerKind listener) = 0;
    /// The end of one drain: `records` were delivered since the last call.
    virtual void drained(std::size_t records) = 0;
    /// To be called before the drained() of the records it is about. Calls back once, later and on the I/O
    /// thread: true when all records delivered so far are durable; false when the daemon stops and can't make
    /// them so. That may take as long as a disk is full.
    virtual void when_durable(std::function<void(bool)> callback) = 0;
    /// False while the intake can't take more from a listener of this kind (the commit is behind, the queue
    /// is full, or nearly so and senders that can be pushed back wait in favour of those that can't).
    virtual bool accepting(ListenerKind listener) const = 0;
    /// The same in more detail. After `busy` the listener group is resumed, as after a false accepting().
    virtual Readiness readiness(ListenerKind listener) const = 0;
};

/// Readable bytes behind each text handed to Sink::record. Same figure as the record parser wants.
inline constexpr std::size_t kPadding = 64;

}  // namespace respand::ingest
