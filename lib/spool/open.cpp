#include "spool/open.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/log.hpp"
#include "spool/schema.hpp"
#include "spool/verify.hpp"

namespace respand::spool {

using sqlite::Connection;
using sqlite::OpenMode;

namespace {

/// 0: there is no such file.
Result<std::uint64_t> size_of(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error) return size;
    if (error == std::errc::no_such_file_or_directory) return 0;
    return fail(ErrorKind::io, path + ": " + error.message());
}

/// Root may write to everybody's files; the files it makes beside them are in the owner's way afterwards.
Status check_owner(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || info.st_uid == ::geteuid()) return {};
    return fail(ErrorKind::no_permission,
                path + " belongs to uid " + std::to_string(info.st_uid) + ", and this is uid " +
                    std::to_string(::geteuid()) +
                    "; run the daemon as that user, or give it the file and its -wal (chown)");
}

/// What can be said without reading the file.
Status check_size(Connection& database) {
    const auto pages = database.value("PRAGMA page_count");
    if (!pages) return std::unexpected(pages.error());
    const auto page = database.value("PRAGMA page_size");
    if (!page) return std::unexpected(page.error());
    const auto log_size = size_of(database.path() + "-wal"), file_size = size_of(database.path());
    if (!log_size) return std::unexpected(log_size.error());
    if (!file_size) return std::unexpected(file_size.error());
    const std::uint64_t log = *log_size, size = *file_size;
    const auto needed = static_cast<std::uint64_t>(*pages) * static_cast<std::uint64_t>(*page);
    if (size + log < needed)
        return fail(ErrorKind::data, database.path() + " has " + std::to_string(size) +
                                         " bytes and should have " + std::to_string(needed) +
                                         ": its end is missing");
    if (size + log > kCheckedAtStart.value || *pages == 0) return {};
    const auto fault = database.integrity_fault();
    if (!fault) return std::unexpected(fault.error());
    if (!fault->empty()) return fail(ErrorKind::data, *fault);
    return {};
}

Result<std::unique_ptr<Store>> try_open(const std::string& path, const Clock& clock) {
    if (auto ours = check_owner(path); !ours) return std::unexpected(ours.error());
    auto database = Connection::open(path, OpenMode::read_write_create);
    if (!database) return std::unexpected(database.error());
    if (auto whole = check_size(*database); !whole) return std::unexpected(whole.error());
    if (database->read_only())
        return fail(ErrorKind::data, path + ": its header says that only a newer SQLite may write it");
    const auto foreign_log = log_is_anothers(path);
    if (!foreign_log) return std::unexpected(foreign_log.error());
    if (*foreign_log) return fail(ErrorKind::data, path + "-wal is the write-ahead log of another spool");
    auto store = std::make_unique<Store>(std::move(*database), clock);
    if (auto prepared = store->prepare(); !prepared) {
        Error error = std::move(prepared.error());
        // Our statements fit the tables of every version that is let in.
        if (error.kind == ErrorKind::software) error.kind = ErrorKind::data;
        return std::unexpected(std::move(error));
    }
    store->database.checkpoint_on_close(true);
    return store;
}

Result<std::unique_ptr<Store>> open_doubtful(const std::string& path, const Clock& clock) {
    {
        auto database = Connection::open(path, OpenMode::read_only);
        if (!database) return std::unexpected(database.error());
        const auto schema = database->value("PRAGMA user_version");
        if (!schema) return std::unexpected(schema.error());
        const auto found = look_through(*database, *schema);
        if (!found) return std::unexpected(found.error());
        if (!found->faults.empty()) return fail(ErrorKind::data, found->faults.front());
    }
    return try_open(path, clock);
}

}  // namespace

Result<bool> log_is_anothers(const std::string& path) {
    const auto log_size = size_of(path + "-wal");
    if (!log_size) return std::unexpected(log_size.error());
    if (*log_size == 0) return false;
    constexpr const char* kIdentity = "SELECT bytes FROM identity";
    auto alone = Connection::open(path, OpenMode::file_alone);
    auto with_log = Connection::open(path, OpenMode::read_only);
    for (const auto* opened : {&alone, &with_log}) {
        if (*opened) continue;
        if (is_of_content(opened->error())) return false;
        return std::unexpected(opened->error());
    }
    const auto file = alone->text_value(kIdentity), log = with_log->text_value(kIdentity);
    for (const auto* read : {&file, &log})
        if (!*read && !is_of_content(read->error())) return std::unexpected(read->error());
    return file && log && *file != *log;  // a file whose first check-point is still to come has none
}

void note_rescue(std::optional<Rescue>& to, Rescue rescue) {
    spdlog::error("{}", describe(rescue));
    to = std::move(rescue);
}

Result<std::unique_ptr<Store>> open_or_rescue(const std::string& path, const Clock& clock, Trust trust,
                                              std::optional<Rescue>& rescued) {
    auto store = trust == Trust::doubtful ? open_doubtful(path, clock) : try_open(path, clock);
    if (store || store.error().kind != ErrorKind::data) return store;
    auto saved = rescue(path, {.why = store.error().message, .log_is_ours = trust == Trust::doubtful}, clock);
    if (!saved) return std::unexpected(saved.error());
    note_rescue(rescued, std::move(*saved));
    return try_open(path, clock);
}

}  // namespace respand::spool
