// The include table: which room may include what.
#pragma once
#include <vector>

#include "source_text.hpp"

namespace respand::rules {

/// Every include of a file under lib/ that the table does not allow.
std::vector<Breach> check_includes(const SourceFile& file);

/// Every include of a header from another room that itself includes a library private to its room (simdjson,
/// SQLite): such a header is for the room's own sources.
std::vector<Breach> check_private_headers(const std::vector<SourceFile>& files);

}  // namespace respand::rules
