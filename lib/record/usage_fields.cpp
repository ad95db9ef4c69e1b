#include "record/usage_fields.hpp"

#include <bitset>
#include <string_view>

#include "record/caller.hpp"

namespace respand {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr auto kGood = simdjson::SUCCESS;

std::string_view text_of(const element& value) {
    std::string_view text;
    return value.get(text) == kGood ? text : std::string_view{};
}

/// One walk over a `usage` object.
class Walk {
  public:
    explicit Walk(UsageFields& fields) : fields_(fields) {}

    bool object_of(const object& from, const UsageIndex& names) {
        std::bitset<UsageIndex::kMaxNames> seen;
        for (const auto member : from) {
            const std::size_t at = names.find(member.key);
            if (at == UsageIndex::kNone) continue;
            if (seen.test(at)) return false;
            seen.set(at);
            if (!member.value.is_null() && !take(names.meaning(at), member.value)) return false;
        }
        return true;
    }

    /// What is known only when all was seen.
    void finish() {
        if (billed_elsewhere_) fields_.has_cost = false;
        if (other_prices_) fields_.tier = ServiceTier::other;
    }

  private:
    bool take(const UsageName& name, const element& value) {
        switch (name.kind) {
            case Kind::tokens:
                put(name.slot, count_of(value));
                return true;
            case Kind::whole_units:
                put(name.slot, whole_units_of(value));
                return true;
            case Kind::units:
                put(name.slot, units_of(value));
                return true;
            case Kind::media:
                return media_of(value, name.slot);
            case Kind::lifetimes:
                return lifetimes_of(value);
            case Kind::input_details:
                // Gemini's Python SDK gives OpenAI's name to its own list.
                if (value.is_array()) return media_of(value, Slot::input_audio);
                [[fallthrough]];
            case Kind::output_details:
            case Kind::cached_details:
            case Kind::write_split:
            case Kind::server_tools: {
                object inner;
                return value.get(inner) == kGood && object_of(inner, names_inside(name.kind));
            }
            default:
                take_remark(name.kind, value);
                return true;
        }
    }

    /// What is no count. Of a wrong type it says nothing.
    void take_remark(Kind kind, const element& value) {
        const std::string_view text = text_of(value);
        switch (kind) {
            case Kind::cost:
                fields_.has_cost = value.is_number() || value.is_object() || !text.empty();
                break;
            case Kind::own_key:
                billed_elsewhere_ = value.is_bool() && value.get_bool().value_unsafe();
                break;
            case Kind::tier:
                if (!text.empty()) fields_.tier = service_tier_named(text);
                break;
            case Kind::premium:
                if (!text.empty() && text != "standard") other_prices_ = true;
                break;
            case Kind::region:
                if (!text.empty() && text != "global" && text != "not_available") other_prices_ = true;
                break;
            default:
                if (text == "low") fields_.search_context = SearchContext::low;
                if (text == "medium") fields_.search_context = SearchContext::medium;
                if (text == "high") fields_.search_context = SearchContext::high;
        }
    }

    /// A count that stands there under several names must be the same.
    void put(Slot slot, Count count) {
        Count& kept = fields_.counts[static_cast<std::size_t>(slot)];
        kept = merged(kept, count);
    }
    void add(Slot slot, Count count) {
        Count& kept = fields_.counts[static_cast<std::size_t>(slot)];
        if (count.is_bad() || kept.is_bad())
            kept = Count::wrong();
        else
            kept = Count::of(kept.or_zero() + count.or_zero());
    }

    /// Gemini's {modality, tokenCount}: pages of documents are billed as images.
    bool media_of(const element& value, Slot audio) {
        array list;
        if (value.get(list) != kGood) return false;
        for (const element item : list) {
            object entry;
            if (item.get(entry) != kGood) return false;
            std::string_view modality;
            Count count;
            for (const auto member : entry) {
                if (member.key == "modality") modality = text_of(member.value);
                if (member.key == "tokenCount" || member.key == "token_count") count = count_of(member.value);
            }
            const auto first = static_cast<std::size_t>(audio);
            if (modality == "AUDIO")
                add(audio, count);
            else if (modality == "IMAGE" || modality == "DOCUMENT")
                add(static_cast<Slot>(first + 1), count);
            else if (modality == "VIDEO")
                add(static_cast<Slot>(first + 2), count);
            else if ((modality != "TEXT" && modality != "MODALITY_UNSPECIFIED") || count.is_bad())
                return false;
        }
        return true;
    }

    /// Bedrock's {ttl, inputTokens}.
    bool lifetimes_of(const element& value) {
        array list;
        if (value.get(list) != kGood) return false;
        for (const element item : list) {
            object entry;
            if (item.get(entry) != kGood) return false;
            std::string_view lifetime;
            Count count;
            for (const auto member : entry) {
                if (member.key == "ttl") lifetime = text_of(member.value);
                if (member.key == "inputTokens") count = count_of(member.value);
            }
            if (lifetime != "5m" && lifetime != "1h") return false;
            add(lifetime == "5m" ? Slot::write_5m : Slot::write_1h, count);
        }
        return true;
    }

    UsageFields& fields_;
    bool billed_elsewhere_ = false;
    bool other_prices_ = false;
};

}  // namespace

bool UsageFields::read(const object& usage) {
    Walk walk(*this);
    if (!walk.object_of(usage, usage_names())) return false;
    walk.finish();
    return true;
}

}  // namespace respand
