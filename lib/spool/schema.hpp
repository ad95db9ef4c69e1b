// The spool's tables, and how a file of an older version becomes one of this.
#pragma once
#include "base/result.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// What this version writes: the number of migrations.
inline constexpr std::int64_t kSchemaVersion = 2;

/// Makes a new file ours, or checks that an existing one is and brings it to this version. A newer version is
/// refused and left alone.
Status prepare_schema(sqlite::Connection& database);

/// The error is about what stands in the file: it is damaged, or another's. Else it was not read: the disk
/// failed, there was no memory, no descriptor, no permission. Nothing may be concluded from that.
bool is_of_content(const Error& error);

/// Whether the tables are those of one of our versions, to the letter: a flipped bit in the name of a column
/// would make others of them. An error when it could not be read.
Result<bool> has_known_shape(sqlite::Connection& database);

}  // namespace respand::spool
