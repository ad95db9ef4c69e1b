// The ways in which a call to the disk fails.
#pragma once
#include <sqlite3.h>

#include <array>

#include "support/disk/fault_disk.hpp"

namespace respand::torture {

struct FailingCall {
    test::DiskCall call;
    int code;
    const char* name;
};

inline constexpr std::array kFailingCalls{
    FailingCall{test::DiskCall::open, SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
    FailingCall{test::DiskCall::read, SQLITE_IOERR_READ, "SQLITE_IOERR_READ"},
    FailingCall{test::DiskCall::write, SQLITE_FULL, "SQLITE_FULL"},
    FailingCall{test::DiskCall::write, SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"},
    FailingCall{test::DiskCall::truncate, SQLITE_IOERR_TRUNCATE, "SQLITE_IOERR_TRUNCATE"},
    FailingCall{test::DiskCall::sync, SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"},
    FailingCall{test::DiskCall::size, SQLITE_IOERR_FSTAT, "SQLITE_IOERR_FSTAT"},
    FailingCall{test::DiskCall::remove, SQLITE_IOERR_DELETE, "SQLITE_IOERR_DELETE"},
    FailingCall{test::DiskCall::shm, SQLITE_IOERR_SHMMAP, "SQLITE_IOERR_SHMMAP"},
};

}  // namespace respand::torture
