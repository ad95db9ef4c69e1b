#include "spool/headless.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/fd.hpp"
#include "base/system_error.hpp"
#include "spool/files.hpp"
#include "spool/schema.hpp"

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
constexpr std::size_t kPageCount = 28;
/// First byte and number of bytes that are the same in all our files: from the magic string to the fractions
/// of a page, the format of the schema, encoding and schema version, and whose file it is.
constexpr std::array<std::pair<std::size_t, std::size_t>, 4> kSame{{{0, 24}, {44, 4}, {56, 8}, {68, 4}}};

/// Zeroes behind the end of a file that is shorter.
Result<std::string> start_of(const std::string& path, std::size_t size) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string bytes(size, '\0');
    if (!fd || ::pread(fd.get(), bytes.data(), bytes.size(), 0) < 0)
        return fail(kind_of_system_error(errno, ErrorKind::io),
                    path + " can't be read: " + std::generic_category().message(errno));
    return bytes;
}

Result<std::string> first_page(const std::string& path) {
    auto page = start_of(path, kPage);
    if (!page) return page;
    page->replace(kVersionValidFor, 4, 4, '\xff');
    page->replace(kFreeList, kFreeListBytes, kFreeListBytes, '\0');
    return page;
}

std::uintmax_t size_of(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
}

std::uint64_t page_count(std::string_view header) {
    std::uint64_t pages = 0;
    for (const char byte : header.substr(kPageCount, 4))
        pages = pages << 8 | static_cast<unsigned char>(byte);
    return pages;
}

/// What is the same in all headers is taken from `sound`, the number of pages from the size of the file.
std::string mended_header(std::string header, std::string_view sound, std::uintmax_t size) {
    for (const auto& [at, bytes] : kSame) header.replace(at, bytes, sound.substr(at, bytes));
    const std::uintmax_t pages = size / kPage;
    for (std::size_t i = 0; i < 4; ++i) header[kPageCount + i] = static_cast<char>(pages >> (24 - 8 * i));
    return header;
}

/// Reads to the end; by `file` without opening it anew.
std::error_code copy(int file, const std::string& from, const std::string& to) {
    std::error_code error;
    if (file < 0) {
        fs::copy_file(from, to, error);
        return error;
    }
    const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    constexpr std::size_t kPiece = 1U << 20;
    off64_t at = 0;
    for (ssize_t copied = 1; out && copied != 0;) {
        copied = ::copy_file_range(file, &at, out.get(), nullptr, kPiece, 0);
        if (copied < 0) return {errno, std::generic_category()};
    }
    return out ? std::error_code{} : std::error_code{errno, std::generic_category()};
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
    if (is_of_content(asked.error())) return false;
    return std::unexpected(asked.error());
}

Result<bool> knows_our_chunks(Connection& database) {
    const auto known = knows_chunks(database);
    return known && *known ? has_known_shape(database) : known;
}

Result<bool> has_doubtful_header(const Copied& copied, const std::string& sound) {
    std::string theirs(kHeader, '\0');
    if (copied.file < 0) {
        auto start = start_of(copied.path, kHeader);
        if (!start) return std::unexpected(start.error());
        theirs = std::move(*start);
    } else if (::pread(copied.file, theirs.data(), theirs.size(), 0) < 0) {
        return fail(ErrorKind::io, copied.path + " can't be read: " + std::generic_category().message(errno));
    }
    const auto start_of_ours = start_of(sound, kHeader);
    if (!start_of_ours) return std::unexpected(start_of_ours.error());
    const std::string& ours = *start_of_ours;
    // Beside a log the file may well be of another length than its header says.
    const bool other_size =
        size_of(copied.path + "-wal") == 0 && size_of(copied.path) != page_count(theirs) * kPage;
    return other_size || std::ranges::any_of(kSame, [&](const auto& place) {
               return theirs.compare(place.first, place.second, ours, place.first, place.second) != 0;
           });
}

namespace {

Status make_copy(const Copied& copied) {
    remove_database(copied.scratch);
    std::error_code error = copy(copied.file, copied.path, copied.scratch);
    std::error_code unknown;
    const bool has_log = fs::exists(copied.path + "-wal", unknown);
    if (!error) error = unknown;
    if (!error && has_log) fs::copy_file(copied.path + "-wal", copied.scratch + "-wal", error);
    if (error)
        return fail(kind_of_system_error(error.value(), ErrorKind::io),
                    copied.path + " can't be copied to " + copied.scratch + ": " + error.message());
    return {};
}

Result<Connection> open_with_start(const std::string& scratch, std::string_view start) {
    if (!overwrite(scratch, start)) return fail(ErrorKind::io, scratch + " can't be written");
    return Connection::open(scratch, sqlite::OpenMode::read_only);
}

}  // namespace

Result<Connection> open_with_header_of(const std::string& sound, const Copied& copied) {
    if (auto made = make_copy(copied); !made) return std::unexpected(made.error());
    auto theirs = start_of(copied.scratch, kHeader);
    if (!theirs) return std::unexpected(theirs.error());
    const auto ours = start_of(sound, kHeader);
    if (!ours) return std::unexpected(ours.error());
    return open_with_start(copied.scratch, mended_header(std::move(*theirs), *ours, size_of(copied.scratch)));
}

Result<Connection> open_with_first_page_of(const std::string& sound, const Copied& copied) {
    const auto page = first_page(sound);
    if (!page) return std::unexpected(page.error());
    {
        if (auto made = make_copy(copied); !made) return std::unexpected(made.error());
        auto database = open_with_start(copied.scratch, page->substr(0, kHeader));
        if (!database) return database;
        const auto known = knows_our_chunks(*database);
        if (!known) return std::unexpected(known.error());
        if (*known) return database;
    }
    return open_with_start(copied.scratch, *page);
}

}  // namespace respand::spool
