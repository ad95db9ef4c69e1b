// What the queue needs done beside commits: its limits of size, age and remembered ids.
#pragma once
#include <functional>

#include "base/log.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/last_reads.hpp"
#include "pipeline/spool_writer.hpp"

namespace respand::pipeline {

/// Runs bounded steps on the spool thread, one at a time, between commits. I/O thread only.
class QueueKeeper {
  public:
    /// Between two looks at age and ids. Their limits are hours.
    static constexpr std::chrono::seconds kInterval{10};

    /// `held` tells which chunks were read for delivery and are not settled: these are not discarded, since
    /// the server may be taking them just now.
    QueueKeeper(SpoolWriter& writer, Intake& intake, const spool::SpoolSettings& settings, const Clock& clock,
                std::function<Held()> held);

    /// Once a second, and after every commit: cheap when nothing is due.
    void look();
    /// A step is under way; when it ends, the next one that is due begins.
    bool busy() const { return busy_; }

  private:
    bool make_room();
    bool expire();
    bool forget();
    void stepped(const Result<spool::QueueStep>& step, const char* what);

    SpoolWriter& writer_;
    Intake& intake_;
    const spool::SpoolSettings settings_;
    const Clock& clock_;
    std::function<Held()> held_;
    bool busy_ = false;      ///< a step is on the spool thread
    bool all_held_ = false;  ///< the last step could discard nothing: not again before the next interval
    SteadyTime expire_at_{}, forget_at_{}, again_at_{};
    LogLimiter discard_log_, fault_log_;
};

}  // namespace respand::pipeline
