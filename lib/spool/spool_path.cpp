#include "spool/spool_path.hpp"

#include <filesystem>

namespace respand::spool {

Status check_spool_path(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path parent = fs::path(path).parent_path();
    if (!parent.empty() && !fs::exists(parent, error)) {
        fs::create_directories(parent, error);
        if (error)
            return fail(ErrorKind::cant_create, "the spool's directory " + parent.string() +
                                                    " can't be created: " + error.message() +
                                                    "; create it, writable by the daemon's user");
    }
    const auto status = fs::status(path, error);
    if (fs::is_directory(status))
        return fail(ErrorKind::config, "[spool] path " + path + " is a directory; name a file in it, as in " +
                                           path + (path.ends_with('/') ? "" : "/") + "spool.db");
    if (fs::exists(status) && !fs::is_regular_file(status))
        return fail(ErrorKind::config, "[spool] path " + path + " is not a regular file");
    // SQLite would delete such a log without a word, and the records in it.
    const bool empty = !fs::exists(status) || fs::file_size(path, error) == 0;
    const std::string log = path + "-wal";
    if (empty && fs::exists(log, error) && fs::file_size(log, error) > 0)
        return fail(ErrorKind::data,
                    path + (fs::exists(status) ? " is empty" : " is missing") + ", but " + log +
                        " is there and may hold records; put the file that belongs to it back, or "
                        "move the log away and keep it");
    return {};
}

Error opening_failed(const std::string& path, Error error) {
    switch (error.kind) {
        case ErrorKind::data:
            error.message =
                "the spool can't be used: " + error.message +
                "; if this is not a spool of respand, set [spool] path " +
                "to another file; if it is one and damaged, move it away together with its -wal and "
                "-shm and keep them: the daemon starts with a new one";
            break;
        case ErrorKind::no_permission:
        case ErrorKind::cant_create:
            error.kind = ErrorKind::no_permission;
            error.message = "the spool can't be written: " + error.message + "; " + path +
                            " and its directory must be writable by the daemon's user";
            break;
        default:
            error.message = "the spool can't be opened: " + error.message;
    }
    return error;
}

}  // namespace respand::spool
