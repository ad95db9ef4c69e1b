// The findable names of a batch's records, for a log line at debug level.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "upload/batch.hpp"

namespace respand::upload {

/// The `custom_identifier` of each record that has one, in lines of up to kIdsPerLine, separated by blanks.
/// Each is cut at kMaxIdBytes and made one word: it came from outside. Parses every record: for debugging
/// only. Pure.
std::vector<std::string> identifier_lines(const Batch& batch);
inline constexpr std::size_t kIdsPerLine = 20;
inline constexpr std::size_t kMaxIdBytes = 64;

}  // namespace respand::upload
