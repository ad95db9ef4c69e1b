#include "record/facts_reader.hpp"

#include "base/rfc3339.hpp"
#include "record/count.hpp"
#include "record/json_text.hpp"
#include "record/replicate_reader.hpp"
#include "record/top_level.hpp"
#include "record/usage_shapes.hpp"

namespace respand {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Respan's own fields at the top level of the record.
ReportedUsage read_flat(const TopLevel& top) {
    const auto count = [&](Field field) {
        const element* value = top.get(field);
        return value ? count_of(*value) : Count{};
    };
    ReportedUsage out;
    out.input = count(Field::prompt_tokens);
    out.output = count(Field::completion_tokens);
    out.cache_read = count(Field::cache_hit);
    out.cache_write = count(Field::cache_creation);
    out.reasoning = count(Field::reasoning);
    return out;
}

bool says_something(const ReportedUsage& report) {
    return report.any_bad() || (!report.empty() && report.any());
}

/// One report of those that a record holds. A report counts as a whole; the first that says something is
/// taken. Where `usage` holds parts without totals, the flat fields are its totals.
NormalisedUsage read_tokens(const ReportedUsage& usage, const TopLevel& top, const ReportedUsage* metrics) {
    if (says_something(usage)) return normalise(usage);
    ReportedUsage flat = read_flat(top);
    if (says_something(flat)) {
        if (!usage.empty() || !usage.any()) return normalise(flat);
        ReportedUsage both = usage;
        both.input = flat.input;
        both.output = flat.output;
        both.cache_read = merged(usage.cache_read, flat.cache_read);
        both.cache_write = merged(usage.cache_write, flat.cache_write);
        both.reasoning = merged(usage.reasoning, flat.reasoning);
        return normalise(both);
    }
    if (metrics && says_something(*metrics)) return normalise(*metrics);
    if (!usage.empty() || usage.any()) return normalise(usage);
    return normalise(flat.empty() && metrics ? *metrics : flat);
}

void add_units(ReportedUnits& to, const ReportedUnits& from) {
    for (Count ReportedUnits::* const unit :
         {&ReportedUnits::run_seconds, &ReportedUnits::images, &ReportedUnits::characters_in,
          &ReportedUnits::characters_out, &ReportedUnits::pages, &ReportedUnits::audio_seconds_out,
          &ReportedUnits::video_seconds_out})
        to.*unit = merged(to.*unit, from.*unit);
}

/// The usage object: `usage`, else Gemini's own name for it; and `usage_info`, in which Mistral counts pages.
UsageReport read_reports(const TopLevel& top, const Caller& caller) {
    UsageReport report;
    const element* usage = top.get(Field::usage);
    if (!usage) usage = top.get(Field::usage_metadata);
    if (usage) read_usage_object(*usage, caller, report);
    if (const element* info = top.get(Field::usage_info)) {
        UsageReport pages;
        read_usage_object(*info, caller, pages);
        report.readable = report.readable && pages.readable;
        add_units(report.units, pages.units);
    }
    return report;
}

/// Everything of the facts that tells what was used.
void fill_usage(RecordFacts& facts, const TopLevel& top, const UsageReport& report,
                const std::optional<PredictionReport>& prediction) {
    ReportedUnits units = report.units;
    bool readable = report.readable;
    if (prediction) {
        facts.end = prediction->end;
        if (prediction->running) {
            facts.usage_state = UsageState::not_terminal;
            return;
        }
        if (prediction->end == CallEnd::aborted) {
            facts.usage_state = UsageState::present;
            return;
        }
        readable = readable && prediction->readable;
        add_units(units, prediction->units);
    }
    const NormalisedUsage tokens =
        read_tokens(report.tokens, top, prediction ? &prediction->tokens : nullptr);
    if (!readable || units.any_bad() || tokens.state == UsageState::inconsistent) {
        facts.usage_state = UsageState::inconsistent;
        return;
    }
    const UnitUsage amounts = units.usage();
    const bool any_units = amounts.any() || (prediction && prediction->measured);
    facts.usage_state = any_units ? UsageState::present : tokens.state;
    facts.usage = tokens.usage;
    facts.units = amounts;
}

std::optional<WallTime> time_of(const element& value) {
    if (value.is_string()) return parse_rfc3339(value.get_string().value_unsafe());
    double number = 0;
    if (!value.is_number() || value.get(number) != simdjson::SUCCESS) return {};
    return time_since_1970(number);
}

/// When the call was made: `timestamp`, else `start_time`; of a prediction also its own times.
std::optional<WallTime> time_of(const TopLevel& top, bool is_prediction) {
    for (const Field field : {Field::timestamp, Field::start_time, Field::completed_at, Field::created_at}) {
        if (!is_prediction && field == Field::completed_at) break;
        const element* value = top.get(field);
        if (value == nullptr) continue;
        if (const auto time = time_of(*value)) return time;
    }
    return {};
}

std::string_view customer_of(const TopLevel& top) {
    std::string_view customer = top.text(Field::customer_identifier);
    const element* params = top.get(Field::customer_params);
    if (!customer.empty() || !params) return customer;
    if (params->at_key("customer_identifier").get(customer) != simdjson::SUCCESS) customer = {};
    return customer;
}

bool has_foreign_customer_params(const TopLevel& top) {
    const element* value = top.get(Field::customer_params);
    object params;
    if (!value || value->get(params) != simdjson::SUCCESS) return false;
    for (const auto member : params)
        if (!is_forwarded_customer_param(member.key)) return true;
    return false;
}

bool is_empty_text(const TopLevel& top, Field field) {
    const element* value = top.get(field);
    return value && value->is_string() && top.text(field).empty();
}

/// A number, 0 or more.
bool is_amount(const element& value) {
    double number = 0;
    return value.is_number() && value.get(number) == simdjson::SUCCESS && number >= 0;
}

/// Fields that we add when they are absent: null and "" count as absent. And those that the server takes in
/// one form alone: a cost that is no number is written as one, or is none; a time that is a number is written
/// as text.
bool has_fields_to_mend(const TopLevel& top) {
    const element* cost = top.get(Field::cost);
    const auto is_number = [&top](Field field) {
        const element* value = top.get(field);
        return value != nullptr && value->is_number();
    };
    return top.is_null(Field::cost) || top.is_null(Field::timestamp) ||
           top.is_null(Field::custom_identifier) || is_empty_text(top, Field::custom_identifier) ||
           (cost != nullptr && !is_amount(*cost)) || is_number(Field::timestamp) ||
           is_number(Field::start_time);
}

}  // namespace

std::optional<WallTime> time_since_1970(double number) {
    constexpr double kMaxSeconds = 1e11;
    if (number < 0 || number >= kMaxSeconds * 1e6) return {};
    const double microseconds = number < kMaxSeconds         ? number * 1e6
                                : number < kMaxSeconds * 1e3 ? number * 1e3
                                                             : number;
    return WallTime{std::chrono::microseconds{static_cast<std::int64_t>(microseconds)}};
}

bool is_forwarded_customer_param(std::string_view name) {
    return name == "customer_identifier" || name == "name" || name == "email" || name == "metadata";
}

std::expected<ReadRecord, RejectReason> read_facts(const object& record) {
    TopLevel top;
    if (!top.read(record)) return std::unexpected(RejectReason::duplicate_key);
    ReadRecord read;
    RecordFacts& facts = read.facts;
    facts.model = top.text(Field::model);
    if (facts.model.empty()) return std::unexpected(RejectReason::no_model);
    facts.provider = top.text(Field::provider);
    if (facts.provider.empty()) facts.provider = top.text(Field::provider_id);
    facts.customer = customer_of(top);
    const element* cost = top.get(Field::cost);
    facts.has_cost = cost != nullptr && is_amount(*cost);
    facts.has_timestamp = top.get(Field::timestamp) != nullptr;
    facts.has_custom_identifier = top.get(Field::custom_identifier) != nullptr;
    facts.record_id = top.text(Field::record_id);
    facts.hardware = top.text(Field::hardware);
    const Caller caller{facts.model, facts.provider};
    const UsageReport report = read_reports(top, caller);
    const auto prediction = read_prediction(top, caller);
    fill_usage(facts, top, report, prediction);
    facts.time = time_of(top, prediction.has_value());
    // The answer's usage says what was billed; the request only what was asked for.
    facts.service_tier = report.tier ? *report.tier : service_tier_named(top.text(Field::service_tier));
    read.provider_cost_present = !facts.has_cost && report.has_cost;
    read.foreign_customer_params = has_foreign_customer_params(top);
    read.fields_to_mend = has_fields_to_mend(top);
    return read;
}

}  // namespace respand
