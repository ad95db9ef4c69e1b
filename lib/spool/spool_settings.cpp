#include "spool/spool_settings.hpp"

namespace respand::spool {
namespace {

/// Below this a single large record (20 MB) or a burst stops intake at once; tests go down to it.
constexpr ByteCount kMinSize = 1_MiB;
/// SQLite's own limit is 281 TB; this is where a figure is a typing error.
constexpr ByteCount kMaxSize{16ULL << 40};
/// A shorter age would discard what waits for one long back-off of the server (an hour at most).
constexpr std::chrono::microseconds kMinAge = std::chrono::hours{1};
constexpr std::chrono::microseconds kMaxAge = std::chrono::hours{24 * 3650};
/// A longer window is a table that never empties.
constexpr std::chrono::microseconds kMaxWindow = std::chrono::hours{24 * 30};
constexpr std::uint32_t kMaxIds = 10'000'000;

}  // namespace

Status SpoolSettings::validate() const {
    if (!path.starts_with('/'))
        return fail(
            ErrorKind::config,
            "path must be an absolute path of a file (it starts with /), as in /var/lib/respand/spool.db");
    if (path.ends_with('/'))
        return fail(
            ErrorKind::config,
            "path " + path + " names a directory; name the spool's file in it, as in " + path + "spool.db");
    if (max_size < kMinSize || max_size > kMaxSize)
        return fail(ErrorKind::config, "max_size " + format(max_size) + " is out of range; take " +
                                           format(kMinSize) + " to " + format(kMaxSize));
    if (max_age.count() != 0 && (max_age < kMinAge || max_age > kMaxAge))
        return fail(ErrorKind::config, "max_age " + format(max_age) + " is out of range; take " +
                                           format(kMinAge) + " to " + format(kMaxAge) + ", or 0s for never");
    if (duplicate_window.count() < 0 || duplicate_window > kMaxWindow)
        return fail(ErrorKind::config, "duplicate_window " + format(duplicate_window) +
                                           " is out of range; take 0s (off) to " + format(kMaxWindow));
    if (duplicate_ids > kMaxIds)
        return fail(ErrorKind::config, "duplicate_ids " + std::to_string(duplicate_ids) +
                                           " is out of range; take 0 (off) to " + std::to_string(kMaxIds));
    return {};
}

}  // namespace respand::spool
