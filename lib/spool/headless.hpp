// A damaged first page hides everything behind it, although it is all there. Inside this room only.
#pragma once
#include <string>

#include "base/result.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Whether the chunks can be asked for at all. An error when the disk fails and nobody can tell.
Result<bool> knows_chunks(sqlite::Connection& database);
/// The same, of tables that are ours to the letter.
Result<bool> knows_our_chunks(sqlite::Connection& database);

/// What is copied: the database at `path` with its log, read by `file` unless that is -1, to `scratch`.
struct Copied {
    std::string path, scratch;
    int file = -1;
};
/// Whether the header differs from that of `sound`, a check-pointed spool of the same version, where those of
/// all spools are the same, or the file is not as long as it says.
Result<bool> has_doubtful_header(const Copied& copied, const std::string& sound);

/// Copies, puts right in the copy's header what is known of it, and opens it.
Result<sqlite::Connection> open_with_header_of(const std::string& sound, const Copied& copied);

/// Copies, replaces the header in the copy by that of `sound`, or when that is not enough the whole first
/// page, and opens it. In every spool that was made by this version the tables begin on the same pages; where
/// they do not, checksums keep what is read apart from what was written.
Result<sqlite::Connection> open_with_first_page_of(const std::string& sound, const Copied& copied);

}  // namespace respand::spool
