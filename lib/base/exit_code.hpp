// Exit codes of all three programs, after sysexits.h.
#pragma once
#include <sysexits.h>

#include "base/result.hpp"

namespace respand {

/// The process exit code for a fault of this kind (64 usage … 78 config).
constexpr int exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
            return EX_USAGE;
        case ErrorKind::data:
            return EX_DATAERR;
        case ErrorKind::no_input:
            return EX_NOINPUT;
        case ErrorKind::unavailable:
            return EX_UNAVAILABLE;
        case ErrorKind::software:
            return EX_SOFTWARE;
        case ErrorKind::os:
            return EX_OSERR;
        case ErrorKind::cant_create:
            return EX_CANTCREAT;
        case ErrorKind::io:
            return EX_IOERR;
        case ErrorKind::temporary:
            return EX_TEMPFAIL;
        case ErrorKind::no_permission:
            return EX_NOPERM;
        case ErrorKind::config:
            return EX_CONFIG;
    }
    return EX_SOFTWARE;
}

}  // namespace respand
