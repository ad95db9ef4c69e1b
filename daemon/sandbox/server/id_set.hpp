// Which ids have been seen, in bounded memory.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace respand::sandbox {

/// A set of 128-bit hashes of ids (SHA-256, cut: two ids that collide are not to be met). 16 bytes a slot,
/// doubling as it fills. One thread.
class IdSet {
  public:
    /// 64 MiB of slots when full.
    static constexpr std::size_t kMaxIds = 3'000'000;

    explicit IdSet(std::size_t max_ids = kMaxIds) : max_ids_(max_ids) {}

    enum class Seen : std::uint8_t { fresh, duplicate, full };
    /// `full`: the id is new, but is not remembered, for there is no room left.
    Seen insert(std::string_view id);
    std::size_t size() const { return size_; }

  private:
    using Hash = std::array<std::uint64_t, 2>;
    void grow();
    /// The slot of the hash, or the free one where it belongs.
    std::size_t slot_of(const Hash& hash) const;

    std::size_t max_ids_;
    std::size_t size_ = 0;
    std::vector<Hash> slots_;  // power of two; all zero: free
};

}  // namespace respand::sandbox
