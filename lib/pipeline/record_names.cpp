#include "pipeline/record_names.hpp"

#include "record/json_text.hpp"

namespace respand::pipeline {
namespace {

/// A string's text between its quotes. Escapes are left as they are written, which is good enough for a
/// label.
std::string unquoted(std::string_view value) {
    const bool string = value.size() >= 2 && value.front() == '"';
    return string ? std::string(value.substr(1, value.size() - 2)) : std::string{};
}

}  // namespace

RecordNames names_of(std::string_view record) {
    RecordNames names;
    if (!record.starts_with('{')) return names;
    for_each_member(record, 0, [&](const MemberSpan& member) {
        const std::string_view value =
            record.substr(member.value_begin, member.value_end - member.value_begin);
        if (has_key(member, "model")) names.model = unquoted(value);
        if (has_key(member, "custom_identifier")) names.id = unquoted(value);
    });
    return names;
}

}  // namespace respand::pipeline
