// What the control socket answers, and where the answers come from.
#include <unistd.h>

#include "control/api.hpp"
#include "control/price_routes.hpp"
#include "control/queue_routes.hpp"
#include "respand/parts.hpp"

namespace respand {

control::Router Application::Parts::routes() {
    control::Router router;
    control::add_status_routes(
        router,
        {[this](auto done) { ask_status(std::move(done)); },
         [this](auto done) { writer->ask([](spool::Spool& s) { return s.audit(); }, std::move(done)); }});
    control::add_queue_routes(router, *writer);
    control::add_dead_routes(router, *writer, [this](std::uint64_t records) { source->appended(records); });
    control::add_price_routes(
        router, {[this] { return clock.wall(); },
                 [this](auto since_day, auto done) { ask_coverage(since_day, std::move(done)); }});
    control::add_delivery_routes(router, [this] {
        spdlog::info("delivery tries again now, as an operator asks");
        uploader->retry();
        return uploader->status().state;
    });
    return router;
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
                    status.mode = upload::name(config.upload.mode);
                    status.lane = uploader->status();
                    tell_prices(status);
                    done(std::move(status));
                });
}

}  // namespace respand
