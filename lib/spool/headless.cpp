#include "spool/headless.hpp"

#include <filesystem>
#include <fstream>

#include "spool/files.hpp"

namespace respand::spool {
namespace {

namespace fs = std::filesystem;
using sqlite::Connection;

// Of the database header (https://www.sqlite.org/fileformat2.html): its length, and the counters that must
// differ for SQLite to take the size of the file instead of the number in the header.
constexpr std::size_t kHeader = 100;
constexpr std::size_t kVersionValidFor = 92;
constexpr std::size_t kFreeList = 32;
constexpr std::size_t kFreeListBytes = 8;
constexpr std::size_t kPage = 16384;

std::string first_page(const std::string& path) {
    std::string page(kPage, '\0');
    std::ifstream(path, std::ios::binary).read(page.data(), static_cast<std::streamsize>(page.size()));
    page.replace(kVersionValidFor, 4, 4, '\xff');
    page.replace(kFreeList, kFreeListBytes, kFreeListBytes, '\0');
    return page;
}

bool overwrite(const std::string& path, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file.flush().good();
}

}  // namespace

Result<bool> knows_chunks(Connection& database) {
    const auto asked = database.prepare("SELECT id,lane,created_us,lengths,body FROM chunk");
    if (asked) return true;
    // No such table, or nothing that could be read as one.
    if (asked.error().kind == ErrorKind::data || asked.error().kind == ErrorKind::software) return false;
    return std::unexpected(asked.error());
}

Result<Connection> open_with_first_page_of(const std::string& sound, const std::string& path,
                                           const std::string& scratch) {
    remove_database(scratch);
    std::error_code error;
    fs::copy_file(path, scratch, error);
    if (!error && fs::exists(path + "-wal")) fs::copy_file(path + "-wal", scratch + "-wal", error);
    if (error)
        return fail(error == std::errc::no_space_on_device ? ErrorKind::temporary : ErrorKind::io,
                    path + " can't be copied to " + scratch + ": " + error.message());
    const std::string page = first_page(sound);
    for (const std::size_t size : {kHeader, kPage}) {
        if (!overwrite(scratch, std::string_view(page).substr(0, size)))
            return fail(ErrorKind::io, scratch + " can't be written");
        auto database = Connection::open(scratch, sqlite::OpenMode::read_only);
        if (!database || size == kPage) return database;
        const auto known = knows_chunks(*database);
        if (!known) return std::unexpected(known.error());
        if (*known) return database;
    }
    return fail(ErrorKind::data, path + " has no first page");
}

}  // namespace respand::spool
