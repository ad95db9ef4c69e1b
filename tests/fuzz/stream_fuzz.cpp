// Stream framing: however the bytes are cut into reads, the same lines come out and the limit strikes at the
// same place.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "check.hpp"
#include "ingest/line_framer.hpp"

namespace {

using respand::ingest::kPadding;
using respand::ingest::LineFramer;

struct Framed {
    std::vector<std::string> lines;
    bool fits = true;
    bool half = false;
    bool operator==(const Framed&) const = default;
};

constexpr std::size_t kLimit = 20;

/// Feeds `bytes` in pieces: piece i is as long as cuts[i % cuts.size()] says.
Framed frame(std::string_view bytes, std::string_view cuts) {
    Framed framed;
    LineFramer framer(kLimit);
    for (std::size_t i = 0; !bytes.empty() && framed.fits; ++i) {
        const std::size_t wanted =
            cuts.empty() ? bytes.size() : 1 + static_cast<unsigned char>(cuts[i % cuts.size()]);
        std::string piece(bytes.substr(0, wanted));
        bytes.remove_prefix(piece.size());
        const std::size_t size = piece.size();
        piece.append(kPadding, '\n');  // what lies behind a read must not matter
        framed.fits = framer.feed({piece.data(), size}, [&](std::string_view line) {
            FUZZ_CHECK(line.size() <= kLimit);
            FUZZ_CHECK(line.find('\n') == std::string_view::npos);
            framed.lines.emplace_back(line);
        });
        FUZZ_CHECK(framer.buffered() <= kLimit + 1);
    }
    framed.half = framed.fits && framer.holds_half_line();
    return framed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t cuts = std::min<std::size_t>(size / 4, 16);
    FUZZ_CHECK(frame(input.substr(cuts), input.substr(0, cuts)) == frame(input.substr(cuts), {}));
    return 0;
}
