#include "spool/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/system_error.hpp"

namespace respand::spool {
namespace {

std::string holder(int fd) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
    std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    pid.erase(pid.find_last_not_of(" \n") + 1);
    return pid.empty() ? "another process" : "process " + pid;
}

Status lock(int fd, const std::string& path) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return {};
    return fail(ErrorKind::unavailable,
                "the spool is in use by " + holder(fd) + " (lock file " + path +
                    "): one daemon per spool; stop the other one or set another [spool] path");
}

}  // namespace

Result<LockFile> LockFile::acquire(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) {
        const int code = errno;
        return fail(kind_of_system_error(code, ErrorKind::cant_create),
                    "lock file " + path + " can't be opened: " + std::generic_category().message(code) +
                        "; the spool's directory must be writable by the daemon's user");
    }
    if (auto locked = lock(fd.get(), path); !locked) return std::unexpected(locked.error());
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) {
        // The pid is for people; the lock holds without it.
    }
    return LockFile(std::move(fd));
}

Result<std::optional<LockFile>> LockFile::acquire_to_look(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) return std::nullopt;
    if (!fd)
        return fail(ErrorKind::no_permission,
                    "lock file " + path + " can't be read: " + std::generic_category().message(errno));
    if (auto locked = lock(fd.get(), path); !locked) return std::unexpected(locked.error());
    return LockFile(std::move(fd));
}

}  // namespace respand::spool
