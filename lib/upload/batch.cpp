#include "upload/batch.hpp"

#include <algorithm>

namespace respand::upload {

std::size_t Batch::records() const {
    std::size_t sum = 0;
    for (const Slice& slice : slices) sum += slice.count;
    return sum;
}

std::size_t Batch::bytes() const {
    if (slices.empty()) return 0;
    std::size_t sum = slices.size() - 1;
    for (const Slice& slice : slices) sum += slice.bytes;
    return sum;
}

Slice sub_slice(const Slice& slice, std::uint32_t first, std::uint32_t count) {
    const auto& lengths = slice.chunk->lengths;
    Slice out = slice;
    out.first += first;
    out.count = count;
    out.bytes = 0;
    for (std::uint32_t i = slice.first; i < out.first; ++i) out.offset += lengths[i] + std::size_t{1};
    for (std::uint32_t i = out.first; i < out.first + count; ++i) out.bytes += lengths[i];
    out.bytes += count - std::size_t{1};
    return out;
}

Batch sub_batch(const Batch& batch, std::size_t first, std::size_t count) {
    Batch out{.slices = {},
              .tried = batch.tried,
              .suspect = batch.suspect,
              .witness = batch.witness,
              .refusals = batch.refusals,
              .passed_at_refusal = batch.passed_at_refusal,
              .not_before = batch.not_before};
    for (const Slice& slice : batch.slices) {
        if (count == 0) break;
        if (first >= slice.count) {
            first -= slice.count;
            continue;
        }
        const std::size_t taken = std::min(count, slice.count - first);
        if (taken == slice.count) {
            out.slices.push_back(slice);
        } else {
            out.slices.push_back(
                sub_slice(slice, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(taken)));
        }
        count -= taken;
        first = 0;
    }
    return out;
}

Batch take_front(Batch& batch, std::size_t max_records, std::size_t max_bytes) {
    const std::size_t all = batch.records();
    std::size_t taken = 0;
    if (all <= max_records && batch.bytes() <= max_bytes) {
        taken = all;
    } else {
        std::size_t bytes = 0;
        for (const Slice& slice : batch.slices) {
            for (std::uint32_t i = 0; i < slice.count && taken < max_records; ++i) {
                bytes += slice.chunk->lengths[slice.first + i] + (taken > 0 ? 1U : 0U);
                if (taken > 0 && bytes > max_bytes) max_records = taken;
                if (taken < max_records) ++taken;
            }
        }
        taken = std::max<std::size_t>(taken, 1);
    }
    if (taken == all) return std::exchange(batch, Batch{});
    Batch front = sub_batch(batch, 0, taken);
    batch = sub_batch(batch, taken, all - taken);
    return front;
}

void note_attempt(Batch& batch, WallTime sent) {
    for (Slice& slice : batch.slices) {
        if (slice.attempts++ == 0) slice.first_tried = sent;
    }
}

std::pair<Batch, Batch> halve(const Batch& batch) {
    const std::size_t all = batch.records();
    return {sub_batch(batch, 0, all / 2), sub_batch(batch, all / 2, all - all / 2)};
}

}  // namespace respand::upload
