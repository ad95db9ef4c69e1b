#include "small_disk.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.hpp"
#include "support/process.hpp"

namespace respand::torture {

std::string mount_small_disk(const std::string& directory, std::uint64_t bytes) {
    auto failed = [](const char* what) { return std::string(what) + ": " + std::strerror(errno); };
    const uid_t uid = ::geteuid();
    const gid_t gid = ::getegid();
    if (::unshare(CLONE_NEWNS | (uid == 0 ? 0 : CLONE_NEWUSER)) != 0) return failed("unshare");
    if (uid != 0) {
        auto map = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
        test::write_file("/proc/self/setgroups", "deny");
        test::write_file("/proc/self/uid_map", map(uid));
        test::write_file("/proc/self/gid_map", map(gid));
    }
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return failed("mount / private");
    const std::string options = "size=" + std::to_string(bytes);
    if (::mount("tmpfs", directory.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
        return failed("mount tmpfs");
    return {};
}

Neighbour::Neighbour(const std::string& directory) : file_(directory + "/neighbour") {
    const UniqueFd fd(::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    constexpr std::array<char, 4096> kPage{};
    while (::write(fd.get(), kPage.data(), kPage.size()) > 0) {
    }
}

Neighbour::~Neighbour() { ::unlink(file_.c_str()); }

}  // namespace respand::torture
