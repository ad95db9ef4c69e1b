// Cutting the body of an HTTP request into records: pieces lie in the body, in order and apart, and what was
// cut and is joined again is cut at the same places.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.hpp"
#include "ingest/json_cut.hpp"

namespace {

using respand::ingest::BodyShape;
using respand::ingest::cut;

void check_pieces(std::string_view body, const std::vector<std::string_view>& pieces) {
    const char* at = body.data();
    for (const std::string_view piece : pieces) {
        FUZZ_CHECK(!piece.empty());
        FUZZ_CHECK(piece.data() >= at);
        at = piece.data() + piece.size();
    }
    FUZZ_CHECK(at <= body.data() + body.size());
    FUZZ_CHECK(!pieces.empty() && pieces.size() <= respand::ingest::kMaxRecords);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    for (const auto shape : {BodyShape::record, BodyShape::json, BodyShape::lines, BodyShape::logs}) {
        const auto pieces = cut(shape, body);
        if (!pieces) continue;
        check_pieces(body, *pieces);
        if (shape != BodyShape::logs) continue;
        std::string joined = "{\"logs\":[";
        for (const std::string_view piece : *pieces) joined.append(piece).append(",");
        joined.back() = ']';
        joined += '}';
        const auto again = cut(shape, joined);
        FUZZ_CHECK(again && *again == *pieces);
    }
    return 0;
}
