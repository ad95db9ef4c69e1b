// Chunks, slices and batches for tests, and the records of a request read back.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "upload/batch.hpp"
#include "upload/transport.hpp"

namespace respand::upload::test {

/// `{"id":ID}`, padded to at least `bytes`.
inline std::string record(std::uint64_t id, std::size_t bytes = 0) {
    std::string text = R"({"id":)" + std::to_string(id);
    if (bytes > text.size() + 9) text += R"(,"pad":")" + std::string(bytes - text.size() - 9, 'x') + '"';
    return text + '}';
}

inline std::shared_ptr<const spool::Chunk> chunk_of(spool::ChunkId id,
                                                    const std::vector<std::string>& records) {
    auto chunk = std::make_shared<spool::Chunk>();
    chunk->id = id;
    for (const std::string& text : records) {
        if (!chunk->body.empty()) chunk->body += ',';
        chunk->body += text;
        chunk->lengths.push_back(static_cast<std::uint32_t>(text.size()));
    }
    return chunk;
}

inline Slice whole(const std::shared_ptr<const spool::Chunk>& chunk) {
    return {.chunk = chunk,
            .first = 0,
            .count = static_cast<std::uint32_t>(chunk->records()),
            .offset = 0,
            .bytes = chunk->body.size()};
}

/// A batch of `chunks` chunks with `each` records, ids rising from 0.
inline Batch batch_of(std::size_t chunks, std::size_t each) {
    Batch batch;
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < chunks; ++i) {
        std::vector<std::string> records;
        for (std::size_t k = 0; k < each; ++k, ++id) records.push_back(record(id, 10 + id % 7 * 11));
        batch.slices.push_back(whole(chunk_of(static_cast<spool::ChunkId>(i) + 1, records)));
    }
    return batch;
}

inline std::string text_of(const RequestBody& body) {
    std::string text;
    for (const std::string_view piece : body.pieces) text += piece;
    return text;
}

inline std::vector<std::uint64_t> ids_of(const Slice& slice) {
    const auto array = nlohmann::json::parse("[" + slice.chunk->body.substr(slice.offset, slice.bytes) + "]");
    std::vector<std::uint64_t> ids;
    for (const auto& entry : array) ids.push_back(entry.at("id").get<std::uint64_t>());
    return ids;
}

inline std::vector<std::uint64_t> ids_of(const Batch& batch) {
    std::vector<std::uint64_t> ids;
    for (const Slice& slice : batch.slices) {
        const auto more = ids_of(slice);
        ids.insert(ids.end(), more.begin(), more.end());
    }
    return ids;
}

/// Ids of the records of a request, as the server reads them: from the text.
inline std::vector<std::uint64_t> ids_of(const Request& request) {
    const auto parsed = nlohmann::json::parse(text_of(request.body));
    std::vector<std::uint64_t> ids;
    if (parsed.contains("logs")) {
        for (const auto& entry : parsed.at("logs")) ids.push_back(entry.at("id").get<std::uint64_t>());
    } else {
        ids.push_back(parsed.at("id").get<std::uint64_t>());
    }
    return ids;
}

}  // namespace respand::upload::test
