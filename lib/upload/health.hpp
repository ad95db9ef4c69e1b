// Whether delivery works, in numbers for `status` and in few lines for the log. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace respand::upload {

/// A line to write. One at each change between fine and failing, reminders in between.
struct LogLine {
    enum class Level : std::uint8_t { info, warning, error } level = Level::info;
    std::string text;
};

class Health {
  public:
    /// A lane that goes on failing says so again this often.
    static constexpr std::chrono::minutes kReminder{10};
    /// A lane that flaps says so no more often than LogLimiter allows; "resumed" is only said after "fails"
    /// was.

    /// `server`: host, for the log lines.
    explicit Health(std::string server) : server_(std::move(server)) {}
    void set_server(std::string server) { server_ = std::move(server); }

    /// A request ended with a transient (`stopped` false) or an operator fault (`stopped` true).
    std::optional<LogLine> failed(SteadyTime now, WallTime wall, bool stopped, const std::string& reason);
    /// The server answered to the point: records were taken, or refused for what they hold.
    std::optional<LogLine> answered(SteadyTime now);
    /// Records were taken.
    void delivered(WallTime wall) { last_success_at_ = wall; }
    /// A record was refused for good, or a batch has to be split. Kept as last error only.
    void refused(WallTime wall, const std::string& reason);

    bool failing() const { return failing_; }
    const std::string& last_error() const { return last_error_; }
    WallTime last_error_at() const { return last_error_at_; }
    WallTime last_success_at() const { return last_success_at_; }

  private:
    std::string server_;
    std::string last_error_;
    WallTime last_error_at_{};
    WallTime last_success_at_{};
    bool failing_ = false;
    bool stopped_ = false;
    bool said_ = false;  ///< that it fails
    LogLimiter limiter_;
    SteadyTime failing_since_{};
    SteadyTime reminded_at_{};
    std::uint64_t faults_ = 0;  ///< since failing_since_
};

}  // namespace respand::upload
