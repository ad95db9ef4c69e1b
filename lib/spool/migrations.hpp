// Every step of the schema, oldest first. Inside this room only.
#pragma once
#include <array>

#include "spool/schema.hpp"

namespace respand::spool {

/// kMigrations[n] takes a file from version n to n + 1. A step that was released is never changed: a file
/// somewhere was made by it. New files go through all of them, so every file of a version has the same shape.
/// And every step changes a table, so that a file of a newer version has another shape: what has ours, and
/// says to be newer, has a damaged header.
extern const std::array<const char*, kSchemaVersion> kMigrations;

}  // namespace respand::spool
