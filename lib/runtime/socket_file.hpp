// The settings of a socket file.
#pragma once
#include <cstdint>
#include <string>

namespace respand::runtime {

/// A socket file: where, and who may write to it.
struct SocketFile {
    std::string path;
    std::uint32_t mode = 0660;  ///< permission bits of the socket file
    std::string group;          ///< group of the socket file, by name; empty: the daemon's own
};

}  // namespace respand::runtime
