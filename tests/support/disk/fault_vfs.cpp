#include "support/disk/fault_vfs.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace respand::test {

/// What SQLite holds for each open file; the real one's handle lies behind it in the same memory.
struct FaultVfs::File {
    sqlite3_file base{};  // first: SQLite knows no more
    FaultDisk* disk = nullptr;
    std::shared_ptr<FaultDisk::Node> node;
    bool syncs_directory = false;  ///< with its next sync, as the ordinary VFS does for new logs

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    static File& of(sqlite3_file* handle) { return *reinterpret_cast<File*>(handle); }
};

namespace {

sqlite3_vfs* real_of(sqlite3_vfs* vfs);

/// What `pAppData` points to.
struct Link {
    FaultDisk* disk;
    sqlite3_vfs* real;
};
Link& link_of(sqlite3_vfs* vfs) { return *static_cast<Link*>(vfs->pAppData); }
sqlite3_vfs* real_of(sqlite3_vfs* vfs) { return link_of(vfs).real; }

}  // namespace

int FaultVfs::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags, int* out_flags) {
    FaultDisk& disk = *link_of(vfs).disk;
    sqlite3_vfs* real = real_of(vfs);
    handle->pMethods = nullptr;
    const bool kept = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    const FaultDisk::Lock lock(disk.mutex_);
    if (const int fault = disk.check(DiskCall::open); fault != SQLITE_OK)
        return fault == SQLITE_IOERR ? SQLITE_CANTOPEN : fault;
    int existed = 0;
    if (name != nullptr && kept) real->xAccess(real, name, SQLITE_ACCESS_EXISTS, &existed);
    auto* file = new (handle) File;
    if (const int code = real->xOpen(real, name, file->real(), flags, out_flags); code != SQLITE_OK) {
        file->~File();
        handle->pMethods = nullptr;
        return code;
    }
    file->disk = &disk;
    if (name != nullptr && kept) file->node = disk.node(name, existed != 0);
    file->syncs_directory = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    file->base.pMethods = methods();
    return SQLITE_OK;
}

int FaultVfs::remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    FaultDisk& disk = *link_of(vfs).disk;
    const FaultDisk::Lock lock(disk.mutex_);
    if (const int fault = disk.check(DiskCall::remove); fault != SQLITE_OK) return fault;
    if (!disk.power_for_change()) return SQLITE_IOERR_DELETE;
    const int code = real_of(vfs)->xDelete(real_of(vfs), name, sync_directory);
    if (code == SQLITE_OK) disk.removed(name, sync_directory != 0);
    disk.cut_after_change();
    return code;
}

int FaultVfs::access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
    {
        const FaultDisk::Lock lock(link_of(vfs).disk->mutex_);
        if (link_of(vfs).disk->cut_) return SQLITE_IOERR_ACCESS;
    }
    return real_of(vfs)->xAccess(real_of(vfs), name, flags, result);
}

int FaultVfs::close(sqlite3_file* handle) {
    File& file = File::of(handle);
    const int code = file.real()->pMethods->xClose(file.real());
    file.~File();
    return code;
}

int FaultVfs::read(sqlite3_file* handle, void* buffer, int amount, sqlite3_int64 offset) {
    File& file = File::of(handle);
    {
        const FaultDisk::Lock lock(file.disk->mutex_);
        if (const int fault = file.disk->check(DiskCall::read); fault != SQLITE_OK) return fault;
    }
    return file.real()->pMethods->xRead(file.real(), buffer, amount, offset);
}

int FaultVfs::write(sqlite3_file* handle, const void* buffer, int amount, sqlite3_int64 offset) {
    File& file = File::of(handle);
    FaultDisk& disk = *file.disk;
    const FaultDisk::Lock lock(disk.mutex_);
    const bool powered = disk.power_for_change();
    const bool after_all = disk.cut_ && !powered && disk.changes_ == disk.cut_at_;
    if (!powered && !after_all) return SQLITE_IOERR_WRITE;
    const auto place = static_cast<std::uint64_t>(offset);
    int fault = powered ? disk.check(DiskCall::write) : SQLITE_IOERR_WRITE;
    if (fault == SQLITE_OK && file.node &&
        !disk.has_room(*file.node, place + static_cast<unsigned>(amount))) {
        ++disk.failed_;
        fault = SQLITE_FULL;
    }
    // A write that fails has often got half of it done, and so has one that the power interrupts.
    const int done = fault == SQLITE_OK ? amount : fault == SQLITE_FULL ? 0 : amount / 2;
    if (done > 0) {
        const int code = file.real()->pMethods->xWrite(file.real(), buffer, done, offset);
        if (code != SQLITE_OK) return code;
        if (file.node) {
            file.node->image.write(place, {static_cast<const char*>(buffer), static_cast<std::size_t>(done)});
            file.node->size = std::max(file.node->size, place + static_cast<unsigned>(done));
        }
    }
    disk.cut_ = disk.cut_ || (disk.changes_ == disk.cut_at_ && disk.when_ == FaultDisk::When::after);
    return fault;
}

int FaultVfs::truncate(sqlite3_file* handle, sqlite3_int64 size) {
    File& file = File::of(handle);
    FaultDisk& disk = *file.disk;
    const FaultDisk::Lock lock(disk.mutex_);
    if (!disk.power_for_change()) return SQLITE_IOERR_TRUNCATE;
    if (const int fault = disk.check(DiskCall::truncate); fault != SQLITE_OK) return fault;
    const auto end = static_cast<std::uint64_t>(size);
    if (file.node && !disk.has_room(*file.node, end)) return SQLITE_FULL;
    const int code = file.real()->pMethods->xTruncate(file.real(), size);
    if (code == SQLITE_OK && file.node) {
        file.node->image.truncate(end);
        file.node->size = end;
    }
    disk.cut_after_change();
    return code;
}

/// Nothing is really synced: that there was a sync is what counts here, and it makes thousands of runs cheap.
int FaultVfs::sync(sqlite3_file* handle, int) {
    File& file = File::of(handle);
    FaultDisk& disk = *file.disk;
    const FaultDisk::Lock lock(disk.mutex_);
    if (!disk.power_for_change(true)) return SQLITE_IOERR_FSYNC;
    if (const int fault = disk.check(DiskCall::sync); fault != SQLITE_OK) {
        if (file.node) file.node->image.forget();
        return fault;
    }
    if (file.node) file.node->image.sync();
    if (std::exchange(file.syncs_directory, false)) disk.sync_directory();
    disk.cut_after_change();
    return SQLITE_OK;
}

int FaultVfs::file_size(sqlite3_file* handle, sqlite3_int64* size) {
    File& file = File::of(handle);
    {
        const FaultDisk::Lock lock(file.disk->mutex_);
        if (const int fault = file.disk->check(DiskCall::size); fault != SQLITE_OK) return fault;
    }
    return file.real()->pMethods->xFileSize(file.real(), size);
}

int FaultVfs::shm_map(sqlite3_file* handle, int page, int page_size, int extend, void volatile** memory) {
    File& file = File::of(handle);
    {
        const FaultDisk::Lock lock(file.disk->mutex_);
        if (const int fault = file.disk->check(DiskCall::shm); fault != SQLITE_OK) return fault;
    }
    return file.real()->pMethods->xShmMap(file.real(), page, page_size, extend, memory);
}

/// Version 2: shared memory, no memory mapping, which would go past the disk. What is not a member above is
/// handed through.
const sqlite3_io_methods* FaultVfs::methods() {
    static const sqlite3_io_methods table = [] {
        sqlite3_io_methods m{};
        m.iVersion = 2;
        m.xClose = close;
        m.xRead = read;
        m.xWrite = write;
        m.xTruncate = truncate;
        m.xSync = sync;
        m.xFileSize = file_size;
        m.xShmMap = shm_map;
        m.xLock = [](sqlite3_file* f, int level) {
            return File::of(f).real()->pMethods->xLock(File::of(f).real(), level);
        };
        m.xUnlock = [](sqlite3_file* f, int level) {
            return File::of(f).real()->pMethods->xUnlock(File::of(f).real(), level);
        };
        m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
            return File::of(f).real()->pMethods->xCheckReservedLock(File::of(f).real(), out);
        };
        m.xFileControl = [](sqlite3_file* f, int op, void* argument) {
            return File::of(f).real()->pMethods->xFileControl(File::of(f).real(), op, argument);
        };
        m.xSectorSize = [](sqlite3_file* f) {
            return File::of(f).real()->pMethods->xSectorSize(File::of(f).real());
        };
        m.xDeviceCharacteristics = [](sqlite3_file* f) {
            return File::of(f).real()->pMethods->xDeviceCharacteristics(File::of(f).real());
        };
        m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
            return File::of(f).real()->pMethods->xShmLock(File::of(f).real(), offset, n, flags);
        };
        m.xShmBarrier = [](sqlite3_file* f) {
            File::of(f).real()->pMethods->xShmBarrier(File::of(f).real());
        };
        m.xShmUnmap = [](sqlite3_file* f, int removes) {
            return File::of(f).real()->pMethods->xShmUnmap(File::of(f).real(), removes);
        };
        return m;
    }();
    return &table;
}

void FaultVfs::fill(sqlite3_vfs& vfs, FaultDisk& disk, sqlite3_vfs& real) {
    static Link link;  // one FaultDisk at a time
    link = {&disk, &real};
    vfs = real;  // names, randomness and time are the real ones
    vfs.iVersion = std::min(real.iVersion, 2);
    vfs.szOsFile = static_cast<int>(sizeof(File)) + real.szOsFile;
    vfs.pNext = nullptr;
    vfs.zName = "respand-fault-disk";
    vfs.pAppData = &link;
    vfs.xOpen = open;
    vfs.xDelete = remove;
    vfs.xAccess = access;
}

}  // namespace respand::test
