#include "spool/closed_file.hpp"

#include <filesystem>

#include "spool/log_mend.hpp"
#include "spool/schema.hpp"
#include "spool/spool.hpp"

namespace respand::spool {

Result<ClosedFile> ClosedFile::open(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return fail(ErrorKind::no_input, path + " is not a file that can be read");
    auto lock = LockFile::acquire_to_look(path + ".lock");
    if (!lock) return std::unexpected(lock.error());
    // Before SQLite opens the file: closing another descriptor of it would drop SQLite's locks.
    const auto log = inspect_log(path);
    if (!log) return std::unexpected(log.error());
    std::string log_fault;
    if (*log && (*log)->state != LogReport::State::sound)
        log_fault = "the write-ahead log is damaged, so commits are missing here (" + describe(**log) +
                    "); start respand, which keeps a copy and puts it right";
    const auto log_size = std::filesystem::file_size(path + "-wal", error);
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(ErrorKind::io, path + "-wal: " + error.message());
    const bool no_log = error || log_size == 0;
    auto database =
        sqlite::Connection::open(path, no_log ? sqlite::OpenMode::file_alone : sqlite::OpenMode::read_only);
    if (!database) return std::unexpected(database.error());
    return ClosedFile(std::move(*lock), std::move(log_fault), std::move(*database));
}

Result<std::int64_t> ClosedFile::schema() {
    const auto application = database_.value("PRAGMA application_id");
    if (!application) return application;
    if (*application != Spool::kApplicationId)
        return fail(ErrorKind::config, database_.path() + " is not a spool of respand");
    const auto version = database_.value("PRAGMA user_version");
    if (version && (*version < 1 || *version > kSchemaVersion))
        return fail(ErrorKind::config, database_.path() + " has schema " + std::to_string(*version) +
                                           ", this version knows up to " + std::to_string(kSchemaVersion));
    return version;
}

}  // namespace respand::spool
