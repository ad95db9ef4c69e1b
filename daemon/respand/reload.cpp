// Reload: what was read and built beside the I/O thread takes the place of the old in one go.
#include <utility>

#include "base/log.hpp"
#include "respand/lanes.hpp"
#include "respand/parts.hpp"
#include "runtime/notify.hpp"

namespace respand {

void Application::Parts::reload() {
    if (stopping) return;
    if (std::exchange(reloading, true)) {
        reload_again = true;
        return;
    }
    runtime::notify_reloading();
    aside.submit([this, in_force = config,
                  known = prices] { return read_next(environment, config_path, in_force, known); },
                 [this](Result<NextConfig> next) {
                     if (stopping) return;
                     if (!next) return reload_refused(next.error());
                     number_lanes(std::move(*next));
                 });
}

/// New lanes get their place in the spool first.
void Application::Parts::number_lanes(NextConfig next) {
    struct Numbered {
        Status status;
        NextConfig next;
    };
    writer->ask(
        [next = std::move(next)](spool::Spool& s) mutable {
            Status status = give_ids(next.lanes, s);
            return Numbered{std::move(status), std::move(next)};
        },
        [this](Numbered numbered) {
            if (stopping) return;
            // The last thing that can fail.
            if (numbered.status) numbered.status = set_up_logging(numbered.next.config.log);
            if (numbered.status) return apply(std::move(numbered.next));
            free_aside(std::move(numbered.next.prices.table));
            reload_refused(numbered.status.error());
        });
}

void Application::Parts::apply(NextConfig next) {
    config = std::move(next.config);
    delivery->apply(next.lanes);
    intake->set_routing(routing_of(next.lanes));
    apply_prices(std::move(next.prices));
    reload_fault.clear();
    spdlog::info("configuration, key and prices reloaded: {} prices, delivering to {} ({}){}",
                 intake->prices().size(), config.upload.base_url, upload::name(config.upload.mode),
                 next.needs_restart
                     ? "; changes in [ingest], [spool] or [control] take effect at the next restart"
                     : "");
    ask_status([](const pipeline::Status& status) { warn_of_gone_lanes(status.lanes); });
    reloaded();
}

void Application::Parts::reload_refused(const Error& error) {
    spdlog::error("reload refused, the old configuration stays in force: {}", error.message);
    reload_fault = error.message;
    reloaded();
}

/// A reload has ended, one way or the other.
void Application::Parts::reloaded() {
    reloading = false;
    runtime::notify_ready();
    if (std::exchange(reload_again, false)) reload();
}

}  // namespace respand
