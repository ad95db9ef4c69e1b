// A damaged write-ahead log is put right before SQLite sees it, and would forget what it holds. Inside this
// room only.
#pragma once
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "spool/log_scan.hpp"

namespace respand::spool {

/// Reads the log of the spool at `path`, while nobody writes. Nothing: there is none, or the file beside it
/// is not ours to judge (another user's, another program's, damaged in its header).
Result<std::optional<LogReport>> inspect_log(const std::string& path);

/// What was done to a log.
struct LogMend {
    LogReport report;
    std::string kept_as;  ///< the log as it was found; without -wal: the file as it was found, unless exact
};

/// Puts a damaged log right: the log as it was found, and the file too when more than single bits were wrong,
/// are copied first. `temporary`: no room for that; then nothing was changed. Nothing: the log is sound, also
/// when the power cut its last transaction short.
Result<std::optional<LogMend>> mend_log(const std::string& path, WallTime now);

/// "frame 12 has a wrong bit, …": what is wrong with it, the first few places.
std::string describe(const LogReport& report);

/// The sentence for the log.
std::string describe(const LogMend& mend);

}  // namespace respand::spool
