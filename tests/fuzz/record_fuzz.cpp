// The record parser against another JSON parser and against its own promises.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "check.hpp"
#include "record/compose.hpp"
#include "record/json_text.hpp"
#include "record/metadata.hpp"
#include "record/record_parser.hpp"
#include "record/scrub.hpp"

namespace {

using namespace respand;
using Json = nlohmann::json;

/// The text as another parser can read it: numbers beyond its range are masked.
Json read_by_other(std::string_view text) {
    const auto masked = with_huge_numbers_masked(text);
    return Json::parse(masked ? *masked : std::string(text), nullptr, false);
}

bool holds_secret(const Json& value) {
    if (value.is_object()) {
        for (const auto& [key, inner] : value.items())
            if (is_secret_name(key) || holds_secret(inner)) return true;
    } else if (value.is_array()) {
        for (const auto& inner : value)
            if (holds_secret(inner)) return true;
    }
    return false;
}

bool is_record(const Json& value) {
    return value.is_object() && value.contains("model") && value["model"].is_string() &&
           !value["model"].get_ref<const std::string&>().empty();
}

/// What is priced is disjoint, bounded, and nothing unless it was found to be consistent.
void check_usage(const RecordFacts& facts) {
    const TokenUsage& u = facts.usage;
    const bool nothing = u == TokenUsage{} && !facts.units.any();
    FUZZ_CHECK(facts.usage_state == UsageState::present || nothing);
    FUZZ_CHECK(facts.end != CallEnd::aborted || nothing);
    for (const std::uint64_t bucket :
         {u.input_text, u.cache_read, u.cache_write_5m, u.cache_write_1h, u.input_audio, u.input_image,
          u.input_video, u.cache_read_audio, u.cache_read_image, u.cache_read_video, u.output_text,
          u.reasoning, u.output_audio, u.output_image, u.output_video, u.citation})
        FUZZ_CHECK(bucket <= kMaxCount);
    FUZZ_CHECK(u.input_total() <= kMaxCount);
    FUZZ_CHECK(u.output_text + u.reasoning + u.output_audio + u.output_image + u.output_video <= kMaxCount);
}

struct Parsed {
    bool accepted = false;
    RejectReason reason{};
    std::string text;
    std::uint32_t removed = 0;
    TokenUsage usage;
    UnitUsage units;
};

Parsed parse(std::string_view text) {
    static RecordParser parser;
    std::string padded(text);
    padded.append(kRecordPadding, '"');  // what lies behind a record must not matter
    const auto record = parser.parse({padded.data(), text.size()});
    if (!record) return {false, record.error(), {}, 0, {}, {}};
    FUZZ_CHECK(!record->facts.model.empty());
    check_usage(record->facts);
    return {true,
            {},
            std::string(record->text),
            record->secrets_removed,
            record->facts.usage,
            record->facts.units};
}

/// What an annotation does to a record: metadata that is there, null or absent gets our members, nothing else
/// changes.
bool annotated_well(const Json& record, std::string_view text) {
    std::string out;
    append_record(out, text, {.metadata = R"("respand_cost_source":"app")"});
    Json expected = record;
    if (!expected.contains("metadata") || expected["metadata"].is_null())
        expected["metadata"] = Json::object();
    if (expected["metadata"].is_object()) {
        for (const std::string_view name : annotation::kAll) expected["metadata"].erase(std::string(name));
        expected["metadata"]["respand_cost_source"] = "app";
    }
    return read_by_other(out) == expected;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Parsed first = parse(text);
    // The other parser skips a byte order mark and stops at a NUL; we refuse both.
    const bool read_otherwise = text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos;
    const Json before = read_by_other(text);
    if (!first.accepted) {
        const bool by_other_rules = first.reason == RejectReason::too_deep ||
                                    first.reason == RejectReason::duplicate_key || read_otherwise;
        FUZZ_CHECK(by_other_rules || !is_record(before));
        return 0;
    }
    FUZZ_CHECK(is_record(before));
    const Json after = read_by_other(first.text);
    FUZZ_CHECK(is_record(after));
    FUZZ_CHECK(!holds_secret(after));
    FUZZ_CHECK(annotated_well(after, first.text));
    const Parsed second = parse(first.text);
    FUZZ_CHECK(second.accepted);
    FUZZ_CHECK(second.text == first.text);
    FUZZ_CHECK(second.usage == first.usage && second.units == first.units);
    FUZZ_CHECK(second.removed == 0);
    return 0;
}
