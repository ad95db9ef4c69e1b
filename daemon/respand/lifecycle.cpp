// Signals, reload and stop.
#include <sysexits.h>

#include <csignal>

#include "base/log.hpp"
#include "respand/check.hpp"
#include "respand/lanes.hpp"
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

/// Everything new is built before anything old is touched.
void Application::Parts::reload() {
    if (stopping) return;
    if (std::exchange(reloading, true)) {
        reload_again = true;
        return;
    }
    auto refused = [this](const Error& error) {
        spdlog::error("reload refused, the old configuration stays in force: {}", error.message);
        reload_fault = error.message;
        reloaded();
    };
    runtime::notify_reloading();
    auto next = config::effective_config(environment, config_path);
    if (!next) return refused(next.error());
    auto lanes = plan_lanes(*next, environment);
    if (!lanes) return refused(lanes.error());
    const pricing::PricingSettings pricing_settings = next->pricing;
    aside.submit([pricing_settings] { return load_prices(pricing_settings); },
                 [this, refused, next = std::move(*next), lanes = std::move(*lanes)](auto prices) mutable {
                     if (!prices) return refused(prices.error());
                     if (auto logging = set_up_logging(next.log); !logging) {
                         free_aside(std::move(prices->table));
                         return refused(logging.error());
                     }
                     reload_lanes(std::move(next), std::move(lanes), std::move(*prices), refused);
                 });
}

/// New lanes get their place in the spool first.
void Application::Parts::reload_lanes(config::Config next, std::vector<pipeline::LanePlan> lanes,
                                      LoadedPrices prices, std::function<void(const Error&)> refused) {
    struct Numbered {
        Status status;
        std::vector<pipeline::LanePlan> lanes;
    };
    writer->ask(
        [lanes = std::move(lanes)](spool::Spool& s) mutable {
            Status status = give_ids(lanes, s);
            return Numbered{std::move(status), std::move(lanes)};
        },
        [this, next = std::move(next), prices = std::move(prices),
         refused = std::move(refused)](Numbered numbered) mutable {
            if (stopping) return;
            const pipeline::Routing routing = routing_of(numbered.lanes);
            Status changed = std::move(numbered.status);
            if (changed) changed = delivery->apply(std::move(numbered.lanes));
            if (!changed) {
                free_aside(std::move(prices.table));
                return refused(changed.error());
            }
            intake->set_routing(routing);
            apply(std::move(next), std::move(prices));
        });
}

/// A reload has ended, one way or the other.
void Application::Parts::reloaded() {
    reloading = false;
    runtime::notify_ready();
    if (std::exchange(reload_again, false)) reload();
}

void Application::Parts::apply(config::Config next, LoadedPrices prices) {
    next.ingest.max_record = config.ingest.max_record;
    config::Config applied = config;
    applied.upload = next.upload;
    applied.lanes = next.lanes;
    applied.pricing = next.pricing;
    applied.credentials = next.credentials;
    applied.log = next.log;
    const bool restart = config::print_config(applied) != config::print_config(next);
    config = std::move(applied);
    apply_prices(std::move(prices));
    reload_fault.clear();
    spdlog::info(
        "configuration, key and prices reloaded: {} prices, delivering to {} ({}){}", intake->prices().size(),
        config.upload.base_url, upload::name(config.upload.mode),
        restart ? "; changes in [ingest], [spool] or [control] take effect at the next restart" : "");
    ask_status([](const pipeline::Status& status) { warn_of_gone_lanes(status.lanes); });
    reloaded();
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
