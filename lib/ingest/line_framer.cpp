#include "ingest/line_framer.hpp"

#include <algorithm>

namespace respand::ingest {

namespace {
constexpr std::size_t kFirstCapacity = 1024;  ///< bytes; about one record
}

/// Appends to the line under way. One byte over the limit may still be the "\r" of a line end.
bool LineFramer::keep(std::string_view bytes) {
    const std::size_t needed = size_ + bytes.size();
    if (needed > max_record_ + 1) return refuse();
    if (needed > capacity_) {
        // Doubling keeps the copies of a long line linear in its length.
        const std::size_t capacity =
            std::max(needed, std::min(std::max(2 * capacity_, kFirstCapacity), max_record_ + 1));
        auto bigger = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
        if (size_ != 0) std::memcpy(bigger.get(), kept_.get(), size_);
        kept_ = std::move(bigger);
        capacity_ = capacity;
    }
    if (!bytes.empty()) std::memcpy(kept_.get() + size_, bytes.data(), bytes.size());
    size_ = needed;
    return true;
}

bool LineFramer::refuse() {
    release();
    too_large_ = true;
    return false;
}

void LineFramer::release() {
    kept_.reset();
    size_ = 0;
    capacity_ = 0;
}

}  // namespace respand::ingest
