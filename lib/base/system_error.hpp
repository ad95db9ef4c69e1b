// What an error of the operating system means for who gets it.
#pragma once
#include "base/result.hpp"

namespace respand {

/// Of an errno: no_permission; temporary, when something ran out that comes back (room, memory, descriptors);
/// io, when the disk failed; `otherwise` for the rest.
ErrorKind kind_of_system_error(int error, ErrorKind otherwise);

}  // namespace respand
