#include "pipeline/slices.hpp"

#include <algorithm>
#include <utility>

namespace respand::pipeline {

using upload::Slice;

std::vector<Slice> unsettled_slices(std::shared_ptr<const spool::Chunk> chunk) {
    std::vector<Slice> slices;
    std::size_t at = 0;
    bool open = false;
    for (std::uint32_t i = 0; i < chunk->records(); ++i) {
        const std::size_t length = chunk->lengths[i];
        const bool settled = i < chunk->settled.size() && chunk->settled[i];
        if (settled) {
            open = false;
        } else if (open) {
            slices.back().count += 1;
            slices.back().bytes += 1 + length;
        } else {
            slices.push_back({chunk, i, 1, at, length});
            open = true;
        }
        at += length + 1;
    }
    return slices;
}

spool::Chunk compacted(spool::Chunk chunk) {
    if (std::find(chunk.settled.begin(), chunk.settled.end(), true) == chunk.settled.end()) return chunk;
    std::string body;
    std::size_t at = 0;
    for (std::size_t i = 0; i < chunk.records(); ++i) {
        if (i > 0) body += ',';
        const std::size_t length = chunk.lengths[i];
        if (i < chunk.settled.size() && chunk.settled[i])
            chunk.lengths[i] = 0;
        else
            body.append(chunk.body, at, length);
        at += length + 1;
    }
    body.shrink_to_fit();
    chunk.body = std::move(body);
    return chunk;
}

std::vector<Slice> take_slices(std::deque<Slice>& ready, std::size_t max_records, std::size_t max_bytes) {
    std::vector<Slice> taken;
    std::size_t records = 0, bytes = 0;
    while (!ready.empty() && records < max_records) {
        Slice& next = ready.front();
        std::uint32_t count = 0;
        std::size_t size = 0;
        while (count < next.count && records + count < max_records) {
            const std::size_t more = next.chunk->lengths[next.first + count] + (count > 0 ? 1U : 0U);
            if (bytes + size + more > max_bytes && records + count > 0) break;
            size += more;
            ++count;
        }
        if (count == 0) break;
        taken.push_back(next);
        taken.back().count = count;
        taken.back().bytes = size;
        records += count;
        bytes += size + 1;
        if (count == next.count) {
            ready.pop_front();
            continue;
        }
        next.first += count;
        next.count -= count;
        next.offset += size + 1;
        next.bytes -= size + 1;
        break;
    }
    return taken;
}

}  // namespace respand::pipeline
