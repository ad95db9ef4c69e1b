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
    return {};
}

Error opening_failed(const std::string& path, Error error) {
    switch (error.kind) {
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
