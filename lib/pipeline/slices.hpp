// Chunks → runs of records that still have to be sent. Pure.
#pragma once
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "spool/chunk.hpp"
#include "upload/batch_source.hpp"

namespace respand::pipeline {

/// The runs of records of a chunk that still have to be sent. Pure.
std::vector<upload::Slice> unsettled_slices(std::shared_ptr<const spool::Chunk> chunk);

/// The chunk without the text of its settled records, so that those left to do hold no more memory than their
/// own size. Their places stay, with a length of 0: what is settled is counted by place. Pure.
spool::Chunk compacted(spool::Chunk chunk);

/// Takes slices from the front of `ready`, cutting the last one, until a limit is met; at least one record.
/// Pure.
std::vector<upload::Slice> take_slices(std::deque<upload::Slice>& ready, std::size_t max_records,
                                       std::size_t max_bytes);

}  // namespace respand::pipeline
