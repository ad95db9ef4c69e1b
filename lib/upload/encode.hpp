// Batch → request body. Nothing is copied: the body is a list of views into the chunks, which it keeps alive.
// Pure.
#pragma once
#include <cstddef>
#include <string_view>

#include "upload/batch.hpp"
#include "upload/endpoint.hpp"
#include "upload/transport.hpp"

namespace respand::upload {

inline constexpr std::string_view kBulkOpening = R"({"logs":[)";
inline constexpr std::string_view kBulkClosing = "]}";
/// Bytes of a bulk body that are not records or commas.
inline constexpr std::size_t kBulkEnvelopeBytes = kBulkOpening.size() + kBulkClosing.size();

/// Bulk: `{"logs":[` + records joined by commas + `]}`. Create: the one record the batch must hold.
RequestBody encode(const Batch& batch, Endpoint endpoint);

}  // namespace respand::upload
