// The counts that stand in a `usage` object, before anything is concluded from them. Private to the record
// room.
#pragma once
#include <simdjson.h>

#include <array>
#include <optional>

#include "record/count.hpp"
#include "record/usage_names.hpp"

namespace respand {

struct UsageFields {
    std::array<Count, kSlots> counts{};
    SearchContext search_context = SearchContext::not_stated;
    std::optional<ServiceTier> tier;
    bool has_cost = false;

    Count at(Slot slot) const { return counts[static_cast<std::size_t>(slot)]; }

    /// Walks the object and what it nests once. False: a name that is read stands twice in one object, or
    /// something that should hold counts is of another type.
    bool read(const simdjson::dom::object& usage);
};

}  // namespace respand
