// Logging. One process-wide logger (set up by main), and a limiter for lines that input can cause.
#pragma once
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace respand {

enum class LogFormat {
    journal,  ///< "<6>message" on standard error: systemd takes the priority from the prefix and adds the
              ///< time
    text,     ///< "2026-11-22T10:57:44.123456Z info message"
    json,     ///< one JSON object a line: time, level, message
};

struct LogSettings {
    std::string level = "info";  ///< trace, debug, info, warning, error, critical, off
    LogFormat format = LogFormat::journal;
    std::string file;  ///< empty: standard error
    Status validate() const;
};

/// Replaces the process-wide logger. Any thread may log afterwards; call from main or on reload only.
Status set_up_logging(const LogSettings& settings);

/// Closes and opens the log file again (after logrotate moved it away). Nothing to do for standard error.
Status reopen_log_file();

/// Lets a first burst of lines through, then one per interval, and says how many it held back.
/// Use one for each kind of line that input can cause. One thread.
class LogLimiter {
  public:
    static constexpr int kBurst = 10;
    static constexpr std::chrono::seconds kInterval{10};

    /// True when a line may be written now; `suppressed()` then tells how many were held back before it.
    bool allow(SteadyTime now);
    std::uint64_t suppressed() const { return reported_; }
    /// "" or " (and 42 more like this held back)", to append to the line.
    std::string suffix() const;

  private:
    int left_ = kBurst;
    SteadyTime last_{};
    std::uint64_t held_back_ = 0;
    std::uint64_t reported_ = 0;
};

}  // namespace respand
