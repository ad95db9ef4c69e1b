#include "upload/health.hpp"

#include <utility>

#include "base/units.hpp"

namespace respand::upload {
namespace {

std::string span(SteadyTime from, SteadyTime to) {
    return approximate(std::chrono::duration_cast<std::chrono::microseconds>(to - from));
}

}  // namespace

std::optional<LogLine> Health::failed(SteadyTime now, WallTime wall, bool stopped,
                                      const std::string& reason) {
    last_error_ = reason;
    last_error_at_ = wall;
    const bool changed = !failing_ || stopped != stopped_;
    if (!failing_) {
        failing_since_ = now;
        faults_ = 0;
    }
    failing_ = true;
    stopped_ = stopped;
    ++faults_;
    if (!changed && now - reminded_at_ < kReminder) return {};
    reminded_at_ = now;
    if (!stopped && !said_ && !limiter_.allow(now)) return {};
    said_ = true;
    const std::string since =
        faults_ > 1 ? " (for " + span(failing_since_, now) + ", " + std::to_string(faults_) + " tries)" : "";
    if (stopped) {
        return LogLine{
            LogLine::Level::error,
            "delivery to " + server_ + " stopped" + since + ": " + reason +
                ". Everything stays in the spool; a probe every minute finds out when it is mended"};
    }
    return LogLine{LogLine::Level::warning, "delivery to " + server_ + " fails" + since + ": " + reason +
                                                ". It is tried again until it works" + limiter_.suffix()};
}

std::optional<LogLine> Health::answered(SteadyTime now) {
    if (!failing_) return {};
    failing_ = false;
    stopped_ = false;
    if (!std::exchange(said_, false)) return {};
    return LogLine{LogLine::Level::info, "delivery to " + server_ + " resumed after " +
                                             span(failing_since_, now) + ", " + std::to_string(faults_) +
                                             (faults_ == 1 ? " retry" : " retries")};
}

void Health::refused(WallTime wall, const std::string& reason) {
    last_error_ = reason;
    last_error_at_ = wall;
}

}  // namespace respand::upload
