#include "pipeline/admission.hpp"

#include <utility>

namespace respand::pipeline {

using spool::FullPolicy;

bool Admission::update(ByteCount live, bool disk_is_low) {
    const std::uint64_t part = max_.value / kParts;
    const std::uint64_t resume_at = max_.value - max_.value / kResumeDivisor;
    const bool full = disk_is_low || live.value >= (fullness_ == Fullness::full ? resume_at + 1 : max_.value);
    const bool near = live.value >= part * (fullness_ == Fullness::roomy ? kNear : kNearEnds);
    disk_is_low_ = disk_is_low;
    const Fullness now = full ? Fullness::full : near ? Fullness::near : Fullness::roomy;
    return std::exchange(fullness_, now) != now;
}

Admit Admission::admit() const {
    if (fullness_ == Fullness::full && policy_ == FullPolicy::drop_newest) return Admit::drop;
    if (fullness_ != Fullness::roomy && policy_ == FullPolicy::shed_content) return Admit::without_content;
    return Admit::whole;
}

bool Admission::reads(ingest::ListenerKind listener, bool udp_listens) const {
    if (policy_ == FullPolicy::drop_newest) return true;
    if (policy_ == FullPolicy::drop_oldest && !disk_is_low_) return true;
    if (fullness_ == Fullness::full) return false;
    return fullness_ == Fullness::roomy || !udp_listens || listener == ingest::ListenerKind::udp;
}

ByteCount Admission::to_free(ByteCount live) const {
    if (policy_ != FullPolicy::drop_oldest || fullness_ != Fullness::full) return {};
    const std::uint64_t goal = max_.value - max_.value / kResumeDivisor;
    if (live.value > goal) return {live.value - goal};
    // The disk is low although the limit is not reached: a twentieth of what is there.
    return {disk_is_low_ ? live.value / kResumeDivisor + 1 : 0};
}

}  // namespace respand::pipeline
