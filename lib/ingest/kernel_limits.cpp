#include "ingest/kernel_limits.hpp"

#include <algorithm>
#include <fstream>

namespace respand::ingest {
namespace {

constexpr std::size_t kDefaultWmemMax = 212'992;  // of every kernel since 2.6
constexpr std::size_t kDefaultQueueLength = 10;   // of the kernel; systemd raises it to 512
constexpr std::size_t kSmallestSlot = std::size_t{256} << 10;
constexpr std::size_t kLargestSlot = std::size_t{4352} << 10;  // 4 MiB and 64 pages

std::size_t read_limit(const char* path, std::size_t fallback) {
    std::ifstream file(path);
    std::size_t value = 0;
    return file >> value ? value : fallback;
}

}  // namespace

std::size_t largest_unix_datagram() {
    const std::size_t wmem_max = read_limit("/proc/sys/net/core/wmem_max", kDefaultWmemMax);
    return std::clamp(2 * std::min(wmem_max, kLargestSlot), kSmallestSlot, kLargestSlot);
}

std::size_t unix_queue_length() {
    return read_limit("/proc/sys/net/unix/max_dgram_qlen", kDefaultQueueLength);
}

}  // namespace respand::ingest
