// Signals and stop.
#include <sysexits.h>

#include <csignal>

#include "base/log.hpp"
#include "respand/parts.hpp"
#include "runtime/notify.hpp"

namespace respand {
namespace {

/// At stop: how long the requests under way may take to end.
constexpr std::chrono::seconds kStopGrace{10};

}  // namespace

void Application::Parts::wait_for_signals() {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) signals.add(signal);
    signals.async_wait([this](boost::system::error_code stopped, int signal) {
        if (stopped) return;
        on_signal(signal);
        if (!finished) wait_for_signals();
    });
}

void Application::Parts::on_signal(int signal) {
    if (signal == SIGHUP) {
        reload();
    } else if (signal == SIGUSR1) {
        if (auto reopened = reopen_log_file(); !reopened) spdlog::error("{}", reopened.error().message);
    } else if (!stopping) {
        stop(signal);
    } else {
        spdlog::warn("second signal: ending at once; what was committed is in the spool");
        spdlog::shutdown();
        std::_Exit(EX_TEMPFAIL);
    }
}

/// Listeners first, so that nothing new comes; then the requests under way; then the last commit.
void Application::Parts::stop(int signal) {
    stopping = true;
    spdlog::info("stopping on {}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    runtime::notify_stopping();
    listeners->close();
    if (writer->idle()) intake->writer_idle();
    delivery->stop(kStopGrace, [this] {
        source->stop();
        writer->drain([this](const pipeline::SpoolWriter::Left& left) { finish(left); });
    });
}

void Application::Parts::finish(const pipeline::SpoolWriter::Left& left) {
    finished = true;
    if (left.records > 0 || left.settlements > 0) exit_code = EX_IOERR;
    if (left.records > 0)
        spdlog::critical("{} records could not be committed and are lost: {}", left.records,
                         writer->stuck_reason());
    if (left.settlements > 0)
        spdlog::error("the outcome of {} records could not be noted, they will be sent again: {}",
                      left.settlements, writer->stuck_reason());
    if (exit_code == 0)
        spdlog::info("stopped; records that wait in the spool for the next start: {}",
                     writer->level().pending);
    control->close();
    ticker.cancel();
    watchdog.cancel();
    signals.cancel();
    signals.clear();
}

}  // namespace respand
