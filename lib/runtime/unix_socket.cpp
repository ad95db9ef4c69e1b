#include "runtime/unix_socket.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace respand::runtime {
namespace {

std::string errno_text(int error) { return std::generic_category().message(error); }

Result<std::optional<gid_t>> find_group(const std::string& name) {
    if (name.empty()) return std::nullopt;
    std::vector<char> buffer(std::size_t{16} * 1024);
    group entry{};
    group* found = nullptr;
    int error = 0;
    while ((error = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found)) == ERANGE)
        buffer.resize(buffer.size() * 2);  // a group with very many members
    if (found != nullptr) return entry.gr_gid;
    const std::string why = error == 0 ? "does not exist" : "can't be looked up: " + errno_text(error);
    return fail(ErrorKind::config, "group '" + name + "' " + why + "; create it (groupadd --system " + name +
                                       ") or set another group for the socket");
}

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return fail(ErrorKind::config, "socket path '" + path + "' has " + std::to_string(path.size()) +
                                           " bytes; it must have 1 to " +
                                           std::to_string(sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// 0 when somebody answers at the address, else the errno of trying.
int probe(const sockaddr_un& address, int type) {
    const UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return errno;
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

/// Makes sure that nothing stands at the path, removing only what a dead process left.
Status clear_the_way(const std::string& path, const sockaddr_un& address, int type) {
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return {};  // a missing folder is reported by bind()
        return fail(errno == EACCES ? ErrorKind::no_permission : ErrorKind::cant_create,
                    path + " can't be looked at: " + errno_text(errno));
    }
    if (!S_ISSOCK(info.st_mode))
        return fail(ErrorKind::cant_create, path +
                                                " exists and is not a socket; it is left as it is: move "
                                                "it away or set another path");
    const int error = probe(address, type);
    if (error == EACCES)
        return fail(ErrorKind::no_permission, path +
                                                  " exists and belongs to another user, so it can't be "
                                                  "told whether it is in use; remove it or set another path");
    if (error == ENOENT) return {};  // gone meanwhile
    if (error != ECONNREFUSED)       // answered, full backlog, or a live socket of another type
        return fail(ErrorKind::unavailable,
                    path + " is in use by another process; stop it or set another path");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail(ErrorKind::cant_create, path +
                                                " was left by a process that is gone, and can't be "
                                                "removed: " +
                                                errno_text(errno));
    return {};
}

std::unexpected<Error> bind_error(const std::string& path, int error) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return fail(ErrorKind::cant_create, path + " can't be made: there is no folder " + folder +
                                                    "; create it (under systemd: RuntimeDirectory=respand)");
        case EACCES:
        case EPERM:
            return fail(ErrorKind::no_permission,
                        path + " can't be made: no permission to write to " + folder);
        case EADDRINUSE:  // somebody was faster
            return fail(ErrorKind::unavailable,
                        path + " is in use by another process; stop it or set another path");
        default:
            return fail(ErrorKind::cant_create, path + " can't be made: " + errno_text(error));
    }
}

Status grant(const SocketFile& file, std::optional<gid_t> group_id) {
    if (group_id && ::lchown(file.path.c_str(), static_cast<uid_t>(-1), *group_id) != 0)
        return fail(ErrorKind::no_permission, file.path + " can't be given to group '" + file.group +
                                                  "': " + errno_text(errno) +
                                                  "; the daemon's user must be a member of it");
    if (::chmod(file.path.c_str(), file.mode) != 0)
        return fail(ErrorKind::cant_create, "mode of " + file.path + " can't be set: " + errno_text(errno));
    return {};
}

}  // namespace

OwnedPath::OwnedPath(OwnedPath&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

OwnedPath& OwnedPath::operator=(OwnedPath&& other) noexcept {
    if (this == &other) return *this;
    remove();
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
    return *this;
}

void OwnedPath::remove() noexcept {
    struct stat info{};
    if (!path_.empty() && ::lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ &&
        info.st_ino == inode_)
        ::unlink(path_.c_str());
    path_.clear();
}

Result<BoundSocket> bind_unix_socket(const SocketFile& file, int type) {
    const auto group_id = find_group(file.group);
    if (!group_id) return std::unexpected(group_id.error());
    const auto address = address_of(file.path);
    if (!address) return std::unexpected(address.error());
    if (auto clear = clear_the_way(file.path, *address, type); !clear) return std::unexpected(clear.error());

    BoundSocket bound;
    bound.fd = UniqueFd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!bound.fd) return fail(ErrorKind::os, "socket: " + errno_text(errno));
    const int on = 1;
    if (type == SOCK_DGRAM && ::setsockopt(bound.fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        return fail(ErrorKind::os, "SO_PASSCRED: " + errno_text(errno));
    // bind() makes the file with the mode of the socket itself: with none, nobody gets in before its group
    // and mode are set. (A umask would do the same, but it belongs to the whole process.)
    if (::fchmod(bound.fd.get(), 0) != 0) return fail(ErrorKind::os, "fchmod: " + errno_text(errno));
    if (::bind(bound.fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return bind_error(file.path, errno);
    struct stat info{};
    if (::lstat(file.path.c_str(), &info) != 0)
        return fail(ErrorKind::cant_create, file.path + " vanished while it was made: " + errno_text(errno));
    bound.path = OwnedPath(file.path, info.st_dev, info.st_ino);
    if (auto granted = grant(file, *group_id); !granted) return std::unexpected(granted.error());
    return bound;
}

}  // namespace respand::runtime
