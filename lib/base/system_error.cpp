#include "base/system_error.hpp"

#include <cerrno>

namespace respand {

ErrorKind kind_of_system_error(int error, ErrorKind otherwise) {
    switch (error) {
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorKind::no_permission;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOSPC:
        case EDQUOT:
            return ErrorKind::temporary;
        case EIO:
            return ErrorKind::io;
        default:
            return otherwise;
    }
}

}  // namespace respand
