#include "pipeline/chunk_builder.hpp"

#include <utility>

#include "record/record.hpp"

namespace respand::pipeline {

void ChunkBuilder::add(std::string_view text, const AddedFields& added, WallTime arrival,
                       spool::SourceId source) {
    const std::size_t most = text.size() + kAddedFieldsReserve;
    if (!empty() &&
        (chunk_.records() >= spool::kMaxChunkRecords || chunk_.body.size() + most > spool::kMaxChunkBytes))
        finish();
    if (empty()) {
        chunk_.created = arrival;
        chunk_.body = body_();
    } else {
        chunk_.body.push_back(',');
    }
    const std::size_t start = chunk_.body.size();
    append_record(chunk_.body, text, added);
    if (source != spool::kNoSource || !chunk_.sources.empty()) {
        chunk_.sources.resize(chunk_.records(), spool::kNoSource);
        chunk_.sources.push_back(source);
    }
    chunk_.lengths.push_back(static_cast<std::uint32_t>(chunk_.body.size() - start));
}

void ChunkBuilder::finish() {
    if (!empty()) emit_(std::exchange(chunk_, {}));
}

}  // namespace respand::pipeline
