// What a check-point wrote goes to the disk in portions, so that a commit's sync waits for one of them at
// most.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/units.hpp"

namespace respand::spool {

/// Bytes of a file that were written.
struct WrittenRange {
    std::int64_t offset = 0, bytes = 0;
    bool operator==(const WrittenRange&) const = default;
};

/// Gathers what was written and hands it on in portions. Pure but for `push`.
class Writeback {
  public:
    /// Half a millisecond of a disk that takes 1 GB/s. Measured there, with commits of 1 MB beside it: less
    /// and the check-point falls behind a flood, twice as much and the slowest commits wait noticeably
    /// longer.
    static constexpr ByteCount kPortion{512ULL << 10};

    /// `push` gets ranges of together kPortion or a little more, in the order in which they were written,
    /// neighbours as one.
    explicit Writeback(std::function<void(std::span<const WrittenRange>)> push) : push_(std::move(push)) {}

    void written(std::int64_t offset, std::int64_t bytes);
    /// What is left.
    void finish();

  private:
    std::function<void(std::span<const WrittenRange>)> push_;
    std::vector<WrittenRange> ranges_;
    std::uint64_t gathered_ = 0;
};

/// Has the disk take these ranges of the file, and waits until it has. No sync: neither the file's size nor
/// the disk's own cache is seen to. Where it does not work (a file system without it) nothing happens.
void push_to_disk(int fd, std::span<const WrittenRange> ranges);

}  // namespace respand::spool
