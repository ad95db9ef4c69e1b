// A record in a sealed memfd, passed beside an empty datagram: for records too large for a datagram.
#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "ingest/sink.hpp"

namespace respand::ingest {

/// Why a passed descriptor holds no record. `reason` is for the log and names no content.
struct MemfdFault {
    Fault fault;
    std::string reason;
};

/// The bytes of a memfd, readable as long as this lives, with kPadding readable bytes behind them.
class MappedMemfd {
  public:
    /// Checks, then maps. What is demanded is journald's rule for its native protocol: a regular file sealed
    /// against shrinking, growing and writing, and the seals sealed. Nobody can then change a byte or make
    /// reading fault, and nothing has to be copied. Never blocks, whatever kind of file it is.
    /// `max_bytes` is checked before anything is mapped. Doesn't close `fd`.
    static std::expected<MappedMemfd, MemfdFault> map(int fd, std::size_t max_bytes);

    MappedMemfd(MappedMemfd&& other) noexcept;
    MappedMemfd& operator=(MappedMemfd&&) = delete;
    ~MappedMemfd();

    std::string_view text() const { return {static_cast<const char*>(start_), size_}; }

  private:
    MappedMemfd(void* start, std::size_t size, std::size_t mapped)
        : start_(start), size_(size), mapped_(mapped) {}
    void* start_;
    std::size_t size_;
    std::size_t mapped_;
};

}  // namespace respand::ingest
