#include "spool/spool_settings.hpp"

namespace respand::spool {
namespace {

/// Below this a single large record (20 MB) or a burst stops intake at once; tests go down to it.
constexpr ByteCount kMinSize = 1_MiB;
/// SQLite's own limit is 281 TB; this is where a figure is a typing error.
constexpr ByteCount kMaxSize{16ULL << 40};

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
    return {};
}

}  // namespace respand::spool
