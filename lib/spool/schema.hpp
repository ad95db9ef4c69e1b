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

/// Whether the tables are those of one of our versions, to the letter: a flipped bit in the name of a column
/// would make others of them.
bool has_known_shape(sqlite::Connection& database);

}  // namespace respand::spool
