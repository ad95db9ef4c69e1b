// The parts of the daemon and what passes between them. Only the sources of Application include this.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "control/control_server.hpp"
#include "control/router.hpp"
#include "ingest/listener_group.hpp"
#include "pipeline/delivery.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/queue_keeper.hpp"
#include "pipeline/rate_meter.hpp"
#include "pipeline/spool_writer.hpp"
#include "pipeline/status.hpp"
#include "pipeline/upload_source.hpp"
#include "respand/application.hpp"
#include "respand/check.hpp"
#include "respand/next_config.hpp"
#include "runtime/offload.hpp"

namespace respand {

namespace asio = boost::asio;

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
    void number_lanes(NextConfig next);
    void apply(NextConfig next);
    void reload_refused(const Error& error);
    void reloaded();
    /// The table to start with, and where the spool stands with its sources.
    Status open_prices();
    Status open_duplicates();
    void apply_prices(LoadedPrices loaded);
    /// Freeing a table of 3,000 models takes milliseconds: not on the I/O thread.
    void free_aside(std::shared_ptr<const pricing::PriceTable> table);
    void ask_coverage(std::int64_t since_day, std::function<void(Result<std::vector<spool::Coverage>>)> done);
    void tell_prices(pipeline::Status& status) const;
    void stop(int signal);
    void finish(const pipeline::SpoolWriter::Left& left);
    void ask_status(std::function<void(pipeline::Status)> done);
    /// What the control socket answers.
    control::Router routes();

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
    std::unique_ptr<pipeline::QueueKeeper> keeper;
    std::unique_ptr<pipeline::Delivery> delivery;
    std::unique_ptr<ingest::ListenerGroup> listeners;
    std::unique_ptr<control::ControlServer> control;

    asio::signal_set signals{io};
    asio::steady_timer ticker{io};
    asio::steady_timer watchdog{io};
    pipeline::RateMeter received_rate, delivered_rate;
    int ticks = 0;
    LoadedPrices prices;  ///< in force
    WallTime prices_loaded{};
    std::string reload_fault;  ///< why the last reload was refused; empty: it was not
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

}  // namespace respand
