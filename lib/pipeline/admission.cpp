#include "pipeline/admission.hpp"

#include <utility>

namespace respand::pipeline {

using spool::FullPolicy;

bool Admission::update(ByteCount live, DiskRoom disk) {
    const std::uint64_t part = max_.value / kParts;
    const std::uint64_t resume_at = max_.value - max_.value / kResumeDivisor;
    const bool full =
        disk == DiskRoom::none || live.value >= (fullness_ == Fullness::full ? resume_at + 1 : max_.value);
    const bool near =
        disk != DiskRoom::plenty || live.value >= part * (fullness_ == Fullness::roomy ? kNear : kNearEnds);
    disk_ = disk;
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
    if (policy_ == FullPolicy::drop_oldest && disk_ != DiskRoom::none) return true;
    if (fullness_ == Fullness::full) return false;
    return fullness_ == Fullness::roomy || !udp_listens || listener == ingest::ListenerKind::udp;
}

ByteCount Admission::to_free(ByteCount live) const {
    if (policy_ != FullPolicy::drop_oldest || fullness_ != Fullness::full) return {};
    const std::uint64_t goal = max_.value - max_.value / kResumeDivisor;
    if (live.value > goal) return {live.value - goal};
    // The disk is low although the limit is not reached: a twentieth of what is there.
    return {disk_ == DiskRoom::none ? live.value / kResumeDivisor + 1 : 0};
}

}  // namespace respand::pipeline
