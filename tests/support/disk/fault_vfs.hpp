// The C side of FaultDisk: SQLite's calls, handed to the disk and to the VFS behind it.
#pragma once
#include <sqlite3.h>

#include "support/disk/fault_disk.hpp"

namespace respand::test {

struct FaultVfs {
    /// Makes `vfs` one that works on `disk` in front of `real`; all three must outlive its connections.
    static void fill(sqlite3_vfs& vfs, FaultDisk& disk, sqlite3_vfs& real);

  private:
    struct File;
    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags, int* out_flags);
    static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory);
    static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result);
    static int close(sqlite3_file* handle);
    static int read(sqlite3_file* handle, void* buffer, int amount, sqlite3_int64 offset);
    static int write(sqlite3_file* handle, const void* buffer, int amount, sqlite3_int64 offset);
    static int truncate(sqlite3_file* handle, sqlite3_int64 size);
    static int sync(sqlite3_file* handle, int flags);
    static int file_size(sqlite3_file* handle, sqlite3_int64* size);
    static int shm_map(sqlite3_file* handle, int page, int page_size, int extend, void volatile** memory);
    static const sqlite3_io_methods* methods();
};

}  // namespace respand::test
