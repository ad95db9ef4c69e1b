#include <cstdio>

#include "base/rfc3339.hpp"
#include "pricing/explain.hpp"
#include "record/usage_reader.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {
namespace {

struct PriceOptions {
    std::string model, provider, at, table, overlays;
    std::uint64_t input = 0, cached = 0, cache_write = 0, cache_write_1h = 0, output = 0, reasoning = 0;
};

void declare(CLI::App& app, PriceOptions& options) {
    app.add_option("--model", options.model, "Model as an app would send it")
        ->required()
        ->type_name("NAME (required)");
    app.add_option("--provider", options.provider, "Provider, when the model's name does not say it")
        ->type_name("NAME");
    app.add_option("--input-tokens", options.input, "Input tokens, cached ones included")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--cached-tokens", options.cached, "of these: read from the cache")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--cache-write-tokens", options.cache_write,
                   "of these: written to the cache for 5 minutes")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--cache-write-1h-tokens", options.cache_write_1h,
                   "of these: written to the cache for 1 hour")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--output-tokens", options.output, "Output tokens, reasoning included")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--reasoning-tokens", options.reasoning, "of these: reasoning")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
    app.add_option("--at", options.at, "When the call was made, RFC 3339 (default: now)")->type_name("TIME");
    app.add_option("--table", options.table, "Price table (default: [pricing] table)")->type_name("FILE");
    app.add_option("--overlays", options.overlays, "Directory of overlays (default: [pricing] overlays)")
        ->type_name("DIR");
}

Result<pricing::PricingSettings> table_settings(const Common& common, const PriceOptions& options) {
    pricing::PricingSettings settings;
    settings.overlays.clear();
    if (options.table.empty() || options.overlays.empty()) {
        const auto config = common.load();
        if (!config) return std::unexpected(config.error());
        // A table named by hand is meant to be looked at alone.
        if (options.table.empty()) settings = config->pricing;
    }
    if (!options.table.empty()) settings.table = options.table;
    if (!options.overlays.empty()) settings.overlays = options.overlays;
    return settings;
}

RecordFacts facts_of(const PriceOptions& options) {
    ReportedUsage reported;
    reported.input = Count::of(options.input);
    reported.output = Count::of(options.output);
    reported.cache_read = Count::of(options.cached);
    reported.cache_write_5m = Count::of(options.cache_write);
    reported.cache_write_1h = Count::of(options.cache_write_1h);
    reported.reasoning = Count::of(options.reasoning);
    const NormalisedUsage usage = normalise(reported);
    RecordFacts facts;
    facts.model = options.model;
    facts.provider = options.provider;
    facts.usage_state = usage.state;
    facts.usage = usage.usage;
    return facts;
}

Result<int> price(const Common& common, const PriceOptions& options) {
    if (options.input == 0 && options.output == 0)
        return fail(ErrorKind::usage, "price: give --input-tokens, --output-tokens or both");
    if (options.cached + options.cache_write + options.cache_write_1h > options.input)
        return fail(
            ErrorKind::usage,
            "price: cached and cache-write tokens are part of --input-tokens, which is less than they are");
    if (options.reasoning > options.output)
        return fail(ErrorKind::usage,
                    "price: reasoning tokens are part of --output-tokens, which is less than they are");
    RecordFacts facts = facts_of(options);
    if (!options.at.empty()) {
        facts.time = parse_rfc3339(options.at);
        if (!facts.time)
            return fail(ErrorKind::usage,
                        "--at: '" + options.at + "' is no time; write 2026-11-22T10:00:00Z");
    }
    const auto settings = table_settings(common, options);
    if (!settings) return std::unexpected(settings.error());
    std::vector<pricing::LoadWarning> warnings;
    const auto table = pricing::PriceTable::load(*settings, &warnings);
    if (!table) return fail(ErrorKind::config, table.error().message);
    const pricing::Explanation explanation = pricing::explain(facts, **table, SystemClock{}.wall());
    std::fputs(pricing::render(explanation).c_str(), stdout);
    return explanation.cost ? 0 : 1;
}

}  // namespace

void add_price_commands(Program& program) {
    program.add<PriceOptions>(program.app, "price", "What a call costs, and where the prices come from",
                              declare, price);
}

}  // namespace respand::ctl
