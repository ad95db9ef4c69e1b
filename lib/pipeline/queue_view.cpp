#include "pipeline/queue_view.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace respand::pipeline {
namespace {

using spool::Chunk;

/// Copies the chunk's unsettled records from `from` on to the page. False: the page is full.
bool add_records(const Chunk& chunk, QueuePlace from, std::size_t limit, std::size_t& bytes,
                 QueuePage& page) {
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < chunk.records(); ++i) {
        const std::size_t length = chunk.lengths[i];
        const std::size_t begin = std::exchange(at, at + length + 1);
        const bool settled = i < chunk.settled.size() && chunk.settled[i];
        if (settled || (chunk.id == from.chunk && i < from.index)) continue;
        const QueuePlace place{chunk.lane, chunk.id, i};
        const bool full =
            page.records.size() >= limit || (!page.records.empty() && bytes + length > kQueuePageBytes);
        if (full) {
            page.next = place;
            return false;
        }
        bytes += length;
        page.records.push_back({place, chunk.created,
                                i < chunk.sources.size() ? chunk.sources[i] : spool::kNoSource,
                                chunk.body.substr(begin, length)});
    }
    return true;
}

}  // namespace

std::string text(const QueuePlace& place) {
    return std::to_string(place.lane) + "." + std::to_string(place.chunk) + "." + std::to_string(place.index);
}

Result<QueuePlace> parse_place(std::string_view text) {
    QueuePlace place;
    const char* at = text.data();
    const char* end = at + text.size();
    const auto number = [&](auto& value, bool last) {
        const auto [stop, fault] = std::from_chars(at, end, value);
        if (fault != std::errc{} || value < 0 || (last ? stop != end : stop == end || *stop != '.'))
            return false;
        at = last ? stop : stop + 1;
        return true;
    };
    std::int64_t index = 0;
    if (!number(place.lane, false) || !number(place.chunk, false) || !number(index, true) ||
        index >= static_cast<std::int64_t>(UINT32_MAX))
        return fail(ErrorKind::usage,
                    "'" + std::string(text.substr(0, 60)) +
                        "' is no place in the queue; they look like 0.1234.17, see respanctl queue list");
    place.index = static_cast<std::uint32_t>(index);
    return place;
}

Result<QueuePage> queue_page(spool::Spool& spool, QueuePlace from, std::optional<spool::LaneId> lane,
                             std::size_t limit) {
    QueuePage page;
    std::size_t bytes = 0;
    limit = std::clamp<std::size_t>(limit, 1, kQueuePageRecords);
    for (const auto& [id, unused] : spool.lanes()) {
        if ((lane && id != *lane) || id < from.lane) continue;
        spool::ChunkId after = id == from.lane && from.chunk > 0 ? from.chunk - 1 : 0;
        for (;;) {
            const auto chunks = spool.read(id, after, limit, kQueuePageBytes);
            if (!chunks) return std::unexpected(chunks.error());
            for (const Chunk& chunk : *chunks)
                if (!add_records(chunk, id == from.lane ? from : QueuePlace{}, limit, bytes, page))
                    return page;
            if (chunks->empty()) break;
            after = chunks->back().id;
        }
    }
    return page;
}

Result<std::optional<QueuedRecord>> queued_record(spool::Spool& spool, const QueuePlace& place) {
    auto page = queue_page(spool, place, place.lane, 1);
    if (!page) return std::unexpected(page.error());
    if (page->records.empty() || page->records.front().place != place) return std::nullopt;
    return std::move(page->records.front());
}

}  // namespace respand::pipeline
