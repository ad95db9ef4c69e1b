#include "spool/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include "base/fd.hpp"

namespace respand::spool {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

Status rename(const std::string& from, const std::string& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    const std::error_code error(errno, std::generic_category());
    return fail(error == std::errc::no_space_on_device ? ErrorKind::temporary : ErrorKind::io,
                from + " can't be renamed to " + to + ": " + error.message());
}

Status move_log(const std::string& path, const std::string& aside) {
    if (!exists(path + "-wal")) return {};
    return rename(path + "-wal", aside + "-wal");
}

}  // namespace

std::string rescue_path(const std::string& path) { return path + ".rescue"; }

std::string scratch_path(const std::string& path) { return path + ".rescue-source"; }

std::string mended_log_path(const std::string& path) { return path + "-wal.mended"; }

Status sync_directory(const std::string& path) {
    const fs::path parent = fs::path(path).parent_path();
    const UniqueFd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd && ::fsync(fd.get()) == 0) return {};
    const std::error_code error(errno, std::generic_category());
    return fail(ErrorKind::io, parent.string() + " can't be synced: " + error.message());
}

std::string damaged_path(const std::string& path, WallTime now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
    const std::string name = path + ".damaged-" + text.data();
    std::string unique = name;
    for (int number = 2; exists(unique) || exists(unique + "-wal"); ++number)
        unique = name + "-" + std::to_string(number);
    return unique;
}

void remove_database(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

Status put_in_place(const std::string& path, const std::string& aside) {
    // In this order: at no moment could the spool be opened without the log that belongs to it.
    if (auto moved = rename(path, aside); !moved) return moved;
    if (auto moved = move_log(path, aside); !moved) return moved;
    ::unlink((path + "-shm").c_str());  // an index into the log, made again from it
    if (auto moved = rename(rescue_path(path), path); !moved) return moved;
    return sync_directory(path);
}

Result<std::string> finish_rescue(const std::string& path, WallTime now) {
    std::error_code error;
    const bool empty = !exists(path) || fs::file_size(path, error) == 0;
    std::string log_at;
    if (empty && exists(path + "-wal") && fs::file_size(path + "-wal", error) > 0) {
        const std::string aside = damaged_path(path, now);
        if (auto moved = move_log(path, aside); !moved) return std::unexpected(moved.error());
        log_at = aside + "-wal";
    }
    remove_database(scratch_path(path));
    if (!exists(rescue_path(path))) return log_at;
    if (exists(path)) {
        remove_database(rescue_path(path));
        return log_at;
    }
    ::unlink((path + "-shm").c_str());
    if (auto moved = rename(rescue_path(path), path); !moved) return std::unexpected(moved.error());
    if (auto synced = sync_directory(path); !synced) return std::unexpected(synced.error());
    return std::string{};  // the log belonged to the file that was set aside
}

}  // namespace respand::spool
