// One file as a disk has it: what was synced for certain, and what may or may not have got there.
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace respand::test {

/// What became of unsynced writes when the power went.
enum class Loss : std::uint8_t {
    all,           ///< nothing of them arrived
    none,          ///< everything arrived (the kernel was quick)
    whole_writes,  ///< each write arrived whole or not at all, in any order
    sectors,       ///< each sector is as it was after some write or other: torn writes, reordering
};
inline constexpr int kLosses = 4;

class DiskImage {
  public:
    /// What a disk writes as one piece.
    static constexpr std::size_t kSector = 512;

    DiskImage() = default;
    /// A file that has been there, synced, for long.
    explicit DiskImage(std::string content) : synced_(std::move(content)) {}

    void write(std::uint64_t offset, std::string_view bytes);
    void truncate(std::uint64_t size);
    /// Everything so far is on the disk.
    void sync();
    /// A sync that failed as Linux lets it: the pages count as clean and are never written, though reads
    /// still show them.
    void forget() { unsynced_.clear(); }

    bool all_synced() const { return unsynced_.empty(); }
    /// The file as it is found afterwards.
    std::string after_power_loss(std::mt19937& random, Loss loss) const;

  private:
    struct Change {
        std::uint64_t offset = 0;  ///< of the bytes; the new size when `truncates`
        std::string bytes;
        bool truncates = false;
        void apply(std::string& file) const;
    };
    std::string torn(std::mt19937& random) const;

    std::string synced_;
    std::vector<Change> unsynced_;
};

}  // namespace respand::test
