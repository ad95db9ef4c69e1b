// Room on the disk, taken before it is needed.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "spool/changes.hpp"

namespace respand::spool {

/// How many pages a transaction can add at most.
struct PagesNeeded {
    std::uint64_t log = 0, file = 0;
};
PagesNeeded pages_for(const Changes& changes, std::uint64_t page_size);
/// The same for so many dead letters that become pending again.
PagesNeeded pages_for_requeue(std::uint64_t letters, std::uint64_t bytes, std::uint64_t page_size);

/// Sees to it that what is admitted has its place: before records are committed, blocks for them are
/// allocated at the end of the log and of the file (fallocate, beyond the files' end), and kReserve more in
/// the log. So a disk that others fill refuses records, but never a settlement, a count, or the check-point
/// of what was admitted.
///
/// Where the file system can't allocate beforehand (ZFS, NFS) nothing is held and every request is granted.
///
/// Holds descriptors of both files. Closing one drops this process's locks on it (POSIX), so a Room must go
/// after the last connection.
class Room {
  public:
    /// Kept in the log for settlements and counts while nothing is admitted. One commit of them writes a
    /// handful of pages; the log is emptied long before this is used up.
    static constexpr ByteCount kReserve = 4_MiB;

    /// Opens the database file; its first connection must be open.
    explicit Room(std::string path);

    /// Takes the room that a transaction may need. `temporary`: the disk has none.
    /// \param log_pages   in the log now; as many or fewer are in use
    /// \param file_pages  of the database with all that was committed
    Status admit(PagesNeeded more, std::int64_t page_size, std::int64_t log_pages, std::int64_t file_pages);
    /// The reserve alone, for when the log has been cut off.
    void keep_reserve();
    /// The database file, for others who need a descriptor of it. Null when it could not be opened.
    const std::shared_ptr<const UniqueFd>& file() const { return file_.fd; }

  private:
    struct File {
        std::shared_ptr<const UniqueFd> fd;
        bool can_allocate = true;
    };
    static std::shared_ptr<const UniqueFd> open(const std::string& path);
    Status allocate(File& file, const std::string& path, std::uint64_t end);

    std::string path_;
    File file_, log_;
};

}  // namespace respand::spool
