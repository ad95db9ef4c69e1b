// The spool's files by name: setting a bad one aside, and putting the rescued one in its place. Inside this
// room only.
#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace respand::spool {

/// Where the contents of a damaged spool are gathered. It takes the spool's name when it is complete, so one
/// that lies beside a spool is incomplete, and one without a spool is complete.
std::string rescue_path(const std::string& path);

/// A copy of the damaged file for the time of a rescue.
std::string scratch_path(const std::string& path);

/// A log that is being put right. It takes the log's name when it is complete.
std::string mended_log_path(const std::string& path);

/// Stands beside a log that was put right as far as could be told, until the spool was opened and looked
/// through with it.
std::string doubtful_mark(const std::string& path);

/// "spool.db.damaged-20261122T101500Z", with a number behind it when there is one of that name already.
Result<std::string> damaged_path(const std::string& path, WallTime now);

/// Removes a file of ours with its -wal and -shm.
void remove_database(const std::string& path);

/// After this, what was made, renamed or removed beside the spool survives a power loss.
Status sync_directory(const std::string& path);

/// Gives the spool and its log the name `aside`, and the rescued file the spool's. Never overwrites. What
/// fails or is cut short on the way is finished by finish_rescue(). To be followed by sync_directory().
Status put_in_place(const std::string& path, const std::string& aside);

/// After a crash, or a failure: what put_in_place had begun, and what a rescue had left. Also sets a log
/// aside that has lost its file: SQLite would delete it without a word. Returns where that log is now; empty:
/// there was none.
Result<std::string> finish_rescue(const std::string& path, WallTime now);

}  // namespace respand::spool
