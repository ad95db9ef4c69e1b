// The top-level members of a record that are acted on. Private to the record room.
#pragma once
#include <simdjson.h>

#include <array>
#include <bitset>
#include <string_view>

namespace respand {

enum class Field : std::uint8_t {
    model,
    provider,
    provider_id,
    cost,
    timestamp,
    start_time,
    completed_at,
    created_at,
    custom_identifier,
    record_id,
    customer_identifier,
    customer_params,
    usage,
    usage_metadata,
    usage_info,
    metrics,
    status,
    hardware,
    output,
    service_tier,
    prompt_tokens,
    completion_tokens,
    cache_hit,
    cache_creation,
    reasoning,
    none,
};

/// Their elements. Everything else is passed through unread.
class TopLevel {
  public:
    /// Walks the record once. False: a member that is acted on stands twice.
    bool read(const simdjson::dom::object& record);

    /// Null counts as absent.
    const simdjson::dom::element* get(Field field) const {
        const auto i = static_cast<std::size_t>(field);
        return present_.test(i) && !values_[i].is_null() ? &values_[i] : nullptr;
    }
    bool is_null(Field field) const {
        const auto i = static_cast<std::size_t>(field);
        return present_.test(i) && values_[i].is_null();
    }
    /// Empty when it is absent or no string.
    std::string_view text(Field field) const;

  private:
    static constexpr std::size_t kFields = static_cast<std::size_t>(Field::none);
    std::bitset<kFields> present_;
    std::array<simdjson::dom::element, kFields> values_{};
};

}  // namespace respand
