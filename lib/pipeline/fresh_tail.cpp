#include "pipeline/fresh_tail.hpp"

#include <algorithm>

namespace respand::pipeline {

using spool::ChunkId;

void FreshTail::committed(ChunkId before, ChunkId newest, std::uint64_t records, bool backlog) {
    if (records > kFewRecords || behind_ + records > kMostBehind) return leave(newest);
    if (behind_ == 0) {
        if (!backlog) return;
        if (position_ <
            before) {  // It may be ahead: what an operator requeued came without a commit of records.
            position_ = before;
            extending_ = false;
        }
    }
    behind_ += records;
}

std::optional<ChunkId> FreshTail::after() const {
    if (behind_ == 0 || (runs_.size() >= kMaxRuns && !extending_)) return {};
    return position_;
}

void FreshTail::took(ChunkId chunk, std::uint64_t records) {
    if (chunk < position_) {  // It was left behind while it was read.
        runs_.push_back({chunk, chunk});
        extending_ = false;
        return;
    }
    if (extending_)
        runs_.back().last = chunk;
    else
        runs_.push_back({chunk, chunk});
    extending_ = true;
    position_ = chunk;
    behind_ -= std::min(behind_, records);
}

void FreshTail::leave(ChunkId newest) {
    extending_ = false;
    position_ = std::max(position_, newest);
    behind_ = 0;
}

bool FreshTail::taken(ChunkId chunk) {
    while (!runs_.empty() && runs_.front().last < chunk) {
        if (runs_.size() == 1) extending_ = false;
        runs_.pop_front();
    }
    if (chunk > position_) leave(chunk);  // The main reader has caught up.
    return !runs_.empty() && chunk >= runs_.front().first;
}

}  // namespace respand::pipeline
