#include "respand/application.hpp"

#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>

#include "base/log.hpp"
#include "control/api.hpp"
#include "control/control_server.hpp"
#include "ingest/listener_group.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/rate_meter.hpp"
#include "pipeline/spool_writer.hpp"
#include "pipeline/upload_source.hpp"
#include "respand/check.hpp"
#include "runtime/notify.hpp"
#include "runtime/offload.hpp"
#include "upload/beast_transport.hpp"
#include "upload/uploader.hpp"

namespace respand {
namespace {

namespace asio = boost::asio;

/// At stop: how long the requests under way may take to end.
constexpr std::chrono::seconds kStopGrace{10};
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

const char* mode_name(upload::Mode mode) { return mode == upload::Mode::bulk ? "bulk" : "create"; }

}  // namespace

/// Order matters: parts are destroyed from the last to the first.
struct Application::Parts {
    Parts(config::Config the_config, config::Environment the_environment, std::string path)
        : config(std::move(the_config)),
          environment(std::move(the_environment)),
          config_path(std::move(path)) {}

    Status open();
    void start();
    void tick();
    void feed_watchdog();
    void wait_for_signals();
    void on_signal(int signal);
    void reload();
    void apply(config::Config next, std::shared_ptr<const pricing::PriceTable> table);
    void reloaded();
    void stop(int signal);
    void finish(const pipeline::SpoolWriter::Left& left);
    void ask_status(std::function<void(pipeline::Status)> done);

    config::Config config;
    config::Environment environment;
    std::string config_path;
    SystemClock clock;
    WallTime started = clock.wall();

    asio::io_context io{1};
    runtime::Offload spool_thread{io};
    runtime::Offload aside{io};
    std::unique_ptr<spool::Spool> spool;
    std::unique_ptr<pipeline::SpoolWriter> writer;
    std::unique_ptr<pipeline::Intake> intake;
    std::unique_ptr<pipeline::UploadSource> source;
    std::unique_ptr<upload::HttpTransport> transport;
    std::unique_ptr<upload::Uploader> uploader;
    std::unique_ptr<ingest::ListenerGroup> listeners;
    std::unique_ptr<control::ControlServer> control;

    asio::signal_set signals{io};
    asio::steady_timer ticker{io};
    asio::steady_timer watchdog{io};
    pipeline::RateMeter received_rate, delivered_rate;
    int ticks = 0;
    bool reloading = false;
    bool stopping = false;
    bool reload_again = false;  ///< a SIGHUP came while one was being worked on
    bool finished = false;      ///< nothing may wait for anything any more
    int exit_code = 0;

    /// Threads end before what they work on goes.
    ~Parts() {
        spool_thread.join();
        aside.join();
    }
};

Status Application::Parts::open() {
    set_process_limits();
    if (auto logging = set_up_logging(config.log); !logging) return logging;
    if (auto ready = config::prepare_user_directories(config, environment); !ready) return ready;
    auto key = config::read_api_key(config.api_key, environment);
    if (!key) return std::unexpected(key.error());

    auto opened = spool::Spool::open(config.spool);
    if (!opened) return std::unexpected(opened.error());
    spool = std::move(*opened);
    writer = std::make_unique<pipeline::SpoolWriter>(io, spool_thread, aside, *spool, clock);
    intake = std::make_unique<pipeline::Intake>(*writer, prices_to_start_with(config.pricing),
                                                config.spool.max_size, clock);
    source = std::make_unique<pipeline::UploadSource>(io, *writer, clock);

    auto made = upload::make_beast_transport(io, config.upload, std::move(*key));
    if (!made) return std::unexpected(made.error());
    transport = std::move(*made);
    uploader = upload::Uploader::make(io, clock, config.upload, spool::kDefaultLane, *source, *transport);

    config.ingest.max_record = kMaxRecordBytes;
    auto listening =
        ingest::ListenerGroup::open(io, config.ingest, runtime::take_inherited_sockets(), *intake);
    if (!listening) return std::unexpected(listening.error());
    listeners = std::move(*listening);

    auto door = control::ControlServer::open(
        io, config.control,
        control::make_api({[this](auto done) { ask_status(std::move(done)); },
                           [this](auto done) {
                               writer->ask([](spool::Spool& s) { return s.audit(); }, std::move(done));
                           }}));
    if (!door) return std::unexpected(door.error());
    control = std::move(*door);
    return {};
}

void Application::Parts::start() {
    writer->on_idle([this] {
        intake->writer_idle();
        source->writer_idle();
    });
    writer->on_appended([this](std::uint64_t records) { source->appended(records); });
    intake->on_resume([this] { listeners->resume(); });
    wait_for_signals();
    uploader->start();
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
                 mode_name(config.upload.mode));
    runtime::notify_ready();
}

void Application::Parts::tick() {
    if (finished) return;
    if (intake->full() && writer->idle()) writer->refresh();
    received_rate.sample(intake->received_ever());
    delivered_rate.sample(source->delivered());
    if (ticks++ % kTicksPerStatusLine == 0 && !stopping) {
        const upload::LaneStatus lane = uploader->status();
        runtime::notify_status(fmt::format(
            "{:.0f} records/s in, {} pending, delivery {}{}{}", received_rate.per_second(),
            writer->level().pending, upload::name(lane.state), lane.reason.empty() ? "" : ": ", lane.reason));
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
        reloaded();
    };
    runtime::notify_reloading();
    auto next = config::effective_config(environment, config_path);
    if (!next) return refused(next.error());
    auto key = config::read_api_key(next->api_key, environment);
    if (!key) return refused(key.error());
    const pricing::PricingSettings pricing_settings = next->pricing;
    aside.submit([pricing_settings] { return load_prices(pricing_settings); },
                 [this, refused, next = std::move(*next), key = std::move(*key)](auto table) mutable {
                     if (!table) return refused(table.error());
                     if (auto logging = set_up_logging(next.log); !logging) return refused(logging.error());
                     if (auto changed = transport->reload(next.upload, key); !changed)
                         return refused(changed.error());
                     apply(std::move(next), std::move(*table));
                 });
}

/// A reload has ended, one way or the other.
void Application::Parts::reloaded() {
    reloading = false;
    runtime::notify_ready();
    if (std::exchange(reload_again, false)) reload();
}

void Application::Parts::apply(config::Config next, std::shared_ptr<const pricing::PriceTable> table) {
    intake->set_prices(std::move(table));
    uploader->reload(next.upload);
    next.ingest.max_record = config.ingest.max_record;
    config::Config applied = config;
    applied.upload = next.upload;
    applied.pricing = next.pricing;
    applied.api_key = next.api_key;
    applied.log = next.log;
    const bool restart = config::print_config(applied) != config::print_config(next);
    config = std::move(applied);
    spdlog::info(
        "configuration, key and prices reloaded: {} prices, delivering to {} ({}){}", intake->prices().size(),
        config.upload.base_url, mode_name(config.upload.mode),
        restart ? "; changes in [ingest], [spool] or [control] take effect at the next restart" : "");
    reloaded();
}

/// Listeners first, so that nothing new comes; then the requests under way; then the last commit.
void Application::Parts::stop(int signal) {
    stopping = true;
    spdlog::info("stopping on {}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    runtime::notify_stopping();
    listeners->close();
    if (writer->idle()) intake->writer_idle();
    uploader->stop(kStopGrace, [this] {
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
    transport->cancel();
    control->close();
    ticker.cancel();
    watchdog.cancel();
    signals.cancel();
    signals.clear();
}

void Application::Parts::ask_status(std::function<void(pipeline::Status)> done) {
    writer->ask([](spool::Spool& s) { return s.totals(); },
                [this, done = std::move(done)](spool::Totals totals) {
                    pipeline::Status status;
                    status.version = RESPAND_VERSION;
                    status.pid = ::getpid();
                    status.now = clock.wall();
                    status.started = started;
                    status.listeners = listeners->addresses();
                    status.listener_counters = listeners->counters();
                    status.spool = std::move(totals);
                    status.spool_path = config.spool.path;
                    status.spool_limit = config.spool.max_size;
                    status.spool_wal = writer->level().wal;
                    status.spool_full = intake->full();
                    status.spool_stuck = writer->stuck_reason();
                    status.received_per_second = received_rate.per_second();
                    status.delivered_per_second = delivered_rate.per_second();
                    status.destination = config.upload.base_url;
                    status.mode = mode_name(config.upload.mode);
                    status.lane = uploader->status();
                    status.price_table_id = intake->prices().id();
                    status.price_table_version = intake->prices().version();
                    status.price_table_models = intake->prices().size();
                    done(std::move(status));
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
