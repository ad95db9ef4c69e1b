// What the control socket answers, and where the answers come from.
#include <unistd.h>

#include "control/api.hpp"
#include "control/lane_routes.hpp"
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
    control::add_dead_routes(router, *writer, [this](std::uint64_t) { source->refresh(); });
    control::add_price_routes(
        router, {[this] { return clock.wall(); },
                 [this](auto since_day, auto done) { ask_coverage(since_day, std::move(done)); }});
    control::add_lane_routes(
        router, {[this](const auto& name) { return delivery->retry(name); },
                 [this](const auto& name) { return delivery->pause(name); },
                 [this](const auto& name) { return delivery->resume(name); },
                 [this](auto from, auto to, auto done) { source->move(from, to, std::move(done)); },
                 [this](auto done) { ask_status(std::move(done)); }});
    return router;
}

void Application::Parts::ask_status(std::function<void(pipeline::Status)> done) {
    struct Spooled {
        spool::Totals totals;
        std::map<spool::LaneId, std::string> lanes;
    };
    writer->ask([](spool::Spool& s) { return Spooled{s.totals(), s.lanes()}; },
                [this, done = std::move(done)](Spooled spooled) {
                    pipeline::Status status;
                    status.version = RESPAND_VERSION;
                    status.pid = ::getpid();
                    status.now = clock.wall();
                    status.started = started;
                    status.listeners = listeners->addresses();
                    status.listener_counters = listeners->counters();
                    status.spool = std::move(spooled.totals);
                    status.spool_path = config.spool.path;
                    status.spool_limit = config.spool.max_size;
                    status.spool_wal = writer->level().wal;
                    status.spool_full = intake->full();
                    status.spool_stuck = writer->stuck_reason();
                    status.received_per_second = received_rate.per_second();
                    status.delivered_per_second = delivered_rate.per_second();
                    status.lanes = delivery->report(status.spool, spooled.lanes);
                    tell_prices(status);
                    done(std::move(status));
                });
}

}  // namespace respand
