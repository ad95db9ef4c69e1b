#include "record/top_level.hpp"

#include "record/name_index.hpp"

namespace respand {
namespace {

using Row = Named<Field>;

constexpr std::array kNames{
    Row{"model", Field::model},
    Row{"provider", Field::provider},
    Row{"provider_id", Field::provider_id},
    Row{"cost", Field::cost},
    Row{"timestamp", Field::timestamp},
    Row{"start_time", Field::start_time},
    Row{"completed_at", Field::completed_at},
    Row{"created_at", Field::created_at},
    Row{"custom_identifier", Field::custom_identifier},
    Row{"record_id", Field::record_id},
    Row{"customer_identifier", Field::customer_identifier},
    Row{"customer_params", Field::customer_params},
    Row{"usage", Field::usage},
    Row{"usageMetadata", Field::usage_metadata},
    Row{"usage_info", Field::usage_info},
    Row{"metrics", Field::metrics},
    Row{"status", Field::status},
    Row{"hardware", Field::hardware},
    Row{"output", Field::output},
    Row{"service_tier", Field::service_tier},
    Row{"prompt_tokens", Field::prompt_tokens},
    Row{"completion_tokens", Field::completion_tokens},
    Row{"prompt_cache_hit_tokens", Field::cache_hit},
    Row{"prompt_cache_creation_tokens", Field::cache_creation},
    Row{"reasoning_tokens", Field::reasoning},
};
constexpr NameIndex<Field> kIndex{kNames};

}  // namespace

bool TopLevel::read(const simdjson::dom::object& record) {
    for (const auto member : record) {
        const std::size_t at = kIndex.find(member.key);
        if (at == kIndex.kNone) continue;
        const auto field = static_cast<std::size_t>(kIndex.meaning(at));
        if (present_.test(field)) return false;
        present_.set(field);
        values_[field] = member.value;
    }
    return true;
}

std::string_view TopLevel::text(Field field) const {
    const simdjson::dom::element* value = get(field);
    std::string_view out;
    if (value && value->get(out) != simdjson::SUCCESS) out = {};
    return out;
}

}  // namespace respand
