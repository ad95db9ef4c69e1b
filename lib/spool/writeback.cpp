#include "spool/writeback.hpp"

#include <fcntl.h>

#include <utility>

namespace respand::spool {

void Writeback::written(std::int64_t offset, std::int64_t bytes) {
    if (!ranges_.empty() && ranges_.back().offset + ranges_.back().bytes == offset)
        ranges_.back().bytes += bytes;
    else
        ranges_.push_back({offset, bytes});
    gathered_ += static_cast<std::uint64_t>(bytes);
    if (gathered_ >= kPortion.value) finish();
}

void Writeback::finish() {
    if (ranges_.empty()) return;
    push_(ranges_);
    ranges_.clear();
    gathered_ = 0;
}

void push_to_disk(int fd, std::span<const WrittenRange> ranges) {
    for (const unsigned step : {unsigned{SYNC_FILE_RANGE_WRITE}, unsigned{SYNC_FILE_RANGE_WAIT_BEFORE}})
        for (const WrittenRange& range : ranges)
            if (::sync_file_range(fd, range.offset, range.bytes, step) != 0) return;
}

}  // namespace respand::spool
