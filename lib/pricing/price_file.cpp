#include "pricing/price_file.hpp"

#include <algorithm>

namespace respand::pricing {

bool ModelDraft::has_prices() const {
    return !hardware.empty() ||
           std::ranges::any_of(periods, [](const PricePeriod& period) { return period.mask() != 0; });
}

Result<PriceFile> read_price_file(std::string_view json, FileWarnings& warnings) {
    Result<JsonText> root = parse_json_text(json, warnings.file());
    if (!root) return std::unexpected(std::move(root.error()));
    if (root->kind == JsonText::Kind::object) {
        if (root->find("format") != nullptr) return read_own_format(*root, warnings);
        if (looks_like_litellm(*root)) return read_litellm_format(*root, warnings);
    }
    return fail(ErrorKind::data,
                warnings.file() + ": not a price table: expected an object with \"format\": \"" +
                    std::string(kOwnFormat) + "\", or LiteLLM's model_prices_and_context_window.json");
}

std::optional<Money> read_price(const JsonText& value, int power) {
    if (value.kind != JsonText::Kind::number && value.kind != JsonText::Kind::string) return std::nullopt;
    return Money::parse(value.text, power);
}

std::string shown(const JsonText& value) {
    constexpr std::size_t kMaxShownBytes = 40;
    switch (value.kind) {
        case JsonText::Kind::null:
            return "null";
        case JsonText::Kind::object:
            return "an object";
        case JsonText::Kind::array:
            return "a list";
        case JsonText::Kind::string:
            return '"' + value.text.substr(0, kMaxShownBytes) + '"';
        case JsonText::Kind::boolean:
        case JsonText::Kind::number:
            break;
    }
    return value.text.substr(0, kMaxShownBytes);
}

namespace {

constexpr char lower_of(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered) c = lower_of(c);
    return lowered;
}

bool is_lower_of(std::string_view lowered, std::string_view text) {
    return std::ranges::equal(lowered, text, {}, {}, lower_of);
}

}  // namespace respand::pricing
