// A damaged first page hides everything behind it, although it is all there. Inside this room only.
#pragma once
#include <string>

#include "base/result.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Whether the chunks can be asked for at all. An error when the disk fails and nobody can tell.
Result<bool> knows_chunks(sqlite::Connection& database);

/// Copies the database at `path` (and its log) to `scratch`, there replaces the header, or the whole first
/// page, by that of `sound`, a check-pointed spool of the same version, and opens the copy. In every spool
/// that was made by this version the tables begin on the same pages; where they do not, checksums keep what
/// is read apart from what was written.
Result<sqlite::Connection> open_with_first_page_of(const std::string& sound, const std::string& path,
                                                   const std::string& scratch);

}  // namespace respand::spool
