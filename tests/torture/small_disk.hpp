// A file system of a few megabytes that nobody else sees, and somebody who fills it.
#pragma once
#include <cstdint>
#include <string>

namespace respand::torture {

/// Moves this process and its children into a mount namespace of their own (and a user namespace, unless it
/// is root's) and mounts a tmpfs of this size on an existing directory. Before any thread is started. Empty:
/// done; else why it can't be done here.
std::string mount_small_disk(const std::string& directory, std::uint64_t bytes);

/// Takes everything that is left on a file system, and gives it back when it goes.
class Neighbour {
  public:
    explicit Neighbour(const std::string& directory);
    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;
    ~Neighbour();

  private:
    std::string file_;
};

}  // namespace respand::torture
