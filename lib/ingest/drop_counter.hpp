// Turns the kernel's running drop counter of a socket into differences. Pure.
#pragma once
#include <cstdint>

namespace respand::ingest {

/// SO_RXQ_OVFL and SO_MEMINFO report a 32-bit count of all datagrams dropped since the socket was made; it
/// wraps. Reports may come late (a queued datagram carries the count of its own arrival): an older one
/// changes nothing.
class DropCounter {
  public:
    /// `seen`: what the counter says at the start, and was reported by somebody else.
    explicit DropCounter(std::uint32_t seen = 0) : seen_(seen) {}

    /// Takes a reading; returns how many drops are new.
    std::uint32_t advance(std::uint32_t reading) {
        const std::uint32_t ahead = reading - seen_;  // modulo 2^32
        if (ahead >= kHalf) return 0;                 // behind us: an older reading
        seen_ = reading;
        return ahead;
    }

  private:
    static constexpr std::uint32_t kHalf = 1U << 31;
    std::uint32_t seen_;
};

}  // namespace respand::ingest
