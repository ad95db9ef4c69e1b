// The price table in force: at start, over reloads, and what is told of it.
#include <utility>

#include "respand/parts.hpp"

namespace respand {

Status Application::Parts::open_prices() {
    auto sources = spool->sources();
    if (!sources) return std::unexpected(std::move(sources.error()));
    prices = prices_to_start_with(config.pricing);
    intake = std::make_unique<pipeline::Intake>(
        *writer, prices.table, pipeline::Admission(config.spool.policy, config.spool.max_size), clock);
    intake->pricer().resume(*sources, spool->next_source());
    intake->pricer().set_annotate(config.pricing.annotate);
    prices_loaded = clock.wall();
    return {};
}

void Application::Parts::apply_prices(LoadedPrices loaded) {
    std::swap(prices, loaded);
    intake->pricer().set_table(prices.table);
    free_aside(std::move(loaded.table));
    intake->pricer().set_annotate(config.pricing.annotate);
    prices_loaded = clock.wall();
}

void Application::Parts::free_aside(std::shared_ptr<const pricing::PriceTable> table) {
    aside.submit(
        [table = std::move(table)]() mutable {
            table.reset();
            return true;
        },
        [](bool) {});
}

/// What the spool has and what is not with it yet. The one is read behind every commit that has begun, the
/// other is taken before any other can begin: each record is in one of the two.
void Application::Parts::ask_coverage(std::int64_t since_day,
                                      std::function<void(Result<std::vector<spool::Coverage>>)> done) {
    writer->ask([since_day](spool::Spool& s) { return s.coverage(since_day); },
                [since_day, live = intake->pricer().coverage(),
                 done = std::move(done)](Result<std::vector<spool::Coverage>> rows) {
                    if (rows)
                        for (const spool::Coverage& row : live)
                            if (row.day >= since_day) rows->push_back(row);
                    done(std::move(rows));
                });
}

void Application::Parts::tell_prices(pipeline::Status& status) const {
    status.price_table_id = intake->prices().id();
    status.price_table_version = intake->prices().version();
    status.price_table_models = intake->prices().size();
    status.price_table_warnings = prices.warnings;
    status.price_table_loaded = prices_loaded;
    status.price_fault = prices.fault;
    status.reload_fault = reload_fault;
}

}  // namespace respand
