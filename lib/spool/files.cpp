#include "spool/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>

#include "base/fd.hpp"
#include "base/system_error.hpp"

namespace respand::spool {
namespace {

namespace fs = std::filesystem;

/// An error when nobody can tell.
Result<bool> exists(const std::string& path) {
    std::error_code error;
    const auto status = fs::symlink_status(path, error);
    if (status.type() == fs::file_type::not_found) return false;
    if (status.type() != fs::file_type::none) return true;
    return fail(ErrorKind::io, path + " can't be looked at: " + error.message());
}

Status rename(const std::string& from, const std::string& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    const std::error_code error(errno, std::generic_category());
    return fail(kind_of_system_error(error.value(), ErrorKind::io),
                from + " can't be renamed to " + to + ": " + error.message());
}

Status move_log(const std::string& path, const std::string& aside) {
    const auto there = exists(path + "-wal");
    if (!there) return std::unexpected(there.error());
    if (!*there) return {};
    return rename(path + "-wal", aside + "-wal");
}

}  // namespace

std::string rescue_path(const std::string& path) { return path + ".rescue"; }

std::string scratch_path(const std::string& path) { return path + ".rescue-source"; }

std::string doubtful_mark(const std::string& path) { return path + "-wal.doubtful"; }

std::string mended_log_path(const std::string& path) { return path + "-wal.mended"; }

Status sync_directory(const std::string& path) {
    const fs::path parent = fs::path(path).parent_path();
    const UniqueFd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd && ::fsync(fd.get()) == 0) return {};
    const std::error_code error(errno, std::generic_category());
    return fail(ErrorKind::io, parent.string() + " can't be synced: " + error.message());
}

Result<std::string> damaged_path(const std::string& path, WallTime now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
    const std::string name = path + ".damaged-" + text.data();
    std::string unique = name;
    for (int number = 2;; ++number) {
        const auto file = exists(unique), log = exists(unique + "-wal");
        if (!file) return std::unexpected(file.error());
        if (!log) return std::unexpected(log.error());
        if (!*file && !*log) return unique;
        unique = name + "-" + std::to_string(number);
    }
}

void remove_database(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

Status put_in_place(const std::string& path, const std::string& aside) {
    // In this order: at no moment could the spool be opened without the log that belongs to it.
    if (auto moved = rename(path, aside); !moved) return moved;
    if (auto moved = move_log(path, aside); !moved) return moved;
    ::unlink((path + "-shm").c_str());  // an index into the log, made again from it
    return rename(rescue_path(path), path);
}

Result<std::string> finish_rescue(const std::string& path, WallTime now) {
    // Bytes; nothing: there is none.
    const auto size_of = [](const std::string& file) -> Result<std::optional<std::uintmax_t>> {
        const auto there = exists(file);
        if (!there) return std::unexpected(there.error());
        if (!*there) return std::nullopt;
        std::error_code error;
        const auto size = fs::file_size(file, error);
        if (error) return fail(ErrorKind::io, file + " can't be looked at: " + error.message());
        return size;
    };
    const auto spool = size_of(path), log = size_of(path + "-wal"), rescued = size_of(rescue_path(path));
    for (const auto* looked_at : {&spool, &log, &rescued})
        if (!*looked_at) return std::unexpected(looked_at->error());
    const bool empty = spool->value_or(0) == 0;
    std::string log_at;
    if (empty && log->value_or(0) > 0) {
        const auto aside = damaged_path(path, now);
        if (!aside) return std::unexpected(aside.error());
        if (auto moved = move_log(path, *aside); !moved) return std::unexpected(moved.error());
        log_at = *aside + "-wal";
    }
    remove_database(scratch_path(path));
    if (!*rescued) return log_at;
    if (!empty) {
        remove_database(rescue_path(path));
        return log_at;
    }
    ::unlink(path.c_str());  // without a byte: made by whoever looked for the one that was set aside
    ::unlink((path + "-shm").c_str());
    if (auto moved = rename(rescue_path(path), path); !moved) return std::unexpected(moved.error());
    if (auto synced = sync_directory(path); !synced) return std::unexpected(synced.error());
    return std::string{};  // the log belonged to the file that was set aside
}

}  // namespace respand::spool
