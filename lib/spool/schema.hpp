// The spool's tables.
#pragma once
#include "base/result.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Makes a new file ours, or checks that an existing one is and that we know its version.
Status prepare_schema(sqlite::Connection& database);

}  // namespace respand::spool
