// price explain: the sum behind a cost, of a call described by options or of whole records.
#include <cstdio>
#include <map>

#include "base/exit_code.hpp"
#include "base/rfc3339.hpp"
#include "base/units.hpp"
#include "pricing/explain.hpp"
#include "record/record_parser.hpp"
#include "record/usage_reader.hpp"
#include "respanctl/price_commands.hpp"
#include "respanctl/record_input.hpp"

namespace respand::ctl {
namespace {

using pricing::CostSource;
using pricing::Money;

struct ExplainOptions {
    std::string file, model, provider, at;
    TableOptions table;
    std::uint64_t input = 0, cached = 0, cache_write = 0, cache_write_1h = 0, output = 0, reasoning = 0;
    bool by_table = false, json = false;
};

void declare_count(CLI::App& sub, const char* name, std::uint64_t& count, const char* what) {
    sub.add_option(name, count, what)
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53, "0 to 2^53"))
        ->type_name("N");
}

void declare(CLI::App& sub, ExplainOptions& options) {
    sub.add_option("FILE", options.file, "Records to explain, one or one a line (-: standard input)");
    sub.add_option("--model", options.model, "Instead of FILE: model as an app would send it")
        ->type_name("NAME");
    sub.add_option("--provider", options.provider, "Provider, when the model's name does not say it")
        ->type_name("NAME");
    declare_count(sub, "--input-tokens", options.input, "Input tokens, cached ones included");
    declare_count(sub, "--cached-tokens", options.cached, "of these: read from the cache");
    declare_count(sub, "--cache-write-tokens", options.cache_write,
                  "of these: written to the cache for 5 minutes");
    declare_count(sub, "--cache-write-1h-tokens", options.cache_write_1h,
                  "of these: written to the cache for 1 hour");
    declare_count(sub, "--output-tokens", options.output, "Output tokens, reasoning included");
    declare_count(sub, "--reasoning-tokens", options.reasoning, "of these: reasoning");
    sub.add_option("--at", options.at,
                   "When the call was made, RFC 3339 (default: as the record says, else now)")
        ->type_name("TIME");
    sub.add_flag("--by-table", options.by_table, "As if neither the app nor the provider had stated a cost");
    sub.add_flag("--json", options.json, "Print an object a line");
    options.table.declare(sub);
}

/// The counts given by options belong together.
Status check(const ExplainOptions& options) {
    if (options.model.empty() == options.file.empty())
        return fail(ErrorKind::usage,
                    "price explain: give a FILE of records (- is standard input), or --model and tokens");
    if (!options.file.empty()) {
        const bool more = options.input + options.output + options.cached + options.cache_write +
                              options.cache_write_1h + options.reasoning >
                          0;
        if (more || !options.provider.empty())
            return fail(ErrorKind::usage,
                        "price explain: --provider and tokens go with --model; a record says them itself");
        return {};
    }
    if (options.input == 0 && options.output == 0)
        return fail(ErrorKind::usage, "price explain: give --input-tokens, --output-tokens or both");
    if (options.cached + options.cache_write + options.cache_write_1h > options.input)
        return fail(ErrorKind::usage,
                    "price explain: cached and cache-write tokens are part of --input-tokens, which is less "
                    "than they are");
    if (options.reasoning > options.output)
        return fail(ErrorKind::usage,
                    "price explain: reasoning tokens are part of --output-tokens, which is less than they "
                    "are");
    return {};
}

RecordFacts facts_of(const ExplainOptions& options) {
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

/// Explains one record after the other and adds up what they cost.
class Explaining {
  public:
    Explaining(const ExplainOptions& options, std::shared_ptr<const pricing::PriceTable> table,
               std::optional<WallTime> at)
        : options_(options), table_(std::move(table)), at_(at) {}

    void facts(RecordFacts facts, const std::string& place) {
        if (at_) facts.time = at_;
        if (options_.by_table) {
            facts.has_cost = false;
            facts.provider_cost = {};
        }
        const pricing::Explanation explanation = pricing::explain(facts, *table_, now_);
        if (options_.json) {
            // An object's first member tells which record it is of.
            const std::string json = pricing::explanation_json(explanation);
            if (place.empty())
                std::printf("%s\n", json.c_str());
            else
                std::printf("{\"record\":\"%s\",%s\n", place.c_str(), json.c_str() + 1);
        } else {
            if (!place.empty()) std::printf("%srecord    %s\n", records_ > 0 ? "\n" : "", place.c_str());
            std::fputs(pricing::render(explanation).c_str(), stdout);
        }
        count(explanation);
    }

    void text(std::string text, const std::string& place) {
        const std::size_t size = text.size();
        text.append(kRecordPadding, ' ');
        const auto record = parser_.parse({text.data(), size});
        if (record) return facts(record->facts, place);
        std::fprintf(stderr, "respanctl: %s: no record (%s): %s\n", place.c_str(),
                     std::string(name(record.error())).c_str(),
                     std::string(describe(record.error())).c_str());
        ++refused_;
    }

    /// For several records: what they cost together.
    std::string summary() const {
        if (records_ + refused_ < 2 || options_.json) return {};
        std::string text = "\ntogether  " + counted(records_, "record");
        for (const auto& [outcome, records] : outcomes_) text += ", " + outcome + " " + grouped(records);
        if (refused_ > 0) text += "; " + grouped(refused_) + " were no records";
        text += "\n";
        if (total_) text += "cost      " + total_->cost_text() + " USD by provider and table\n";
        return text;
    }
    bool empty() const { return records_ + refused_ == 0; }
    int exit_code() const { return refused_ > 0 ? EX_DATAERR : unknown_ > 0 ? 1 : 0; }

  private:
    void count(const pricing::Explanation& explanation) {
        ++records_;
        const bool known = explanation.source != CostSource::none;
        if (!known) ++unknown_;
        ++outcomes_[std::string(known ? name(explanation.source) : name(explanation.reason))];
        // What is billed is each record's cost, rounded.
        const auto cost = explanation.cost ? Money::parse(explanation.cost->cost_text()) : Money{};
        total_ = total_ && cost ? total_->plus(*cost) : std::nullopt;
    }

    const ExplainOptions& options_;
    std::shared_ptr<const pricing::PriceTable> table_;
    std::optional<WallTime> at_;
    WallTime now_ = SystemClock{}.wall();
    RecordParser parser_;
    std::uint64_t records_ = 0, refused_ = 0, unknown_ = 0;
    std::map<std::string, std::uint64_t> outcomes_;
    std::optional<Money> total_ = Money{};
};

Result<int> explain(const Common& common, const ExplainOptions& options) {
    if (auto good = check(options); !good) return std::unexpected(good.error());
    std::optional<WallTime> at;
    if (!options.at.empty()) {
        at = parse_rfc3339(options.at);
        if (!at)
            return fail(ErrorKind::usage,
                        "--at: '" + options.at + "' is no time; write 2026-11-22T10:00:00Z");
    }
    auto table = options.table.load(common);
    if (!table) return std::unexpected(table.error());
    Explaining explaining(options, std::move(*table), at);
    if (options.file.empty()) {
        explaining.facts(facts_of(options), {});
        return explaining.exit_code();
    }
    auto input = RecordInput::open(options.file);
    if (!input) return std::unexpected(input.error());
    const auto read = input->for_each([&](std::string text, const std::string& place) -> Status {
        explaining.text(std::move(text), place);
        return {};
    });
    if (!read) return std::unexpected(read.error());
    if (explaining.empty())
        return fail(ErrorKind::data, (options.file == "-" ? "standard input" : options.file) +
                                         " holds no record: give one JSON object a line");
    std::fputs(explaining.summary().c_str(), stdout);
    return explaining.exit_code();
}

}  // namespace

void add_price_explain(Program& program, CLI::App& group) {
    program.add<ExplainOptions>(
        group, "explain", "What a call or a record costs, and where the prices come from", declare, explain);
}

}  // namespace respand::ctl
