#include "base/system_error.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace respand {
namespace {

TEST(SystemError, WhatComesBackIsNeverTakenForAMissingPermission) {
    // systemd does not start a service again that lacks a permission.
    for (const int error : {EMFILE, ENFILE, ENOMEM, ENOSPC, EDQUOT})
        EXPECT_EQ(kind_of_system_error(error, ErrorKind::no_permission), ErrorKind::temporary) << error;
    for (const int error : {EACCES, EPERM, EROFS})
        EXPECT_EQ(kind_of_system_error(error, ErrorKind::temporary), ErrorKind::no_permission) << error;
    EXPECT_EQ(kind_of_system_error(EIO, ErrorKind::cant_create), ErrorKind::io);
    EXPECT_EQ(kind_of_system_error(ENOENT, ErrorKind::cant_create), ErrorKind::cant_create);
}

}  // namespace
}  // namespace respand
