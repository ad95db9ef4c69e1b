// Socket files: made with the right permissions from their first moment, and taken away again.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "runtime/socket_file.hpp"

namespace respand::runtime {

/// A socket file that we made. Removed with this object, unless another file stands there by then.
class OwnedPath {
  public:
    OwnedPath() = default;
    OwnedPath(std::string path, dev_t device, ino_t inode)
        : path_(std::move(path)), device_(device), inode_(inode) {}
    OwnedPath(OwnedPath&& other) noexcept;
    OwnedPath& operator=(OwnedPath&& other) noexcept;
    ~OwnedPath() { remove(); }

    void remove() noexcept;

  private:
    std::string path_;  ///< empty: nothing to remove
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// A bound socket with its file; not yet listening.
struct BoundSocket {
    UniqueFd fd;
    OwnedPath path;
};

/// Makes a Unix socket (SOCK_DGRAM or SOCK_STREAM; non-blocking, close-on-exec, SO_PASSCRED for datagrams)
/// with its file. At no moment does the file have wider rights than the settings say.
///
/// A file that a dead process left behind is replaced; a socket in use is refused (unavailable); anything
/// that is not a socket is refused and stays (cant_create). Two daemons that start in the same instant can
/// both find the same dead file; the lock on the spool keeps them apart.
Result<BoundSocket> bind_unix_socket(const SocketFile& file, int type);

}  // namespace respand::runtime
