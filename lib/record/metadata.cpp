#include "record/metadata.hpp"

#include <algorithm>
#include <vector>

#include "record/json_text.hpp"

namespace respand {
namespace {

constexpr std::string_view kMetadata = "metadata";

/// False only when no member can be called metadata: its letters stand there as they are, or as \u escapes.
bool may_have_metadata(std::string_view text) {
    return text.find("metadata\"") != std::string_view::npos || text.find("\\u") != std::string_view::npos;
}

bool is_ours(const MemberSpan& member) {
    return std::ranges::any_of(annotation::kAll,
                               [&](std::string_view name) { return has_key(member, name); });
}

/// Appends the object without what is ours, and with `members` before the rest.
void append_object(std::string& out, std::string_view object, std::string_view members) {
    bool forged = false;
    for_each_member(object, 0, [&](const MemberSpan& member) { forged = forged || is_ours(member); });
    std::string cleaned;
    if (forged) {
        cleaned = without_members(object, 0, is_ours);
        object = cleaned;
    }
    out.append("{").append(members);
    const bool more = object[skip_white_space(object, 1)] != '}';
    if (more && !members.empty()) out.push_back(',');
    out.append(object.substr(1));
}

/// How many bytes the escaped character that starts at `pos` takes, and how long it is unescaped.
struct Piece {
    std::size_t bytes;
    std::string escaped;
};
Piece piece_at(std::string_view text, std::size_t pos) {
    const auto c = static_cast<unsigned char>(text[pos]);
    constexpr std::string_view kHex = "0123456789abcdef";
    if (c == '"' || c == '\\') return {1, {'\\', text[pos]}};
    if (c < 0x20) return {1, {'\\', 'u', '0', '0', kHex[c >> 4U], kHex[c & 0xfU]}};
    std::size_t bytes = 1;
    while (pos + bytes < text.size() && (static_cast<unsigned char>(text[pos + bytes]) & 0xc0U) == 0x80)
        ++bytes;  // whole characters
    return {bytes, std::string(text.substr(pos, bytes))};
}

}  // namespace

void append_text_member(std::string& out, std::string_view name, std::string_view value, std::size_t most) {
    if (!out.empty()) out.push_back(',');
    out.append("\"").append(name).append("\":\"");
    const std::size_t end = out.size() + most;
    for (std::size_t pos = 0; pos < value.size();) {
        const Piece piece = piece_at(value, pos);
        if (out.size() + piece.escaped.size() > end) break;
        out.append(piece.escaped);
        pos += piece.bytes;
    }
    out.push_back('"');
}

void append_with_metadata(std::string& out, std::string_view text, std::string_view members) {
    std::vector<MemberSpan> found;  // one, but nothing forbids more
    if (may_have_metadata(text))
        for_each_member(text, 0, [&](const MemberSpan& member) {
            if (has_key(member, kMetadata)) found.push_back(member);
        });
    std::size_t copied = 0;
    for (const MemberSpan& member : found) {
        // Of several the last one counts for most readers.
        const std::string_view added = &member == &found.back() ? members : std::string_view{};
        const std::string_view value = text.substr(member.value_begin, member.value_end - member.value_begin);
        out.append(text.substr(copied, member.value_begin - copied));
        if (value.front() == '{')
            append_object(out, value, added);
        else if (value == "null" && !added.empty())
            out.append("{").append(added).append("}");
        else
            out.append(value);
        copied = member.value_end;
    }
    out.append(text.substr(copied, text.size() - 1 - copied));
    if (found.empty()) out.append(R"(,"metadata":{)").append(members).append("}");
}

}  // namespace respand
