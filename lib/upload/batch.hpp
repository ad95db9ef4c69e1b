// The uploader's unit of work: slices that go out in one request. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "upload/batch_source.hpp"

namespace respand::upload {

/// Records in hand, in the order in which the source gave them.
struct Batch {
    std::vector<Slice> slices;
    bool tried = false;    ///< was sent before: the next request is a retry
    bool suspect = false;  ///< refused as a whole, or part of such a batch: not to be mixed with others
    bool witness = false;  ///< fetched while the lane was stopped, to see whether others pass
    /// How often the server refused it although it may not be to blame, and how many successes the lane had
    /// counted at the last of these: tells a bad record from a wrong key, and from a server that refuses all.
    std::uint32_t refusals = 0;
    std::uint64_t passed_at_refusal = 0;
    SteadyTime not_before = SteadyTime::min();  ///< held until then, unless something passes before

    std::size_t records() const;
    /// Bytes between the brackets of a request: all slices and the commas between them.
    std::size_t bytes() const;
};

/// `count` records of `slice`, beginning with its `first`-th. Must lie inside the slice; count ≥ 1.
Slice sub_slice(const Slice& slice, std::uint32_t first, std::uint32_t count);

/// Records [first, first + count) of `batch`, with the history of `batch`.
Batch sub_batch(const Batch& batch, std::size_t first, std::size_t count);

/// Takes from the front of `batch` what fits `max_records` and `max_bytes` (at least one record, however
/// large). What remains stays in `batch`, which is left without slices when all was taken.
Batch take_front(Batch& batch, std::size_t max_records, std::size_t max_bytes);

/// A request with the batch was sent at that time and did not deliver all of it.
void note_attempt(Batch& batch, WallTime sent);

/// Two halves of as equal a count of records as can be; `batch` must hold at least two.
std::pair<Batch, Batch> halve(const Batch& batch);

}  // namespace respand::upload
