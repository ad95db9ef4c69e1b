#include "record/facts_reader.hpp"

#include <array>
#include <cmath>
#include <string>

#include "base/rfc3339.hpp"
#include "record/usage_reader.hpp"

namespace respand {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// Top-level members that are acted on. `none` is everything else: passed through unread.
enum class Field : std::uint8_t {
    model,
    provider,
    cost,
    timestamp,
    start_time,
    custom_identifier,
    customer_params,
    usage,
    metrics,
    status,
    service_tier,
    prompt_tokens,
    completion_tokens,
    cache_hit,
    cache_creation,
    reasoning,
    none,
};
constexpr std::size_t kFields = static_cast<std::size_t>(Field::none);

struct FieldName {
    std::string_view name;
    Field field;
};
constexpr std::array kFieldNames{
    FieldName{"model", Field::model},
    FieldName{"provider", Field::provider},
    FieldName{"cost", Field::cost},
    FieldName{"timestamp", Field::timestamp},
    FieldName{"start_time", Field::start_time},
    FieldName{"custom_identifier", Field::custom_identifier},
    FieldName{"customer_params", Field::customer_params},
    FieldName{"usage", Field::usage},
    FieldName{"metrics", Field::metrics},
    FieldName{"status", Field::status},
    FieldName{"service_tier", Field::service_tier},
    FieldName{"prompt_tokens", Field::prompt_tokens},
    FieldName{"completion_tokens", Field::completion_tokens},
    FieldName{"prompt_cache_hit_tokens", Field::cache_hit},
    FieldName{"prompt_cache_creation_tokens", Field::cache_creation},
    FieldName{"reasoning_tokens", Field::reasoning},
};

Field field_of(std::string_view key) {
    for (const auto& [field_name, field] : kFieldNames)
        if (field_name == key) return field;
    return Field::none;
}

/// The elements of the top-level members that are acted on.
class TopLevel {
  public:
    /// False when the member stood there before.
    bool put(Field field, const element& value) {
        const auto i = static_cast<std::size_t>(field);
        if (present_.at(i)) return false;
        present_.at(i) = true;
        values_.at(i) = value;
        return true;
    }
    /// Null counts as absent.
    const element* get(Field field) const {
        const auto i = static_cast<std::size_t>(field);
        return present_.at(i) && !values_.at(i).is_null() ? &values_.at(i) : nullptr;
    }
    bool is_null(Field field) const {
        const auto i = static_cast<std::size_t>(field);
        return present_.at(i) && values_.at(i).is_null();
    }
    std::string_view text(Field field) const {
        const element* value = get(field);
        std::string_view out;
        if (value && value->get(out) != simdjson::SUCCESS) out = {};
        return out;
    }

  private:
    std::array<bool, kFields> present_{};
    std::array<element, kFields> values_{};
};

/// A whole number from 0 to 2^53, also when it is spelled 18.0; null is absent; anything else is wrong.
Count count_of(const element& value) {
    switch (value.type()) {
        case element_type::UINT64:
        case element_type::INT64: {
            std::int64_t n = -1;
            return value.get(n) == simdjson::SUCCESS && n >= 0 ? Count::of(static_cast<std::uint64_t>(n))
                                                               : Count::wrong();
        }
        case element_type::DOUBLE: {
            const double n = value.get_double().value_unsafe();
            const bool whole = n >= 0 && n <= static_cast<double>(kMaxCount) && std::trunc(n) == n;
            return whole ? Count::of(static_cast<std::uint64_t>(n)) : Count::wrong();
        }
        case element_type::NULL_VALUE:
            return {};
        default:
            return Count::wrong();
    }
}

Count count_in(const object& from, std::string_view key) {
    element value;
    return from.at_key(key).get(value) == simdjson::SUCCESS ? count_of(value) : Count{};
}

/// A nested object of counts; empty when it is absent or null.
std::optional<object> object_in(const object& from, std::string_view key) {
    object inner;
    if (from.at_key(key).get_object().get(inner) != simdjson::SUCCESS) return {};
    return inner;
}

/// The first of two spellings that is there.
Count either(Count a, Count b) { return a.present() ? a : b; }

void read_input_details(const object& details, ReportedUsage& out) {
    out.cache_read = count_in(details, "cached_tokens");
    out.cache_write =
        either(count_in(details, "cache_write_tokens"), count_in(details, "cache_creation_tokens"));
    out.input_audio = count_in(details, "audio_tokens");
    out.input_image = count_in(details, "image_tokens");
    if (const auto split = object_in(details, "cache_creation_token_details")) {
        out.cache_write_5m = count_in(*split, "ephemeral_5m_input_tokens");
        out.cache_write_1h = count_in(*split, "ephemeral_1h_input_tokens");
    }
}

void read_output_details(const object& details, ReportedUsage& out) {
    out.reasoning = count_in(details, "reasoning_tokens");
    out.output_audio = count_in(details, "audio_tokens");
}

/// Top-level cache counts of Anthropic and of LiteLLM's normalised form.
void read_cache_counts(const object& usage, ReportedUsage& out) {
    out.cache_read = either(count_in(usage, "cache_read_input_tokens"), out.cache_read);
    out.cache_write = either(count_in(usage, "cache_creation_input_tokens"), out.cache_write);
    if (const auto split = object_in(usage, "cache_creation")) {
        out.cache_write_5m = count_in(*split, "ephemeral_5m_input_tokens");
        out.cache_write_1h = count_in(*split, "ephemeral_1h_input_tokens");
    }
}

/// OpenAI chat, its many followers, and LiteLLM's normalised form: totals include everything.
ReportedUsage read_chat(const object& usage) {
    ReportedUsage out;
    out.input = count_in(usage, "prompt_tokens");
    out.output = count_in(usage, "completion_tokens");
    if (const auto details = object_in(usage, "prompt_tokens_details")) read_input_details(*details, out);
    if (const auto details = object_in(usage, "completion_tokens_details"))
        read_output_details(*details, out);
    read_cache_counts(usage, out);
    out.cache_read = either(out.cache_read, count_in(usage, "prompt_cache_hit_tokens"));
    return out;
}

/// OpenAI responses (totals include) and Anthropic (the input total counts no cache): told apart by the
/// details object.
ReportedUsage read_messages(const object& usage) {
    ReportedUsage out;
    out.input = count_in(usage, "input_tokens");
    out.output = count_in(usage, "output_tokens");
    const auto input_details = object_in(usage, "input_tokens_details");
    if (input_details) read_input_details(*input_details, out);
    if (const auto details = object_in(usage, "output_tokens_details")) read_output_details(*details, out);
    if (!input_details) {
        read_cache_counts(usage, out);
        out.input_excludes_cache = true;
    }
    return out;
}

ReportedUsage read_bedrock(const object& usage) {
    ReportedUsage out;
    out.input = count_in(usage, "inputTokens");
    out.output = count_in(usage, "outputTokens");
    out.cache_read = count_in(usage, "cacheReadInputTokens");
    out.cache_write = count_in(usage, "cacheWriteInputTokens");
    out.input_excludes_cache = true;
    return out;
}

ReportedUsage read_gemini(const object& usage) {
    ReportedUsage out;
    out.input = count_in(usage, "promptTokenCount");
    out.output = count_in(usage, "candidatesTokenCount");
    out.cache_read = count_in(usage, "cachedContentTokenCount");
    out.reasoning = count_in(usage, "thoughtsTokenCount");
    out.extra_input = count_in(usage, "toolUsePromptTokenCount");
    out.output_excludes_reasoning = true;
    return out;
}

ReportedUsage read_usage_object(const object& usage) {
    for (const auto read : {read_chat, read_messages, read_bedrock, read_gemini}) {
        const ReportedUsage reported = read(usage);
        if (!reported.empty()) return reported;
    }
    return {};
}

/// Respan's own fields at the top level of the record.
ReportedUsage read_flat(const TopLevel& top) {
    auto count = [&](Field field) {
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

/// Replicate's prediction object.
ReportedUsage read_replicate(const object& metrics) {
    ReportedUsage out;
    out.input = count_in(metrics, "input_token_count");
    out.output = count_in(metrics, "output_token_count");
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// By the stated provider, else by the model's name: xAI's own API says just "grok-…".
bool is_xai(std::string_view model, std::string_view provider) {
    const std::string by = lower(provider),
                      name = lower(model.substr(0, std::string_view("x-ai/grok-").size()));
    if (!by.empty()) return by == "xai" || by == "x-ai" || by == "x.ai";
    return name.starts_with("xai/") || name.starts_with("x-ai/") || name.starts_with("grok-");
}

ServiceTier tier_named(std::string_view tier) {
    for (const std::string_view standard : {"", "default", "standard", "auto", "standard_only", "on_demand"})
        if (tier == standard) return ServiceTier::standard;
    if (tier == "flex") return ServiceTier::flex;
    if (tier == "priority") return ServiceTier::priority;
    if (tier == "batch") return ServiceTier::batch;
    return ServiceTier::other;
}

/// `service_tier` of the answer's usage, which says what was billed, else of the request.
ServiceTier service_tier_of(const TopLevel& top) {
    object usage;
    std::string_view tier;
    const element* value = top.get(Field::usage);
    if (value && value->get(usage) == simdjson::SUCCESS &&
        usage.at_key("service_tier").get(tier) == simdjson::SUCCESS)
        return tier_named(tier);
    return tier_named(top.text(Field::service_tier));
}

bool is_running(std::string_view status) { return status == "starting" || status == "processing"; }

NormalisedUsage read_usage(const TopLevel& top, std::string_view model, std::string_view provider) {
    ReportedUsage reported;
    object inner;
    if (const element* usage = top.get(Field::usage)) {
        if (usage->get(inner) != simdjson::SUCCESS) return {UsageState::inconsistent, {}};
        reported = read_usage_object(inner);
        // xAI counts reasoning beside the completion, in chat form only.
        if (is_xai(model, provider) && count_in(inner, "completion_tokens").present())
            reported.output_excludes_reasoning = true;
    }
    if (reported.empty()) reported = read_flat(top);
    if (reported.empty()) {
        const element* metrics = top.get(Field::metrics);
        if (metrics && metrics->get(inner) == simdjson::SUCCESS) {
            if (is_running(top.text(Field::status))) return {UsageState::not_terminal, {}};
            reported = read_replicate(inner);
        }
    }
    return normalise(reported);
}

bool has_provider_cost(const TopLevel& top) {
    object usage;
    element cost;
    const element* value = top.get(Field::usage);
    return value && value->get(usage) == simdjson::SUCCESS &&
           usage.at_key("cost").get(cost) == simdjson::SUCCESS && (cost.is_number() || cost.is_object());
}

bool has_foreign_customer_params(const TopLevel& top) {
    const element* value = top.get(Field::customer_params);
    object params;
    if (!value || value->get(params) != simdjson::SUCCESS) return false;
    for (const auto member : params)
        if (!is_forwarded_customer_param(member.key)) return true;
    return false;
}

/// Fields that we add when they are absent: null and "" count as absent.
bool has_empty_fields(const TopLevel& top) {
    const element* id = top.get(Field::custom_identifier);
    return top.is_null(Field::cost) || top.is_null(Field::timestamp) ||
           top.is_null(Field::custom_identifier) ||
           (id && id->is_string() && top.text(Field::custom_identifier).empty());
}

}  // namespace

bool is_forwarded_customer_param(std::string_view name) {
    return name == "customer_identifier" || name == "name" || name == "email" || name == "metadata";
}

std::expected<ReadRecord, RejectReason> read_facts(const object& record) {
    TopLevel top;
    for (const auto member : record) {
        const Field field = field_of(member.key);
        if (field != Field::none && !top.put(field, member.value))
            return std::unexpected(RejectReason::duplicate_key);
    }
    ReadRecord read;
    RecordFacts& facts = read.facts;
    facts.model = top.text(Field::model);
    if (facts.model.empty()) return std::unexpected(RejectReason::no_model);
    facts.provider = top.text(Field::provider);
    facts.has_cost = top.get(Field::cost) != nullptr;
    facts.has_timestamp = top.get(Field::timestamp) != nullptr;
    facts.has_custom_identifier = top.get(Field::custom_identifier) != nullptr;
    facts.time = parse_rfc3339(top.text(facts.has_timestamp ? Field::timestamp : Field::start_time));
    const NormalisedUsage usage = read_usage(top, facts.model, facts.provider);
    facts.usage_state = usage.state;
    facts.usage = usage.usage;
    facts.service_tier = service_tier_of(top);
    read.provider_cost_present = !facts.has_cost && has_provider_cost(top);
    read.foreign_customer_params = has_foreign_customer_params(top);
    read.empty_fields = has_empty_fields(top);
    return read;
}

}  // namespace respand
