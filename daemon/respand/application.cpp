#include "respand/application.hpp"

#include <sys/resource.h>

#include <csignal>

#include "base/log.hpp"
#include "control/control_server.hpp"
#include "control/status_line.hpp"
#include "respand/lanes.hpp"
#include "respand/parts.hpp"
#include "runtime/notify.hpp"

namespace respand {
namespace {

/// How often rates are sampled.
constexpr std::chrono::seconds kTick{1};
/// How often the service manager's status line is written.
constexpr int kTicksPerStatusLine = 5;
/// The watchdog is fed this many times in its interval.
constexpr int kFeedsPerInterval = 3;

/// As many file descriptors as the system allows, no core files (they would hold the key and what was
/// logged).
void set_process_limits() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGPIPE, SIG_IGN);
    // The file size limit is an error of write(), not the end of the process.
    std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace

Status Application::Parts::open() {
    set_process_limits();
    if (auto logging = set_up_logging(config.log); !logging) return logging;
    if (auto ready = config::prepare_user_directories(config, environment); !ready) return ready;
    auto lanes = plan_lanes(config, environment);
    if (!lanes) return std::unexpected(lanes.error());

    auto opened = spool::Spool::open(config.spool);
    if (!opened) return std::unexpected(opened.error());
    spool = std::move(*opened);
    writer = std::make_unique<pipeline::SpoolWriter>(io, spool_thread, aside, *spool, clock);
    if (auto priced = open_prices(); !priced) return priced;
    source = std::make_unique<pipeline::UploadSource>(io, *writer, clock, spool->totals());
    keeper = std::make_unique<pipeline::QueueKeeper>(*writer, *intake, config.spool, clock,
                                                     [this] { return source->held(); });
    if (auto remembered = open_duplicates(); !remembered) return remembered;
    intake->set_udp_listens(config.ingest.udp.has_value());

    if (auto numbered = give_ids(*lanes, *spool); !numbered) return numbered;
    intake->set_routing(routing_of(*lanes));
    delivery = std::make_unique<pipeline::Delivery>(io, clock, *source);
    delivery->apply(*lanes);
    warn_of_gone_lanes(delivery->report(spool->totals(), spool->lanes()));

    config.ingest.max_record = kMaxRecordBytes;
    auto listening =
        ingest::ListenerGroup::open(io, config.ingest, runtime::take_inherited_sockets(), *intake);
    if (!listening) return std::unexpected(listening.error());
    listeners = std::move(*listening);

    control::Router router = routes();
    auto door = control::ControlServer::open(io, config.control, std::move(router).handler());
    if (!door) return std::unexpected(door.error());
    control = std::move(*door);
    return {};
}

/// The ids of the last run that still count.
Status Application::Parts::open_duplicates() {
    if (config.spool.duplicate_window.count() == 0 || config.spool.duplicate_ids == 0) return {};
    auto window = std::make_unique<pipeline::DuplicateWindow>();
    auto read = spool->each_seen([&window](const spool::RecordHash& hash) { window->restore(hash); });
    if (!read) return read;
    intake->set_duplicates(std::move(window));
    return {};
}

void Application::Parts::start() {
    writer->on_idle([this] {
        intake->writer_idle();
        source->writer_idle();
        keeper->look();
    });
    writer->on_retry([this] { return intake->take_refusals(); });
    writer->on_appended([this](auto commits) { source->appended(commits); });
    intake->on_resume([this] { listeners->resume(); });
    wait_for_signals();
    delivery->start();
    control->start();
    listeners->start();
    tick();
    feed_watchdog();
    if (listeners->addresses().empty())
        spdlog::warn(
            "no listener is configured: only what is in the spool will be delivered; add a section "
            "[ingest.…]");
    spdlog::info("respand " RESPAND_VERSION
                 " is ready: {} prices, spool {} with {} pending records, delivering to {} ({})",
                 intake->prices().size(), spool->path(), writer->level().pending, config.upload.base_url,
                 upload::name(config.upload.mode));
    if (delivery->size() > 1) spdlog::info("{} lanes, the default one included", delivery->size());
    runtime::notify_ready();
}

void Application::Parts::tick() {
    if (finished) return;
    if (intake->full() && writer->idle()) writer->refresh();
    if (!stopping) {
        listeners->look_for_drops();
        keeper->look();
    }
    delivery->tick();
    received_rate.sample(intake->received_ever());
    delivered_rate.sample(source->delivered());
    if (ticks++ % kTicksPerStatusLine == 0 && !stopping) {
        std::vector<control::LaneStanding> lanes;
        delivery->each([&](const std::string& name, const upload::LaneStatus& status) {
            lanes.push_back({name, status});
        });
        runtime::notify_status(
            control::status_line(received_rate.per_second(), writer->level().pending, lanes));
    }
    ticker.expires_after(kTick);
    ticker.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) tick();
    });
}

/// Fed from the I/O thread when the spool thread has answered: neither can hang unnoticed.
void Application::Parts::feed_watchdog() {
    const auto interval = runtime::watchdog_interval();
    if (!interval) return;
    watchdog.expires_after(*interval / kFeedsPerInterval);
    watchdog.async_wait([this](boost::system::error_code stopped) {
        if (stopped) return;
        writer->ask([](spool::Spool&) { return true; },
                    [this](bool) {
                        runtime::notify_watchdog();
                        if (!finished) feed_watchdog();
                    });
    });
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() = default;

Result<std::unique_ptr<Application>> Application::build(config::Config config,
                                                        config::Environment environment,
                                                        std::string config_path) {
    auto parts = std::make_unique<Parts>(std::move(config), std::move(environment), std::move(config_path));
    if (auto opened = parts->open(); !opened) return std::unexpected(opened.error());
    return std::unique_ptr<Application>(new Application(std::move(parts)));
}

int Application::run() {
    parts_->start();
    parts_->io.run();
    return parts_->exit_code;
}

}  // namespace respand
