// When the write-ahead log is moved into the file, and by whom.
#pragma once
#include <cstdint>

#include "base/units.hpp"

namespace respand::pipeline {

/// The log is moved beside the commits, in passes. But only when all of it has been moved does it start again
/// from its beginning, and under a flood a pass is never done before more has come. So once the log is long,
/// passes follow each other at once, each with less to do; when little is left, the writer moves it between
/// two commits. The log keeps its blocks: writing over them needs no bookkeeping of the file system, which
/// makes syncs cheap.
///
/// Pure. Sizes are bytes of the log, counted from its beginning.
class LogCare {
  public:
    enum class Next : std::uint8_t {
        nothing,
        pass,    ///< beside the commits; then tell moved()
        finish,  ///< between two commits; then tell moved()
    };

    /// A pass is made for so much: large enough that pages which many commits changed are moved once. In a
    /// flood those of records that were delivered at once are among them, so the file is written less than
    /// the log.
    static constexpr ByteCount kPass = 32_MiB;
    /// From this size on the log is to start again: seldom enough that commits which wait for that are less
    /// than one in a hundred, at about 1 MB each. What comes while it ends must stay below spool::kWalLimit.
    static constexpr ByteCount kRestart = 104_MiB;
    /// What the writer moves itself: as much as a few commits write.
    static constexpr ByteCount kLittle = 4_MiB;

    /// The log has this size after a commit.
    Next after_commit(ByteCount log);
    /// What was begun has ended; so much of the log is in the file now.
    void moved(ByteCount moved);

  private:
    ByteCount last_{}, moved_{};
    ByteCount finish_at_ = kRestart;
    bool under_way_ = false;
};

}  // namespace respand::pipeline
