// Many datagrams with one system call, into memory that costs only what it holds.
#pragma once
#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "ingest/ancillary.hpp"

namespace respand::ingest {

/// One received datagram. `text` lives until the next receive() and has kPadding readable bytes behind it.
struct Datagram {
    std::string_view text;
    bool truncated = false;  ///< the kernel cut it to the size of the slot
    Ancillary ancillary;
};

/// A set of receive slots of equal size. One thread.
///
/// Slots are address space: pages are paid for once something was received into them, and those beyond the
/// first few of each slot are given back by release_large().
class ReceiveBatch {
  public:
    /// Slots when they are small enough: a syscall's fixed cost is then shared by this many datagrams.
    static constexpr std::size_t kMaxSlots = 64;
    /// Bytes that all slots together may come to hold; larger slots are fewer.
    static constexpr std::size_t kMaxTotal = std::size_t{64} << 20;
    /// Bytes of each slot that release_large() leaves in place (kMaxSlots × this = 1 MiB).
    static constexpr std::size_t kKept = 16 * 1024;

    /// `largest`: bytes of the largest datagram to receive whole.
    static Result<std::unique_ptr<ReceiveBatch>> allocate(std::size_t largest);
    ReceiveBatch(const ReceiveBatch&) = delete;
    ReceiveBatch& operator=(const ReceiveBatch&) = delete;
    ~ReceiveBatch();

    /// Takes what is queued, at most one datagram a slot, without blocking. Returns how many (fewer than
    /// slots(): the queue is empty now), or -errno. Not while it holds any.
    int receive(int fd);
    /// Received and not yet taken: a sink that can take no more leaves the rest here.
    bool holds_any() const { return next_ < received_; }
    /// The next datagram, in the order of arrival.
    Datagram take();
    /// Gives the memory of large datagrams back. Call when a burst is over. Not while it holds any.
    void release_large();

    std::size_t slots() const { return messages_.size(); }
    std::size_t largest() const { return largest_; }

  private:
    struct Unmap {
        std::size_t size;
        void operator()(char* start) const;
    };
    using Memory = std::unique_ptr<char, Unmap>;
    struct Control {
        alignas(cmsghdr) char bytes[kControlBytes];
    };

    ReceiveBatch(Memory memory, std::size_t slots, std::size_t stride, std::size_t largest);
    char* slot(std::size_t index) const;

    Memory memory_;
    std::size_t stride_;
    std::size_t largest_;
    // Vectors of fixed length: the messages point into the other two.
    std::vector<iovec> parts_;
    std::vector<Control> controls_;
    std::vector<mmsghdr> messages_;
    std::vector<std::size_t> touched_;  ///< bytes of each slot that may hold memory
    bool any_large_ = false;
    std::size_t received_ = 0;  ///< slots that the last receive() filled
    std::size_t next_ = 0;      ///< the first of them that was not taken
};

}  // namespace respand::ingest
