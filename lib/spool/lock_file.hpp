// One daemon per spool.
#pragma once
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace respand::spool {

/// Holds an exclusive lock on a file beside the spool until it goes. The kernel lets go when the process
/// dies, however it dies, so a lock never outlives its holder.
class LockFile {
  public:
    /// `unavailable` with the holder's pid when somebody else has it.
    static Result<LockFile> acquire(const std::string& path);
    /// The same for who only looks: makes no file and needs no right to write. Nothing: there is no lock
    /// file, so no daemon has the spool.
    static Result<std::optional<LockFile>> acquire_to_look(const std::string& path);

  private:
    explicit LockFile(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace respand::spool
