// What can be said of a spool's path before SQLite says it in its own words.
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::spool {

/// Creates the directory when it is not there; refuses a path that can't hold a spool.
Status check_spool_path(const std::string& path);

/// SQLite's fault at opening, with what to do about it.
Error opening_failed(const std::string& path, Error error);

}  // namespace respand::spool
