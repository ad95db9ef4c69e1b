#include "record/record_parser.hpp"

#include <simdjson.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

#include "base/rfc3339.hpp"
#include "record/facts_reader.hpp"
#include "record/json_text.hpp"
#include "record/scrub.hpp"

namespace respand {
namespace {

static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING);

/// Records up to this size are parsed with memory that is kept; larger ones with memory of their own, given
/// back after.
constexpr std::size_t kKeptCapacity = 256 * 1024;
/// Passes over a record with secrets. One finds all of them in text that is JSON at every depth.
constexpr int kMaxCleanings = 4;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kWhiteSpace = " \n\r\t";
    const std::size_t first = text.find_first_not_of(kWhiteSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

RejectReason reason_of(simdjson::error_code error) {
    switch (error) {
        case simdjson::DEPTH_ERROR:
            return RejectReason::too_deep;
        case simdjson::UTF8_ERROR:
            return RejectReason::not_utf8;
        case simdjson::EMPTY:
            return RejectReason::empty;
        case simdjson::CAPACITY:
            return RejectReason::too_large;
        default:
            return RejectReason::not_json;
    }
}

/// What stands between the quotes of a text; anything else as it is.
std::string_view unquoted(std::string_view value) {
    return value.starts_with('"') ? value.substr(1, value.size() - 2) : value;
}

std::string_view value_of(std::string_view text, const MemberSpan& member) {
    return text.substr(member.value_begin, member.value_end - member.value_begin);
}

/// True for the fields that we add when they are absent and that stand there as null or "", or are a cost
/// that is no amount.
bool is_empty_field(std::string_view text, const MemberSpan& member) {
    const std::string_view value = value_of(text, member);
    if (has_key(member, "cost")) return !is_amount_text(unquoted(value));
    const bool is_id = has_key(member, "custom_identifier");
    if (value == "null") return is_id || has_key(member, "timestamp");
    return is_id && value == "\"\"";
}

/// What the server takes as a number or as a text alone, in that form; nothing: it is so already, or can't
/// be.
std::optional<std::string> in_form(std::string_view text, const MemberSpan& member) {
    const std::string_view value = value_of(text, member);
    if (has_key(member, "cost") && value.starts_with('"')) return std::string(unquoted(value));
    const bool is_time = has_key(member, "timestamp") || has_key(member, "start_time");
    if (!is_time || !is_amount_text(value)) return std::nullopt;
    double number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    const auto time = time_since_1970(number);
    return time ? std::optional('"' + format_rfc3339(*time) + '"') : std::nullopt;
}

/// Without empty fields, and with the others as the server takes them.
std::string with_fields_mended(std::string_view text) {
    const std::string left =
        without_members(text, 0, [&](const MemberSpan& member) { return is_empty_field(text, member); });
    return with_values(left, 0, [&](const MemberSpan& member) { return in_form(left, member); });
}

/// `customer_params` reduced to what may be forwarded.
std::string with_forwarded_customer_params(std::string_view text) {
    std::string out;
    for_each_member(text, 0, [&](const MemberSpan& member) {
        if (!has_key(member, "customer_params")) return;
        const std::string_view params =
            text.substr(member.value_begin, member.value_end - member.value_begin);
        out.assign(text.substr(0, member.value_begin));
        out += without_members(params, 0,
                               [](const MemberSpan& m) { return !is_forwarded_customer_param(m.raw_key); });
        out += text.substr(member.value_end);
    });
    return out.empty() ? std::string(text) : out;
}

/// The decimal text of `usage.cost` or `usage.cost.total_cost`; empty when neither is a number, or the text
/// of one.
std::string_view provider_cost_text(std::string_view text) {
    auto value_of = [&](std::size_t object, std::string_view key) {
        std::size_t at = text.size();
        if (object < text.size() && text[object] == '{')
            for_each_member(text, object, [&](const MemberSpan& m) {
                if (has_key(m, key)) at = m.value_begin;
            });
        return at;
    };
    std::size_t at = value_of(value_of(0, "usage"), "cost");
    if (at < text.size() && text[at] == '{') at = value_of(at, "total_cost");
    const std::string_view value = unquoted(text.substr(at, skip_value(text, at) - at));
    return is_amount_text(value) ? value : std::string_view{};
}

}  // namespace

struct RecordParser::Impl {
    Impl() { dom_ready = kept.allocate(kKeptCapacity, kMaxRecordDepth) == simdjson::SUCCESS; }

    /// Parses and reads `text`. Numbers beyond machine types are no fault: they are passed through unread.
    std::expected<ReadRecord, RejectReason> read(std::string_view text) {
        simdjson::dom::element root;
        simdjson::error_code error = parse_dom(text, root);
        if (error == simdjson::NUMBER_ERROR) {
            if (auto copy = with_huge_numbers_masked(text)) {
                masked = std::move(*copy);
                masked.append(kRecordPadding, ' ');
                error = parse_dom({masked.data(), text.size()}, root);
            }
        }
        if (error != simdjson::SUCCESS) return std::unexpected(reason_of(error));
        simdjson::dom::object object;
        if (root.get(object) != simdjson::SUCCESS) return std::unexpected(RejectReason::not_object);
        return read_facts(object);
    }

    simdjson::error_code parse_dom(std::string_view text, simdjson::dom::element& root) {
        simdjson::dom::parser* parser = &kept;
        if (text.size() > kKeptCapacity || !dom_ready) {
            large = std::make_unique<simdjson::dom::parser>();
            if (const auto error = large->allocate(text.size(), kMaxRecordDepth); error != simdjson::SUCCESS)
                return error;
            parser = large.get();
        }
        return parser->parse(text.data(), text.size(), false).get(root);
    }

    /// Replaces the record's text by a changed copy, which lives here until the next record.
    std::string_view keep(std::string changed) {
        cleaned = std::move(changed);
        const std::size_t size = cleaned.size();
        cleaned.append(kRecordPadding, ' ');
        return {cleaned.data(), size};
    }

    /// The text with plain quotes, in `plain` when that is another one.
    static std::string_view plainly_quoted(std::string_view text, std::string& plain) {
        if (!has_escaped_quotes(text)) return text;
        plain = with_plain_quotes(text);
        plain.append(kRecordPadding, ' ');
        return {plain.data(), plain.size() - kRecordPadding};
    }

    /// Cuts secrets from the record's text; true when there were some. The text with plain quotes is kept
    /// only then.
    bool clean_once(ParsedRecord& record) {
        std::string plain;
        const std::string_view text = plainly_quoted(record.text, plain);
        if (!has_secrets(text)) return false;
        std::size_t removed = 0;
        std::string changed = without_secrets(text, removed);
        if (removed == 0) return false;
        record.secrets_removed += static_cast<std::uint32_t>(removed);
        record.text = keep(std::move(changed));
        return true;
    }

    /// The same until there are none: a cut in broken text can bring quotes together that then name a secret.
    bool clean_fully(ParsedRecord& record) {
        int passes = 0;
        while (passes < kMaxCleanings && clean_once(record)) ++passes;
        return passes > 0;
    }

    /// All secrets out; true when there were some. What was read before is gone then.
    bool clean(ParsedRecord& record) {
        const std::string_view original = record.text;
        if (!clean_fully(record)) return false;
        if (read(record.text)) return true;
        // A string that only looks like JSON did not survive a cut: it goes as a whole, the record does not.
        std::string plain;
        std::size_t removed = 0;
        record.text = keep(without_secret_strings(plainly_quoted(original, plain), removed));
        record.secrets_removed = static_cast<std::uint32_t>(removed);
        clean_fully(record);
        return true;
    }

    /// Gives back what a large record needed.
    void forget_large() {
        large.reset();
        if (cleaned.capacity() > kKeptCapacity) std::string{}.swap(cleaned);
        if (masked.capacity() > kKeptCapacity) std::string{}.swap(masked);
    }

    simdjson::dom::parser kept;
    bool dom_ready = false;
    std::unique_ptr<simdjson::dom::parser> large;
    std::string cleaned, masked;
};

RecordParser::RecordParser() : impl_(std::make_unique<Impl>()) {}
RecordParser::~RecordParser() = default;

std::expected<ParsedRecord, RejectReason> RecordParser::parse(std::string_view text) {
    impl_->forget_large();
    if (text.size() > kMaxRecordBytes) return std::unexpected(RejectReason::too_large);
    ParsedRecord record;
    record.text = trimmed(text);
    if (record.text.empty()) return std::unexpected(RejectReason::empty);
    auto read = impl_->read(record.text);
    if (!read) return std::unexpected(read.error());

    bool changed = impl_->clean(record);
    if (read->foreign_customer_params) {
        record.text = impl_->keep(with_forwarded_customer_params(record.text));
        changed = true;
    }
    if (read->fields_to_mend) {
        record.text = impl_->keep(with_fields_mended(record.text));
        changed = true;
    }
    if (changed) {  // what is stored is what was checked: never trust an edit
        read = impl_->read(record.text);
        if (!read) return std::unexpected(read.error());
    }
    if (read->provider_cost_present) read->facts.provider_cost = provider_cost_text(record.text);
    record.facts = read->facts;
    return record;
}

std::optional<std::size_t> json_fault_offset(std::string_view text) {
    struct Handler final : nlohmann::json_sax<nlohmann::json> {
        std::size_t offset = 0;
        bool null() override { return true; }
        bool boolean(bool) override { return true; }
        bool number_integer(number_integer_t) override { return true; }
        bool number_unsigned(number_unsigned_t) override { return true; }
        bool number_float(number_float_t, const string_t&) override { return true; }
        bool string(string_t&) override { return true; }
        bool binary(binary_t&) override { return true; }
        bool start_object(std::size_t) override { return true; }
        bool key(string_t&) override { return true; }
        bool end_object() override { return true; }
        bool start_array(std::size_t) override { return true; }
        bool end_array() override { return true; }
        bool parse_error(std::size_t position, const std::string&,
                         const nlohmann::detail::exception&) override {
            offset = position;
            return false;
        }
    } handler;
    if (nlohmann::json::sax_parse(text, &handler)) return {};
    return handler.offset;
}

}  // namespace respand
