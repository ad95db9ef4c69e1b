// A disk that fails on request, under a real SQLite: power cuts, I/O errors, no room.
//
// While a FaultDisk lives it is SQLite's default VFS in this process, so that code under test needs no
// change. It stands in front of the ordinary one: reads, writes, locks and shared memory are those of real
// files. What it adds is a record of which writes were synced, and faults.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "support/disk/disk_image.hpp"

namespace respand::test {

/// What SQLite asks of a disk.
enum class DiskCall : std::uint8_t { open, read, write, truncate, sync, size, remove, shm };
inline constexpr int kDiskCalls = 8;

/// Calls of one kind that fail.
struct DiskFault {
    DiskCall call = DiskCall::write;
    int code = SQLITE_IOERR_WRITE;  ///< SQLite's (extended) result code
    std::uint64_t skip = 0;         ///< calls of this kind that still succeed
    std::uint64_t times = 1;        ///< calls that fail then; kForever
    static constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();
};

/// One at a time in a process. Any thread.
class FaultDisk {
  public:
    enum class When : std::uint8_t { before, after };

    FaultDisk();
    FaultDisk(const FaultDisk&) = delete;
    FaultDisk& operator=(const FaultDisk&) = delete;
    /// All connections must be closed.
    ~FaultDisk();

    /// Changes are writes, truncations, syncs and removals, counted from 1 since the start or the last
    /// power_cycle().
    std::uint64_t changes() const;
    /// Which of them were syncs.
    std::vector<std::uint64_t> syncs() const;

    /// The power goes before or after this change; from then on every call fails.
    void cut_at(std::uint64_t change, When when);
    bool is_cut() const;
    /// Power comes back: the files become what a disk would hold, drawn from `random`. All connections must
    /// be closed.
    void power_cycle(std::mt19937& random);

    void inject(DiskFault fault);
    void heal();
    /// Calls that failed by inject() or set_capacity().
    std::uint64_t failed() const;

    /// Bytes of all files together; a write or truncation that goes beyond fails with SQLITE_FULL.
    void set_capacity(std::uint64_t bytes);
    std::uint64_t used() const;

  private:
    friend struct FaultVfs;
    struct Node {
        DiskImage image;
        std::uint64_t size = 0;
        bool name_synced = false;  ///< its directory was synced since it was made
    };
    using Lock = std::lock_guard<std::mutex>;

    // All with mutex_ held.
    int check(DiskCall call);
    /// The number of this change, or 0: the power is gone.
    bool power_for_change(bool is_sync = false);
    void cut_after_change();
    std::shared_ptr<Node> node(const std::string& path, bool existed);
    void removed(const std::string& path, bool synced);
    void sync_directory();
    bool has_room(const Node& node, std::uint64_t end) const;

    mutable std::mutex mutex_;
    std::unique_ptr<sqlite3_vfs> vfs_;
    sqlite3_vfs* real_ = nullptr;
    std::map<std::string, std::shared_ptr<Node>> nodes_;
    std::map<std::string, std::shared_ptr<Node>> ghosts_;  ///< removed; their directory was not synced since
    std::uint64_t changes_ = 0, cut_at_ = 0, failed_ = 0;
    std::uint64_t capacity_ = std::numeric_limits<std::uint64_t>::max();
    When when_ = When::before;
    bool cut_ = false;
    std::vector<std::uint64_t> syncs_;
    DiskFault fault_;
    bool faulty_ = false;
};

}  // namespace respand::test
