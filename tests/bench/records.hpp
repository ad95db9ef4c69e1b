// What respand-bench sends.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/fd.hpp"

namespace respand::bench {

/// CLOCK_MONOTONIC, as the sandbox reads it.
std::uint64_t now_ns();

/// A record of the wanted size; the identifier is written into it for each send.
class RecordTemplate {
  public:
    explicit RecordTemplate(std::size_t size);
    /// Valid until the next call.
    const std::string& stamped(std::uint64_t sequence);

  private:
    std::string text_;
    std::size_t at_ = 0;
};

/// Sends `count` records from `first` on; `rate` (per second) 0: as fast as the socket takes them. Throws
/// when the socket takes none.
void send_records(int fd, RecordTemplate& record, std::uint64_t first, std::uint64_t count, double rate);

/// Connected to that datagram socket; empty when it isn't there.
UniqueFd connect_unix(const std::filesystem::path& path);

}  // namespace respand::bench
