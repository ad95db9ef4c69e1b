#include <array>

#include "record/record.hpp"

namespace respand {
namespace {

struct Description {
    std::string_view name;
    std::string_view sentence;
};

constexpr std::array<Description, kRejectReasons> kDescriptions{{
    {"empty", "no bytes: send one JSON object"},
    {"too_large",
     "larger than 20 MB less 1 KiB, what the server takes for one log less what is added: shorten input or "
     "output"},
    {"truncated",
     "cut off: a datagram larger than the receive buffer, or a stream that ended within a record; send large "
     "records over the stream socket or as a sealed memfd, and end each stream record with a newline"},
    {"not_utf8", "not valid UTF-8: encode the text as UTF-8 before sending"},
    {"not_json",
     "not valid JSON: send one complete JSON object (no NaN, no trailing commas, no lone surrogates)"},
    {"too_deep", "objects and arrays are nested deeper than 64 levels"},
    {"not_object", "valid JSON, but no object: send one object per record, no array"},
    {"no_model", "`model` is missing, empty or not a string: name the model that was called"},
    {"duplicate_key",
     "a top-level key that is acted on stands twice: which one counts would be a guess; send it once"},
    {"bad_memfd",
     "the passed file descriptor is no sealed memfd: seal it with F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE|"
     "F_SEAL_SEAL before sending"},
}};

}  // namespace

std::string_view name(RejectReason reason) { return kDescriptions.at(static_cast<std::size_t>(reason)).name; }

std::string_view describe(RejectReason reason) {
    return kDescriptions.at(static_cast<std::size_t>(reason)).sentence;
}

}  // namespace respand
