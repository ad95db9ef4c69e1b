#include "spool/log_mend.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <system_error>

#include "base/fd.hpp"
#include "base/system_error.hpp"
#include "spool/files.hpp"
#include "spool/spool.hpp"

namespace respand::spool {
namespace {

/// Of the database header (https://www.sqlite.org/fileformat2.html#the_database_header).
constexpr std::size_t kDatabaseHeader = 100;
constexpr std::string_view kDatabaseMagic{"SQLite format 3\0", 16};
constexpr std::size_t kPageSize = 16;
constexpr std::size_t kApplication = 68;
/// Faults that are told one by one.
constexpr std::size_t kMostTold = 5;

std::unexpected<Error> failed(const std::string& path, const char* what) {
    const std::error_code error(errno, std::generic_category());
    return fail(kind_of_system_error(error.value(), ErrorKind::io),
                path + " can't be " + what + ": " + error.message());
}

/// How many bytes there were, up to `size`.
Result<std::size_t> read_at(const UniqueFd& fd, const std::string& path, std::uint64_t at,
                            std::string& into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto got =
            ::pread(fd.get(), into.data() + done, into.size() - done, static_cast<off_t>(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path, "read");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Status write_all(const UniqueFd& fd, const std::string& path, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed(path, "written");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < size; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

struct Database {
    std::uint32_t page_size = 0;
    std::uint64_t pages = 0;
};

/// No such file, or not one for us: nothing to be mended. Whatever else keeps it from being opened may pass.
bool is_nobody(int error) { return error == ENOENT || error == EACCES || error == EPERM; }

/// The file that the log belongs to, if it is ours.
Result<std::optional<Database>> database_at(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && is_nobody(errno)) return std::nullopt;
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) return failed(path, "read");
    if (info.st_uid != ::geteuid()) return std::nullopt;
    std::string header(kDatabaseHeader, '\0');
    const auto got = read_at(fd, path, 0, header);
    if (!got) return std::unexpected(got.error());
    if (*got < header.size() || !header.starts_with(kDatabaseMagic)) return std::nullopt;
    if (number_at(header, kApplication, 4) != Spool::kApplicationId) return std::nullopt;
    const std::uint32_t stored = number_at(header, kPageSize, 2);
    const std::uint32_t size = stored == 1 ? 65'536 : stored;
    if (size < 512) return std::nullopt;
    return Database{size, static_cast<std::uint64_t>(info.st_size) / size};
}

/// Hands header and frames of a log to `scan`, and to `more` after it.
template <class More>
Status each_frame(const std::string& log, const UniqueFd& fd, std::size_t frame_size, std::uint64_t frames,
                  More more) {
    std::string frame(frame_size, '\0');
    for (std::uint64_t index = 0; index < frames; ++index) {
        const auto got = read_at(fd, log, kLogHeader + index * frame_size, frame);
        if (!got) return std::unexpected(got.error());
        if (*got < frame.size()) return {};
        if (auto done = more(frame); !done) return done;
    }
    return {};
}

/// Whether every page of the log lies in the file already, as its last frame has it. So it is when the power
/// goes while the header of the next log is written over that of one that is in the file as a whole.
Result<bool> is_in_file(const std::string& path, const UniqueFd& log_fd, const LogReport& report) {
    const std::size_t frame_size = kFrameHeader + report.header.page_size;
    std::map<std::uint32_t, std::uint64_t> newest;  // page → frame
    std::uint32_t pages = 0;
    std::uint64_t index = 0;
    auto read =
        each_frame(path + "-wal", log_fd, frame_size, report.frames, [&](const std::string& frame) -> Status {
            newest[number_at(frame, 0, 4)] = index++;
            pages = number_at(frame, 4, 4);  // of the last one, which is a commit
            return {};
        });
    if (!read) return std::unexpected(read.error());
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string frame(frame_size, '\0'), page(report.header.page_size, '\0');
    for (const auto& [number, at] : newest) {
        if (number > pages) continue;  // was cut off since
        const auto got = read_at(log_fd, path + "-wal", kLogHeader + at * frame_size, frame);
        if (!got) return std::unexpected(got.error());
        const auto there = read_at(file, path, std::uint64_t{number - 1} * page.size(), page);
        if (!there) return std::unexpected(there.error());
        if (number == 0 || *there < page.size() || !frame.ends_with(page)) return false;
    }
    return true;
}

Status copy(const std::string& from, const std::string& to) {
    const UniqueFd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in) return failed(from, "read");
    const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out) return failed(to, "made");
    std::string piece;
    for (std::uint64_t at = 0;; at += piece.size()) {
        piece.resize(std::size_t{1} << 20);
        const auto got = read_at(in, from, at, piece);
        if (!got) return std::unexpected(got.error());
        piece.resize(*got);
        if (piece.empty()) break;
        if (auto written = write_all(out, to, piece); !written) return written;
    }
    if (::fsync(out.get()) != 0) return failed(to, "synced");
    return {};
}

Status keep_copies(const std::string& path, const LogMend& mend) {
    auto kept = copy(path + "-wal", mend.kept_as + "-wal");
    if (kept && !mend.report.exact) kept = copy(path, mend.kept_as);
    if (kept) kept = sync_directory(path);
    if (kept) return kept;
    ::unlink(mend.kept_as.c_str());
    ::unlink((mend.kept_as + "-wal").c_str());
    return std::unexpected(std::move(kept.error())
                               .within("the write-ahead log of " + path + " is damaged (" +
                                       describe(mend.report) + ") and can't be kept as it is"));
}

/// Before the mended log takes its place: it looks sound then, and somebody has to remember that it may not
/// be.
Status mark_doubtful(const std::string& path) {
    const UniqueFd fd(::open(doubtful_mark(path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return failed(doubtful_mark(path), "made");
    return sync_directory(path);
}

Status write_mended(const std::string& path, const LogReport& report) {
    const std::string log = path + "-wal", fresh = mended_log_path(path);
    const UniqueFd in(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in) return failed(log, "read");
    const UniqueFd out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out) return failed(fresh, "made");
    LogRewrite rewrite(report);
    if (auto written = write_all(out, fresh, rewrite.header()); !written) return written;
    auto written =
        each_frame(log, in, kFrameHeader + report.header.page_size, report.frames,
                   [&](const std::string& frame) { return write_all(out, fresh, rewrite.frame(frame)); });
    if (!written) return written;
    if (::fsync(out.get()) != 0) return failed(fresh, "synced");
    if (!report.exact)
        if (auto marked = mark_doubtful(path); !marked) return marked;
    if (::rename(fresh.c_str(), log.c_str()) != 0) return failed(fresh, "renamed");
    ::unlink((path + "-shm").c_str());  // an index into the log, made again from it
    return sync_directory(path);
}

}  // namespace

Result<std::optional<LogReport>> inspect_log(const std::string& path) {
    const std::string log = path + "-wal";
    const UniqueFd fd(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && is_nobody(errno)) return std::nullopt;
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) return failed(log, "read");
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size <= kLogHeader) return std::nullopt;
    const auto found = database_at(path);
    if (!found) return std::unexpected(found.error());
    const std::optional<Database>& database = *found;
    if (!database) return std::nullopt;
    std::string header(kLogHeader, '\0');
    if (const auto got = read_at(fd, log, 0, header); !got) return std::unexpected(got.error());
    const std::uint64_t most = database->pages + size / database->page_size;
    LogScan scan(header, database->page_size, most);
    const auto read = each_frame(log, fd, scan.frame_size(), size / scan.frame_size(),
                                 [&](const std::string& frame) -> Status {
                                     scan.add(frame);
                                     return {};
                                 });
    if (!read) return std::unexpected(read.error());
    LogReport report = scan.finish();
    if (report.state != LogReport::State::damaged || !report.header_damaged) return report;
    const auto known = is_in_file(path, fd, report);
    if (!known) return std::unexpected(known.error());
    if (*known) report.state = LogReport::State::sound;
    return report;
}

Result<std::optional<LogMend>> mend_log(const std::string& path, WallTime now) {
    ::unlink(mended_log_path(path).c_str());  // of a start that was cut short
    auto report = inspect_log(path);
    if (!report) return std::unexpected(report.error());
    if (!*report || (*report)->state == LogReport::State::sound) return std::nullopt;
    auto kept_as = damaged_path(path, now);
    if (!kept_as) return std::unexpected(kept_as.error());
    LogMend mend{std::move(**report), std::move(*kept_as)};
    if (auto kept = keep_copies(path, mend); !kept) return std::unexpected(kept.error());
    if (mend.report.state == LogReport::State::unreadable) return mend;
    if (auto written = write_mended(path, mend.report); !written) {
        ::unlink(mended_log_path(path).c_str());
        return std::unexpected(std::move(written.error())
                                   .within("the damaged write-ahead log of " + path + " can't be put right"));
    }
    return mend;
}

std::string describe(const LogReport& report) {
    if (report.state == LogReport::State::unreadable) return "nothing in it is readable";
    std::string text = report.header_damaged ? "its header is damaged" : "";
    for (std::size_t i = 0; i < report.faults.size(); ++i) {
        if (!text.empty()) text += ", ";
        if (i == kMostTold) return text + std::to_string(report.faults.size() - i) + " more are damaged";
        const FrameFault& fault = report.faults[i];
        const bool bit =
            fault.kind == FrameFault::Kind::wrong_bit || fault.kind == FrameFault::Kind::unplaced;
        text += "frame " + std::to_string(fault.frame) + (bit ? " has a wrong bit" : " is damaged");
    }
    return text;
}

std::string describe(const LogMend& mend) {
    const LogReport& report = mend.report;
    const std::string log = mend.kept_as + "-wal";
    if (report.state == LogReport::State::unreadable)
        return "the spool's write-ahead log is damaged beyond reading and is kept as " + log +
               "; what was committed to it and had not got into the file yet is missing, and nobody can say "
               "how "
               "much that is; check disk and memory";
    const std::string found =
        "the spool's write-ahead log was damaged (" + describe(report) + ") and is kept as ";
    if (report.exact)
        return found + log +
               "; its checksums told what was wrong, so all of it could be put right and nothing is lost; "
               "check "
               "disk and memory";
    return found + log + " with the file " + mend.kept_as +
           "; all commits in it count again, and the file is now looked through for what the damage hit; "
           "check "
           "disk and memory";
}

}  // namespace respand::spool
