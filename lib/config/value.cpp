#include "config/value.hpp"

#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace respand::config {
namespace {

using std::chrono::microseconds;
using Fault = std::optional<std::string>;

/// Bytes of a path that fit into a socket address with their terminating zero.
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

std::string join(std::span<const std::string_view> words) {
    std::string text;
    for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + toml_string(word);
    return text;
}

/// What a value of this key looks like, as in "must be …".
std::string expectation(const Key& key) {
    switch (key.kind) {
        case Kind::text:
            return "a string";
        case Kind::path:
        case Kind::socket:
            return "an absolute path in quotes" +
                   (key.example.empty() ? "" : ", as in " + toml_string(key.example));
        case Kind::choice:
            return "one of " + join(key.choices);
        case Kind::count:
            return "a whole number from " + describe_range(key);
        case Kind::flag:
            return "true or false";
        case Kind::octal:
            return "permissions as an octal string, as in \"0660\"";
        case Kind::size:
            return "a size in quotes with its unit, as in \"64KiB\" or \"4GiB\"";
        case Kind::duration:
            return "a duration in quotes with its unit, as in \"200ms\" or \"10s\"";
        case Kind::texts:
            return "an array of strings, as in [\"a\", \"b\"]";
        case Kind::counts:
            return "an array of whole numbers, as in [1000, 1001]";
        case Kind::key_source:
        case Kind::optional_key_source:
            return "{ credential = NAME }, { file = PATH } or { env = NAME }";
    }
    return {};
}

std::string_view type_name(const RawValue& value) {
    struct Namer {
        std::string_view operator()(const std::string&) const { return "a string"; }
        std::string_view operator()(std::int64_t) const { return "an integer"; }
        std::string_view operator()(bool) const { return "a boolean"; }
        std::string_view operator()(Unfit unfit) const { return unfit.type; }
        std::string_view operator()(const RawList&) const { return "an array"; }
    };
    return std::visit(Namer{}, value);
}

Fault wrong_type(const Key& key, const RawValue& value) {
    return "must be " + expectation(key) + ", not " + std::string(type_name(value));
}

Fault out_of_range(const Key& key, const std::string& shown) {
    return shown + " is out of range; take " + describe_range(key);
}

bool within(const Range& range, std::int64_t value) {
    return value >= range.least && value <= range.greatest;
}

Fault assign_text(const Key& key, const std::string& text, std::string& to) {
    if (text.empty() && !key.may_be_empty) return "must not be empty";
    if (std::ranges::any_of(text, is_control)) return "must not hold control characters";
    if (!text.empty() && (key.kind == Kind::path || key.kind == Kind::socket)) {
        if (!text.starts_with('/'))
            return "must be an absolute path (it starts with /): a relative one depends on where respand is "
                   "started";
        if (text.ends_with('/') && key.kind == Kind::socket) return "must name a file, not a directory";
        if (key.kind == Kind::socket && text.size() > kMaxSocketPath)
            return "has " + std::to_string(text.size()) + " bytes; the path of a socket has at most " +
                   std::to_string(kMaxSocketPath);
    }
    if (key.check != nullptr)
        if (Fault fault = key.check(text)) return fault;
    to = text;
    return std::nullopt;
}

Fault assign_choice(const Key& key, const std::string& text, const Slot& slot) {
    const auto found = std::ranges::find(key.choices, text);
    if (found == key.choices.end()) return "must be " + expectation(key);
    const auto index = found - key.choices.begin();
    if (auto* const* mode = std::get_if<upload::Mode*>(&slot))
        **mode = static_cast<upload::Mode>(index);
    else if (auto* const* policy = std::get_if<spool::FullPolicy*>(&slot))
        **policy = static_cast<spool::FullPolicy>(index);
    else if (auto* const* format = std::get_if<LogFormat*>(&slot))
        **format = static_cast<LogFormat>(index);
    else
        *std::get<std::string*>(slot) = text;
    return std::nullopt;
}

Fault assign_octal(const Key& key, const std::string& text, std::uint32_t& to) {
    const std::string_view digits = std::string_view(text).substr(text.size() == 4 && text[0] == '0' ? 1 : 0);
    if (digits.size() != 3 || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '7'; }))
        return "must be " + expectation(key);
    to = 0;
    for (const char digit : digits) to = to * 8 + static_cast<std::uint32_t>(digit - '0');
    return std::nullopt;
}

Fault assign_size(const Key& key, const std::string& text, ByteCount& to) {
    const auto size = parse_byte_count(text);
    if (!size) return "must be " + expectation(key);
    if (size->value > static_cast<std::uint64_t>(key.range.greatest) ||
        !within(key.range, static_cast<std::int64_t>(size->value)))
        return out_of_range(key, format(*size));
    to = *size;
    return std::nullopt;
}

Fault assign_duration(const Key& key, const std::string& text, microseconds& to) {
    const auto duration = parse_duration(text);
    if (!duration) return "must be " + expectation(key);
    if (!within(key.range, duration->count())) return out_of_range(key, format(*duration));
    to = *duration;
    return std::nullopt;
}

/// Lists. More than this is no list that somebody looks after.
constexpr std::size_t kMaxListed = 10'000;

Fault assign_list(const Key& key, const RawValue& value, const Slot& slot) {
    const auto* list = std::get_if<RawList>(&value);
    if (list == nullptr) return wrong_type(key, value);
    const bool other = key.kind == Kind::texts ? !list->numbers.empty() : !list->texts.empty();
    if (list->mixed || other) return "must be " + expectation(key) + " and hold nothing else";
    if (std::max(list->texts.size(), list->numbers.size()) > kMaxListed)
        return "has more than " + std::to_string(kMaxListed) + " elements";
    if (key.kind == Kind::texts) {
        for (const std::string& text : list->texts)
            if (std::ranges::any_of(text, is_control)) return "must not hold control characters";
        *std::get<std::vector<std::string>*>(slot) = list->texts;
        return std::nullopt;
    }
    std::vector<std::uint32_t> numbers;
    for (const std::int64_t number : list->numbers) {
        if (!within(key.range, number))
            return "holds " + std::to_string(number) + ", which is out of range; take " + describe_range(key);
        numbers.push_back(static_cast<std::uint32_t>(number));
    }
    *std::get<std::vector<std::uint32_t>*>(slot) = std::move(numbers);
    return std::nullopt;
}

std::string list_to_toml(const Key& key, const Slot& slot) {
    std::string out;
    const auto add = [&out](const std::string& element) { out += (out.empty() ? "" : ", ") + element; };
    if (key.kind == Kind::texts)
        for (const std::string& text : *std::get<std::vector<std::string>*>(slot)) add(toml_string(text));
    else
        for (const std::uint32_t number : *std::get<std::vector<std::uint32_t>*>(slot))
            add(std::to_string(number));
    return "[" + out + "]";
}

std::string choice_name(const Key& key, const Slot& slot) {
    if (auto* const* mode = std::get_if<upload::Mode*>(&slot))
        return std::string(key.choices[static_cast<std::size_t>(**mode)]);
    if (auto* const* policy = std::get_if<spool::FullPolicy*>(&slot))
        return std::string(key.choices[static_cast<std::size_t>(**policy)]);
    if (auto* const* format_slot = std::get_if<LogFormat*>(&slot))
        return std::string(key.choices[static_cast<std::size_t>(**format_slot)]);
    return *std::get<std::string*>(slot);
}

std::string to_toml(const KeySource& source) {
    struct Printer {
        std::string operator()(const CredentialSource& s) const {
            return "credential = " + toml_string(s.name);
        }
        std::string operator()(const FileSource& s) const { return "file = " + toml_string(s.path); }
        std::string operator()(const VariableSource& s) const { return "env = " + toml_string(s.name); }
    };
    return "{ " + std::visit(Printer{}, source) + " }";
}

}  // namespace

std::optional<std::string> assign(const Key& key, const RawValue& value, const Slot& slot) {
    if (key.kind == Kind::count) {
        const auto* number = std::get_if<std::int64_t>(&value);
        if (number == nullptr) return wrong_type(key, value);
        if (!within(key.range, *number)) return out_of_range(key, std::to_string(*number));
        *std::get<std::uint32_t*>(slot) = static_cast<std::uint32_t>(*number);
        return std::nullopt;
    }
    if (key.kind == Kind::flag) {
        const auto* flag = std::get_if<bool>(&value);
        if (flag == nullptr) return wrong_type(key, value);
        *std::get<bool*>(slot) = *flag;
        return std::nullopt;
    }
    if (key.kind == Kind::texts || key.kind == Kind::counts) return assign_list(key, value, slot);
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return wrong_type(key, value);
    switch (key.kind) {
        case Kind::choice:
            return assign_choice(key, *text, slot);
        case Kind::octal:
            return assign_octal(key, *text, *std::get<std::uint32_t*>(slot));
        case Kind::size:
            return assign_size(key, *text, *std::get<ByteCount*>(slot));
        case Kind::duration:
            return assign_duration(key, *text, *std::get<microseconds*>(slot));
        default:
            return assign_text(key, *text, *std::get<std::string*>(slot));
    }
}

std::string to_toml(const Key& key, const Slot& slot) {
    switch (key.kind) {
        case Kind::count:
            return std::to_string(*std::get<std::uint32_t*>(slot));
        case Kind::flag:
            return *std::get<bool*>(slot) ? "true" : "false";
        case Kind::octal: {
            std::array<char, 16> text{};
            std::snprintf(text.data(), text.size(), "\"%04o\"", *std::get<std::uint32_t*>(slot));
            return text.data();
        }
        case Kind::size:
            return toml_string(format(*std::get<ByteCount*>(slot)));
        case Kind::duration:
            return toml_string(format(*std::get<microseconds*>(slot)));
        case Kind::choice:
            return toml_string(choice_name(key, slot));
        case Kind::texts:
        case Kind::counts:
            return list_to_toml(key, slot);
        case Kind::key_source:
            return to_toml(*std::get<KeySource*>(slot));
        case Kind::optional_key_source: {
            const auto& source = *std::get<std::optional<KeySource>*>(slot);
            return source ? to_toml(*source) : toml_string("");
        }
        default:
            return toml_string(*std::get<std::string*>(slot));
    }
}

std::string toml_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (is_control(c)) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(c));
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string describe_range(const Key& key) {
    switch (key.kind) {
        case Kind::count:
            return std::to_string(key.range.least) + " to " + std::to_string(key.range.greatest);
        case Kind::size:
            return format(ByteCount{static_cast<std::uint64_t>(key.range.least)}) + " to " +
                   format(ByteCount{static_cast<std::uint64_t>(key.range.greatest)});
        case Kind::duration:
            return format(microseconds{key.range.least}) + " to " + format(microseconds{key.range.greatest});
        case Kind::path:
        case Kind::socket:
            return key.may_be_empty ? "absolute path or empty" : "absolute path";
        case Kind::octal:
            return "octal permissions";
        case Kind::choice: {
            std::string all;
            for (const std::string_view choice : key.choices)
                all += (all.empty() ? "" : ", ") + toml_string(choice);
            return all;
        }
        case Kind::flag:
            return "true, false";
        case Kind::text:
            return "text";
        case Kind::texts:
            return "array of texts";
        case Kind::counts:
            return "array of numbers from " + std::to_string(key.range.least) + " to " +
                   std::to_string(key.range.greatest);
        case Kind::key_source:
            return "a source";
        case Kind::optional_key_source:
            return "a source or empty";
    }
    return {};
}

}  // namespace respand::config
