#include "upload/encode.hpp"

namespace respand::upload {

std::size_t RequestBody::size() const {
    std::size_t sum = 0;
    for (const std::string_view piece : pieces) sum += piece.size();
    return sum;
}

RequestBody encode(const Batch& batch, Endpoint endpoint) {
    RequestBody body;
    body.pieces.reserve(batch.slices.size() * 2 + 1);
    body.keep_alive.reserve(batch.slices.size());
    if (endpoint == Endpoint::bulk) body.pieces.push_back(kBulkOpening);
    bool first = true;
    for (const Slice& slice : batch.slices) {
        if (!first) body.pieces.push_back(",");
        first = false;
        body.pieces.push_back(std::string_view(slice.chunk->body).substr(slice.offset, slice.bytes));
        body.keep_alive.push_back(slice.chunk);
    }
    if (endpoint == Endpoint::bulk) body.pieces.push_back(kBulkClosing);
    return body;
}

}  // namespace respand::upload
